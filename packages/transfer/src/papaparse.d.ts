/** The little of Papa Parse that the tests use as an independent reader and writer; it has no types of its own. */
declare module 'papaparse' {
  const Papa: {
    parse: (text: string, config: { delimiter: string; newline: string }) => { data: string[][] }
    unparse: (rows: readonly (readonly string[])[], config: { delimiter: string; newline: string; quotes: boolean }) => string
  }
  export default Papa
}
