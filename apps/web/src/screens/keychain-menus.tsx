/** The two menus above the list: which items (phone), and a new one. Drawn anew only for other values: not at every letter of a search. */
import { memo, type ReactNode, type RefObject } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import type { ItemKind } from '@nokkel/keychain'
import { go, useWords } from '../app/state.tsx'
import { Icon } from '@nokkel/ui/icon'
import { cx } from '@nokkel/ui/parts'
import { iconOf, placesFor, type Place } from './places.ts'
import styles from './keychain.module.css'

/** Passkeys are made by sites, not typed. */
const addable = ['password', 'card', 'wifi', 'note'] as const

export const CategoryMenu = memo(function CategoryMenu({
  place,
  counts,
}: {
  readonly place: Place
  readonly counts: Readonly<Record<string, number>> | null
}): ReactNode {
  const words = useWords()
  return (
    <MenuTrigger>
      <AriaButton className={cx(styles.categoryButton)}>
        <span>{words.t(`web.category.${place}`)}</span>
        <Icon name="down" />
      </AriaButton>
      <Popover className={cx(styles.popover)} placement="bottom start">
        <Menu
          className={cx(styles.menu)}
          aria-label={words.t('web.categories')}
          onAction={(key) => (key === 'security' ? go('security') : go('items', String(key)))}
        >
          {placesFor(counts, place).map((each) => (
            <MenuItem key={each} id={each} className={cx(styles.menuItem)} textValue={words.t(`web.category.${each}`)}>
              <Icon name={iconOf(each)} />
              <span>{words.t(`web.category.${each}`)}</span>
              <span className={styles.menuCount}>{counts === null || each === 'security' ? '' : words.number(counts[each] ?? 0)}</span>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
})

export const AddMenu = memo(function AddMenu({
  button,
  onAdd,
}: {
  readonly button: RefObject<HTMLButtonElement | null>
  readonly onAdd: (kind: ItemKind) => void
}): ReactNode {
  const words = useWords()
  return (
    <MenuTrigger>
      <AriaButton ref={button} className={cx(styles.add)}>
        <Icon name="plus" />
        <span>{words.t('web.add')}</span>
      </AriaButton>
      <Popover className={cx(styles.popover)} placement="bottom end">
        <Menu
          className={cx(styles.menu)}
          aria-label={words.t('web.edit.kind')}
          onAction={(key) => (key === 'import' ? go('import') : onAdd(key as ItemKind))}
        >
          {addable.map((kind) => (
            <MenuItem key={kind} id={kind} className={cx(styles.menuItem)} textValue={words.t(`web.edit.new.${kind}`)}>
              <Icon name={kind} />
              <span>{words.t(`web.edit.new.${kind}`)}</span>
            </MenuItem>
          ))}
          <MenuItem id="import" className={cx(styles.menuItem)} textValue={words.t('web.import')}>
            <Icon name="import" />
            <span>{words.t('web.import')} …</span>
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  )
})
