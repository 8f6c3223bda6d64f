/** Door `@nokkel/protocol`: everything with keys, for clients. The server uses `@nokkel/protocol/wire`. */
export * from './join.ts'
export * from './keys.ts'
export * from './make-batch.ts'
export * from './make-entry.ts'
export * from './seal-record.ts'
export * from './seal-share.ts'
export * from './sign-in.ts'
export * from './wire/index.ts'
