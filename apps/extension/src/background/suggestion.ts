/** A strong password for a field: in our own shape, unless the site's rules ask for another (E7). */
import { lookUp, parsePasswordRules, starterFeed, type PasswordRules, type SiteFeed } from '@nokkel/autofill'
import { randomBelow, systemRandom, type Random } from '@nokkel/base'
import { generatePassword } from '@nokkel/keychain'
import type { Frame } from './frames.ts'
import { SessionMap } from './session-map.ts'

const usualLength = 20
const leastLength = 8
/** What rules of a server leave of a password, at the least (AUT-7); of eight letters and digits they leave 41. */
const leastBits = 40

function consecutive(text: string): number {
  let longest = 0
  let run = 0
  for (let at = 0; at < text.length; at++) {
    run = text[at] === text[at - 1] ? run + 1 : 1
    longest = Math.max(longest, run)
  }
  return longest
}

function fits(password: string, rules: PasswordRules): boolean {
  return (
    password.length >= (rules.minLength ?? 0) &&
    password.length <= (rules.maxLength ?? 128) &&
    consecutive(password) <= (rules.maxConsecutive ?? 128) &&
    rules.required.every((set) => [...password].some((char) => set.includes(char))) &&
    [...password].every((char) => rules.allowed.includes(char))
  )
}

function lengthBy(rules: PasswordRules | undefined, roof: number): number {
  return Math.min(roof, Math.max(rules?.minLength ?? 0, Math.min(usualLength, roof), leastLength))
}

function bitsOf(rules: PasswordRules): number {
  const length = lengthBy(rules, rules.maxLength ?? 128)
  const fixed = rules.required.slice(0, length)
  return fixed.reduce((sum, set) => sum + Math.log2(set.length), (length - fixed.length) * Math.log2(rules.allowed.length))
}

/** Whoever runs the server may wish for passwords that can be guessed: such rules are none. */
export function saidRules(said: SiteFeed | undefined, host: string): PasswordRules | undefined {
  const rules = said === undefined ? undefined : lookUp(said.passwordRules, host)
  return rules === undefined || bitsOf(rules) < leastBits ? undefined : rules
}

/** As the rules say: one of each required set, the rest of all that is allowed, in random order. */
export function passwordByRules(random: Random, rules: PasswordRules | undefined, maxLength: number): string {
  const ours = generatePassword(random)
  const roof = Math.min(rules?.maxLength ?? 128, maxLength > 0 ? maxLength : 128)
  if (ours.length <= roof && (rules === undefined || fits(ours, rules))) return ours
  const all = rules?.allowed ?? 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
  const length = lengthBy(rules, roof)
  const pick = (set: string): string => set.charAt(randomBelow(random, set.length))
  for (let attempt = 0; ; attempt++) {
    const chars = (rules?.required ?? []).slice(0, length).map(pick)
    while (chars.length < length) chars.push(pick(all))
    for (let at = chars.length - 1; at > 0; at--) {
      const other = randomBelow(random, at + 1)
      ;[chars[at], chars[other]] = [chars[other] as string, chars[at] as string]
    }
    const password = chars.join('')
    // rules that contradict each other have no password: then the last try stands, and the site says what it wants
    if (rules === undefined || consecutive(password) <= (rules.maxConsecutive ?? 128) || attempt > 50) return password
  }
}

export function passwordFor(frame: Frame, at: number, said: SiteFeed | undefined): string {
  const field = frame.page.fields[at]
  const host = new URL(frame.url).hostname
  const rules = parsePasswordRules(field?.passwordRules ?? '') ?? lookUp(starterFeed.passwordRules, host) ?? saidRules(said, host)
  return passwordByRules(systemRandom, rules, field?.maxLength ?? -1)
}

/** What was filled and may yet have to be found again, because a site took it and no save came of it. In memory, until saved, locked or closed. */
const made = new SessionMap<{ readonly password: string; readonly sinceMs: number }>('suggestions', 60 * 60_000)

export const loadSuggestions = (): Promise<void> => made.load()
export const purgeSuggestions = (): void => made.purge()

export function keepSuggestion(tabId: number, password: string): void {
  made.set(tabId, { password, sinceMs: Date.now() })
}

export function keptSuggestion(tabId: number): string {
  return made.get(tabId)?.password ?? ''
}

export const forgetSuggestion = (tabId: number): void => made.delete(tabId)
export const forgetSuggestions = (): Promise<void> => made.clear()
