/**
 * Chrome, Edge, Brave, Opera and Vivaldi: `name,url,username,password,note`; without the last column before Chrome 110.
 * Passwords of Android apps have addresses like `android://…@com.example.app/`.
 */
import { buildLogin, columnsOf, type CsvFormat } from '../csv-format.ts'

export const chromeCsv: CsvFormat = {
  id: 'chrome-csv',
  columns: columnsOf({ name: 'title', url: 'site', username: 'username', password: 'password', note: 'notes', notes: 'notes' }, [
    ['name', 'url', 'username', 'password'],
  ]),
  build: (row, lossy) => buildLogin(row, lossy, false),
}
