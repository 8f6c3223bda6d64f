/** Door `@nokkel/escrow/testing`: the store's contract and doubles. Never for products. */
export { decodeAccount } from '../realm/account-state.ts'
export * from './escrow-world.ts'
export * from './host-doubles.ts'
export * from './hostile-realm.ts'
export * from './memory-realm-store.ts'
export * from './realm-store-contract.ts'
