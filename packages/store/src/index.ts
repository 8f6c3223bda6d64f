export * from './device-store.ts'
