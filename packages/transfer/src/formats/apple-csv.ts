/**
 * Apple Passwords, and Safari before it: `Title,URL,Username,Password,Notes,OTPAuth`; older systems wrote no Notes or no OTPAuth.
 * Passkeys, Wi-Fi and shared groups are not in the file.
 */
import { buildLogin, columnsOf, type CsvFormat } from '../csv-format.ts'

export const appleCsv: CsvFormat = {
  id: 'apple-csv',
  columns: columnsOf({ title: 'title', url: 'site', username: 'username', password: 'password', notes: 'notes', otpauth: 'totp' }, [
    ['title', 'url', 'username', 'password'],
  ]),
  build: (row, lossy) => buildLogin(row, lossy, false),
}
