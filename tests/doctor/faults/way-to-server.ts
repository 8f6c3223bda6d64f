/** Roads that end before the server, or at something else. */
import type { CauseCode } from '@nokkel/doctor'
import { answers, noSuchName, noWayOut, nobodyListens, saysNothing, withCertificate, type DeadEnd } from '../dead-ends.ts'
import { ofServer, works, type Fault } from './fault.ts'

function brokenRoad(name: string, code: CauseCode, end: () => Promise<DeadEnd> | DeadEnd): Fault {
  return {
    name,
    code,
    symptom: 'not-syncing',
    kind: 'road',
    closes: ofServer,
    turn: 9,
    async make(ward) {
      const dead = await end()
      ward.extra.push(() => dead.close())
      ward.berit.road.detour = dead.url
      return ward.berit
    },
    async remedy(_, { road }) {
      road.detour = null
    },
    works,
  }
}

export const wayToServer: readonly Fault[] = [
  brokenRoad('no network', 'no-network', () => noWayOut),
  brokenRoad('server unreachable: nobody listens', 'server-unreachable', nobodyListens),
  brokenRoad('server unreachable: its name is unknown', 'server-unreachable', () => noSuchName),
  brokenRoad('server silent', 'server-silent', saysNothing),
  brokenRoad('TLS: the certificate has expired, or the clock is wrong', 'certificate-time', () => withCertificate('expired.pem')),
  brokenRoad('TLS: the certificate is nobody’s', 'certificate-not-trusted', () => withCertificate('other-name.pem')),
  brokenRoad('proxy: a network that asks for a sign-in first', 'proxy-in-between', () => answers(511, '<a href="/login">Log in</a>')),
  brokenRoad('proxy: forbids the way', 'other-answer', () => answers(403, '<html>Blocked by policy</html>')),
  brokenRoad('another page answers', 'other-answer', () => answers(200, '<html>Welcome to the hotel</html>')),
  brokenRoad('a network sends everybody elsewhere', 'other-answer', () =>
    answers(302, '', 'text/html', { location: 'http://127.0.0.1:1/login' }),
  ),
  brokenRoad('the server behind the proxy is down', 'server-down', () => answers(502, 'Bad Gateway')),
  brokenRoad('outage: the server cannot serve', 'server-down', () =>
    answers(503, '{"code":"server-unavailable"}', 'application/problem+json'),
  ),
]
