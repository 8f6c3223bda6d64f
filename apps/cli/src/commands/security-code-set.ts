/** `nokkel security-code set`: the code that brings a new device back where two factors are off (F3). */
export { chooseSecurityCode as command } from '../security-code-choice.ts'
