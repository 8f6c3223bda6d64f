/** `nokkel security-code change`: another one in its place; the old one is not asked for, since this device is trusted (F5, F6). */
export { chooseSecurityCode as command } from '../security-code-choice.ts'
