/** The frame around the keychain: banners on top, categories at the side (desktop) or in the title's menu (phone), main menu below. */
import { lazy, Suspense, useEffect, useRef, type ReactNode } from 'react'
import type { Page } from '../app/pages.ts'
import { useAnswer } from '@nokkel/ui/action'
import { go, useRoute, useWords } from '../app/state.tsx'
import { useNotices } from '../app/notices.ts'
import { call } from '../app/worker-client.ts'
import { Icon, Mark, type IconName } from '@nokkel/ui/icon'
import { cx, Spinner } from '@nokkel/ui/parts'
import type { Snapshot } from '../worker/protocol.ts'
import { Activity } from './activity.tsx'
import { Banners } from './banners.tsx'
import { Devices } from './devices.tsx'
import { Import } from './import.tsx'
import { Keychain } from './keychain.tsx'
import { categories, iconOf, placesFor } from './places.ts'
import { Security } from './security.tsx'
import { Settings } from './settings.tsx'
import { WaysBack } from './ways-back/ways-back.tsx'
import styles from './shell.module.css'

const Help = lazy(async () => ({ default: (await import('./help/help.tsx')).Help }))

const pages: readonly (readonly [Page, IconName, 'web.nav.keychain' | 'web.nav.devices' | 'web.nav.settings'])[] = [
  ['items', 'password', 'web.nav.keychain'],
  ['devices', 'devices', 'web.nav.devices'],
  ['settings', 'settings', 'web.nav.settings'],
]

export function Shell({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const route = useRoute()
  const { value: counts } = useAnswer(() => call('counts'), [snapshot.version])
  const main = useRef<HTMLElement>(null)
  useNotices(snapshot.settings.language)
  const firstPage = useRef(true)
  const category = categories.find((each) => each === route.category) ?? 'all'
  useEffect(() => {
    // a reader with a keyboard or a screen reader is taken to the new page, not left on the link
    if (firstPage.current) firstPage.current = false
    else {
      main.current?.focus({ preventScroll: true })
      // the box is the same for all pages, and would stay where the one before was left
      main.current?.scrollTo({ top: 0, behavior: 'instant' })
    }
  }, [route.page])
  const tab =
    route.page === 'activity' || route.page === 'import' || route.page === 'recovery' || route.page === 'help'
      ? 'settings'
      : route.page === 'security'
        ? 'items'
        : route.page
  const requests = snapshot.joinRequests.length

  return (
    <div className={styles.shell} data-page={route.page}>
      <nav className={styles.side} aria-label={words.t('web.nav')}>
        <p className={styles.brand}>
          <Mark />
          <span>Nøkkelring</span>
        </p>
        <ul className={styles.links} aria-label={words.t('web.categories')}>
          {placesFor(counts, category).map((each) => (
            <li key={each}>
              <a
                className={styles.link}
                href={each === 'security' ? '#/security' : `#/items/${each}`}
                aria-current={
                  (each === 'security' ? route.page === each : route.page === 'items' && category === each) ? 'page' : undefined
                }
              >
                <Icon name={iconOf(each)} />
                <span>{words.t(`web.category.${each}`)}</span>
                {each !== 'security' && <span className={styles.count}>{counts === null ? '' : words.number(counts[each] ?? 0)}</span>}
              </a>
            </li>
          ))}
        </ul>
        <ul className={cx(styles.links, styles.pages)}>
          {pages.slice(1).map(([page, icon, text]) => (
            <li key={page}>
              <a className={styles.link} href={`#/${page}`} aria-current={tab === page ? 'page' : undefined}>
                <Icon name={icon} />
                <span>{words.t(text)}</span>
                {page === 'devices' && requests > 0 && <span className={styles.badge}>{words.number(requests)}</span>}
              </a>
            </li>
          ))}
          <li>
            <button type="button" className={styles.link} onClick={() => void call('lock').catch(() => undefined)}>
              <Icon name="lock" />
              <span>{words.t('web.nav.lock')}</span>
            </button>
          </li>
        </ul>
      </nav>
      <div className={styles.body}>
        <Banners snapshot={snapshot} page={route.page} />
        <main ref={main} tabIndex={-1} className={styles.main}>
          {route.page === 'items' && <Keychain snapshot={snapshot} category={category} item={route.item} counts={counts} />}
          {route.page === 'devices' && <Devices snapshot={snapshot} />}
          {route.page === 'settings' && <Settings snapshot={snapshot} />}
          {route.page === 'security' && <Security snapshot={snapshot} counts={counts} />}
          {route.page === 'recovery' && <WaysBack snapshot={snapshot} />}
          {route.page === 'activity' && <Activity />}
          {route.page === 'import' && <Import />}
          {route.page === 'help' && (
            <Suspense fallback={<Spinner />}>
              <Help snapshot={snapshot} />
            </Suspense>
          )}
        </main>
      </div>
      <nav className={styles.tabs} aria-label={words.t('web.nav')} data-hidden={route.item !== null || undefined}>
        {pages.map(([page, icon, text]) => (
          <button key={page} type="button" className={styles.tab} aria-current={tab === page ? 'page' : undefined} onClick={() => go(page)}>
            <Icon name={icon} />
            <span>{words.t(text)}</span>
            {page === 'devices' && requests > 0 && <span className={styles.badge}>{words.number(requests)}</span>}
          </button>
        ))}
        <button type="button" className={styles.tab} onClick={() => void call('lock').catch(() => undefined)}>
          <Icon name="lock" />
          <span>{words.t('web.nav.lock')}</span>
        </button>
      </nav>
    </div>
  )
}
