export * from './device-store.ts'
export * from './memory.ts'
export * from './sealed-store.ts'
