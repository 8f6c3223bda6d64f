/**
 * Firefox: `url,username,password,httpRealm,formActionOrigin,guid,timeCreated,timeLastUsed,timePasswordChanged`, times in
 * milliseconds. There is no title. `url` and `formActionOrigin` are origins.
 */
import { buildLogin, columnsOf, type CsvFormat } from '../csv-format.ts'

export const firefoxCsv: CsvFormat = {
  id: 'firefox-csv',
  columns: columnsOf(
    {
      url: 'site',
      username: 'username',
      password: 'password',
      httprealm: 'realm',
      formactionorigin: 'form-origin',
      guid: 'bookkeeping',
      timecreated: 'created',
      timelastused: 'bookkeeping',
      timepasswordchanged: 'modified',
    },
    [
      ['url', 'username', 'password', 'httprealm'],
      ['url', 'username', 'password', 'formactionorigin'],
      ['url', 'username', 'password', 'timecreated'],
    ],
  ),
  build: (row, lossy) =>
    buildLogin(row, lossy, false, (builder) => {
      builder.times(milliseconds(row.peek('created')), milliseconds(row.peek('modified')))
      const origin = row.peek('form-origin').trim()
      // not a site of the item: what may be filled there is decided by where the password was used, not by where it was sent
      if (origin !== row.peek('site').trim()) builder.keepAsCustom(row.labelOf('form-origin'), origin, false)
      builder.keepAsCustom(row.labelOf('realm'), row.peek('realm'), false)
      return ['created', 'modified', 'form-origin', 'realm']
    }),
}

function milliseconds(cell: string): number | undefined {
  return /^\s*\d{1,16}\s*$/.test(cell) ? Number(cell) : undefined
}
