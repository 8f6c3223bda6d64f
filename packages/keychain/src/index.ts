export * from './fields.ts'
export * from './hlc.ts'
