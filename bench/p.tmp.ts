import { createDevice, importItems, openDevice, createVault, joinDevice, newEmail } from './parts/device.ts'
import { bitwardenJson, loginItems } from './parts/items.ts'
import { inWorld } from './parts/world.ts'
import { Session } from 'node:inspector/promises'
import { writeFileSync } from 'node:fs'
export async function profiled(name: string, work: () => Promise<unknown>) {
  const s = new Session(); s.connect(); await s.post('Profiler.enable'); await s.post('Profiler.setSamplingInterval', { interval: 500 }); await s.post('Profiler.start')
  const c = process.cpuUsage(); const t = performance.now()
  await work()
  const d = process.cpuUsage(c)
  const { profile } = await s.post('Profiler.stop')
  writeFileSync(`/tmp/prof/${name}.cpuprofile`, JSON.stringify(profile)); s.disconnect()
  console.log(name, 'wall', Math.round(performance.now() - t), 'cpu', Math.round((d.user + d.system) / 1000), 'rss', Math.round(process.memoryUsage().rss / 1e6))
  const self = new Map<string, number>(), byId = new Map<number, any>()
  for (const n of profile.nodes) byId.set(n.id, n)
  profile.samples!.forEach((id: number, i: number) => { const n = byId.get(id); const k = `${n.callFrame.functionName || '(anon)'} ${n.callFrame.url.split('/').slice(-3).join('/')}:${n.callFrame.lineNumber + 1}`; self.set(k, (self.get(k) ?? 0) + profile.timeDeltas![i]! / 1000) })
  // inclusive
  const incl = new Map<string, number>(); const parent = new Map<number, number>()
  for (const n of profile.nodes) for (const c of n.children ?? []) parent.set(c, n.id)
  profile.samples!.forEach((id: number, i: number) => { const seen = new Set<string>(); for (let x: number | undefined = id; x !== undefined; x = parent.get(x)) { const n = byId.get(x); const k = `${n.callFrame.functionName || '(anon)'} ${n.callFrame.url.split('/').slice(-3).join('/')}:${n.callFrame.lineNumber + 1}`; if (!seen.has(k)) { seen.add(k); incl.set(k, (incl.get(k) ?? 0) + profile.timeDeltas![i]! / 1000) } } })
  const show = (m: Map<string, number>, n: number) => [...m].sort((a, b) => b[1] - a[1]).slice(0, n).forEach(([k, v]) => console.log('  ', Math.round(v), k))
  console.log(' self'); show(self, 22); console.log(' inclusive'); show(incl, 45)
}
if (import.meta.main) await inWorld(async (world) => {
  const server = await world.server()
  const email = newEmail()
  const a = await createDevice(server.url, world.place(), email)
  await profiled('import', () => importItems(a, 10000))
  const home = world.place()
  const { signInDevice } = await import('./parts/device.ts')
  const c = await signInDevice(server.url, home, email)
  const t = await c.requestJoin()
  const w = c.waitForJoin()
  await profiled('join', async () => { await a.approve(t.requestId, t.code); await w })
  await a.close(); await c.close()
})
