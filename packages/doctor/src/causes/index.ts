/** All causes. Their order of rank is that of `codes.ts`; here they only come together. A new cause: a code there, a file here, words. */
import type { Cause } from '../cause.ts'
import * as approval from './approval.ts'
import * as browser from './browser.ts'
import { causeCodes } from './codes.ts'
import * as items from './items.ts'
import * as number from './number.ts'
import * as securityCode from './security-code.ts'
import * as service from './service.ts'
import * as synchronising from './synchronising.ts'
import * as thisDevice from './this-device.ts'
import * as wayToServer from './way-to-server.ts'

const isCause = (value: unknown): value is Cause => typeof value === 'object' && value !== null && 'find' in value

export const causes: readonly Cause[] = [thisDevice, wayToServer, service, approval, synchronising, items, browser, number, securityCode]
  .flatMap((part): unknown[] => Object.values(part))
  .filter(isCause)
  .sort((a, b) => causeCodes.indexOf(a.code) - causeCodes.indexOf(b.code))
