/** The only script addresses that this page ever makes (Trusted Types; the policy's name stands in the server's header). */
import workerUrl from '../worker/entry.ts?worker&url'

interface ScriptUrlPolicy {
  createScriptURL(url: string): string
}
interface PolicyFactory {
  createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy
}
const serviceWorkerUrl = '/service-worker.js'
const rules: ScriptUrlPolicy = {
  createScriptURL(url) {
    if (url !== workerUrl && url !== serviceWorkerUrl) throw new TypeError('not a script of ours')
    return url
  },
}
const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes
const policy = factory?.createPolicy('nokkelring', rules) ?? rules

export const keychainWorkerScript = (): string => policy.createScriptURL(workerUrl)
export const serviceWorkerScript = (): string => policy.createScriptURL(serviceWorkerUrl)
