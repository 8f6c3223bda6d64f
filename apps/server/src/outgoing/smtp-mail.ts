/** Mail through an SMTP server, by nodemailer. One connection, bounded in time; certificates are checked, and no plain password goes over an open line. */
import { createTransport } from 'nodemailer'
import type { MailSender } from './mail.ts'

export interface SmtpSettings {
  readonly host: string
  readonly port: number
  /** `implicit`: TLS from the first byte (465); `starttls`: required after the greeting; `none`: only for a server on this machine */
  readonly tls: 'implicit' | 'starttls' | 'none'
  readonly from: string
  readonly user: string | null
  readonly password: string | null
  readonly timeoutMs: number
}

export function smtpMail(settings: SmtpSettings): MailSender {
  const { host, port, tls, from, user, password, timeoutMs } = settings
  const transport = createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // what a message names is never fetched: the text is all there is
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(user !== null && password !== null && { auth: { user, pass: password } }),
  })
  return {
    name: 'smtp',
    async send({ to, subject, text }) {
      // an address object, so that nothing in it is read as a list of recipients
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text, headers: { 'auto-submitted': 'auto-generated' } })
    },
    close: () => {
      transport.close()
      return Promise.resolve()
    },
  }
}
