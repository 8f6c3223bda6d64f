/** Every word a person reads, in Norwegian bokmål and English. L0: knows codes and keys, not what they mean. */
export type { ErrorWords } from './catalogue.ts'
export { en, nb } from './catalogues.ts'
export * from './create-messages.ts'
export * from './pick-language.ts'
export * from './server-news.ts'
export * from './server-page.ts'
export * from './status-page.ts'
export * from './transfer.ts'
