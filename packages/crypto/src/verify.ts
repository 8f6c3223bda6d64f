/** Door `@nokkel/crypto/verify`: hashing and verification, nothing that takes a secret. The server's door. */
export * from './hash.ts'
export * from './sign-verify.ts'
