/**
 * A network as telephones read it from a QR code: `WIFI:T:…;S:…;P:…;H:true;;` (ZXing's form, which Android and iOS take). What is special
 * in it is escaped with a backslash, so that no name of a network can add a field.
 */
export interface WifiNetwork {
  readonly ssid: string
  readonly password: string
  readonly security: string
  readonly hidden: boolean
}

const escaped = (text: string): string => text.replaceAll(/[\\;,:"]/g, (sign) => `\\${sign}`)

export function wifiText({ ssid, password, security, hidden }: WifiNetwork): string {
  const kind =
    password === '' ? 'nopass' : /wep/i.test(security) ? 'WEP' : /sae|wpa ?3/i.test(security) && !/wpa ?2/i.test(security) ? 'SAE' : 'WPA'
  const parts = [`T:${kind}`, `S:${escaped(ssid)}`]
  if (password !== '') parts.push(`P:${escaped(password)}`)
  if (hidden) parts.push('H:true')
  return `WIFI:${parts.join(';')};;`
}
