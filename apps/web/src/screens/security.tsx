/** Passwords that need attention: weak, used in several places, old; and items for the same site and user name, to be made one (B2). */
import { useState, type ReactNode } from 'react'
import { useAnswer } from '@nokkel/ui/action'
import { go, tell, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Icon } from '@nokkel/ui/icon'
import { Button, Empty, Spinner } from '@nokkel/ui/parts'
import type { ItemSummary, Snapshot } from '../worker/protocol.ts'
import { hostOf } from '@nokkel/ui/item-fields'
import { Tile } from './item-tile.tsx'
import { AskDialog } from '@nokkel/ui/ask-dialog'
import { CategoryMenu } from './keychain-menus.tsx'
import list from './keychain.module.css'
import styles from './page.module.css'
import own from './security.module.css'

/** More than this at once would help nobody. */
const shownMost = 100

interface Props {
  readonly snapshot: Snapshot
  readonly counts: Readonly<Record<string, number>> | null
}

export function Security({ snapshot, counts }: Props): ReactNode {
  const words = useWords()
  const { value: health, error } = useAnswer(() => call('health'), [snapshot.version])
  const [merging, setMerging] = useState<readonly ItemSummary[] | null>(null)
  const writable = snapshot.state === 'trusted'
  const sections =
    health === null
      ? []
      : ([
          ['weak', health.weak.map((item) => [item])],
          ['reused', health.reused],
          ['old', health.old.map((item) => [item])],
          ['duplicates', health.duplicates],
        ] as const)
  const fine = health !== null && sections.every(([, groups]) => groups.length === 0)
  return (
    <div className={styles.page}>
      <div>
        <h1 className={list.wideTitle}>{words.t('web.category.security')}</h1>
        <CategoryMenu place="security" counts={counts} />
      </div>
      <p className={styles.quiet}>{words.t('web.security.about')}</p>
      {health === null && error === null && (
        <p className={own.working} role="status">
          <Spinner /> {words.t('web.security.working')}
        </p>
      )}
      {fine && <Empty icon="recovery" title={words.t('web.security.fine')} text={words.t('web.security.fine-text')} />}
      {sections.map(
        ([name, groups]) =>
          groups.length > 0 && (
            <section key={name} aria-labelledby={`security-${name}`}>
              <h2 id={`security-${name}`}>{words.t(`web.security.${name}`, { count: groups.length })}</h2>
              <p className={styles.quiet}>{words.t(`web.security.${name}-text`)}</p>
              <ul className={styles.cards}>
                {groups.slice(0, shownMost).map((group) => (
                  <li key={group.map(({ id }) => id).join()} className={own.group}>
                    {group.map((item) => (
                      <Line key={item.id} item={item} changeAt={name === 'duplicates' ? undefined : health?.changeAt[item.id]} />
                    ))}
                    {name === 'duplicates' && writable && (
                      <div className={own.action}>
                        <Button onPress={() => setMerging(group)}>{words.t('web.security.merge')}</Button>
                      </div>
                    )}
                  </li>
                ))}
              </ul>
              {groups.length > shownMost && (
                <p className={styles.quiet}>{words.t('web.security.more', { count: groups.length - shownMost })}</p>
              )}
            </section>
          ),
      )}
      {merging !== null && <Merge group={merging} onClose={() => setMerging(null)} />}
    </div>
  )
}

/** `changeAt`: an address of the item's own site, wherever it was learnt (AUT-8). */
function Line({ item, changeAt }: { readonly item: ItemSummary; readonly changeAt: string | undefined }): ReactNode {
  const words = useWords()
  const [site = ''] = item.sites
  return (
    <div className={own.row}>
      <button type="button" className={own.line} onClick={() => go('items', 'all', item.id)}>
        <Tile item={item} />
        <span className={own.text}>
          <strong>{item.title === '' ? words.t('web.item.untitled') : item.title}</strong>
          <span>{[item.username, hostOf(site)].filter((part) => part !== '').join(' · ')}</span>
        </span>
        <Icon name="next" />
      </button>
      {changeAt !== undefined && (
        <a className={own.change} href={changeAt} target="_blank" rel="noopener noreferrer">
          {words.t('web.security.change', { site: new URL(changeAt).hostname.replace(/^www\./, '') })}
        </a>
      )}
    </div>
  )
}

function Merge({ group, onClose }: { readonly group: readonly ItemSummary[]; readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const [kept] = group
  if (kept === undefined) return null
  const merge = async (): Promise<void> => {
    await call(
      'mergeItems',
      group.map(({ id }) => id),
    )
    tell(words.t('web.security.merged'))
  }
  return (
    <AskDialog
      title={words.t('web.security.merge-ask', { count: group.length })}
      go={words.t('web.security.merge')}
      work={merge}
      onClose={onClose}
    >
      <p>{words.t('web.security.merge-text', { title: kept.title, time: words.dateTime(kept.modifiedMs) })}</p>
    </AskDialog>
  )
}
