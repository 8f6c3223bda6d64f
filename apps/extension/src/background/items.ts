/**
 * The popup's calls about single items (EXT-13): what is shown without secrets, what is asked for with them, and what was typed. Whether a device may
 * write is the client's to say; a secret leaves only after the person was asked (EXT-8).
 */
import type { ItemId } from '@nokkel/base'
import { readDraft, showItem, textOf } from '@nokkel/client'
import { parseTotp, totpCode } from '@nokkel/keychain'
import type { Calls } from '../protocol.ts'
import type { HeldDevice } from './held-device.ts'

type ItemCalls = Pick<Calls, 'item' | 'itemForEdit' | 'reveal' | 'verificationCode' | 'add' | 'edit' | 'delete'>

/** `ask`: throws `proof-needed`, `locked`. */
export function itemCalls(device: HeldDevice, ask: () => Promise<void>): ItemCalls {
  const find = (id: string) => device.client().item(id as ItemId)
  const valueOf = async (id: string, field: string): Promise<string> =>
    textOf((await find(id)).fields.find(({ name }) => name === field)?.value ?? null)
  return {
    item: async (id) => showItem(await find(id), false),
    async itemForEdit(id) {
      await ask()
      return showItem(await find(id), true)
    },
    async reveal(id, field) {
      await ask()
      return valueOf(id, field)
    },
    async verificationCode(id) {
      await ask()
      const key = await valueOf(id, 'totp')
      return { ...(await totpCode(key, Date.now())), periodMs: parseTotp(key).periodSeconds * 1_000 }
    },
    async add(kind, draft) {
      const id = await device.client().addItem({ kind, fields: readDraft(draft).set })
      await device.itemsChanged()
      return id
    },
    async edit(id, draft) {
      await device.client().editItem(id as ItemId, readDraft(draft))
      await device.itemsChanged()
    },
    async delete(id) {
      await device.client().deleteItem(id as ItemId)
      await device.itemsChanged()
    },
  }
}
