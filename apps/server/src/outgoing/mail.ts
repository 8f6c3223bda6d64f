/** What sends a mail. Plain text, one recipient, nothing in it that would be worth stealing. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

export interface MailSender {
  readonly name: string
  /** Resolves when the next server has taken it over; throws when it has not. */
  send(mail: Mail): Promise<void>
  close(): Promise<void>
}
