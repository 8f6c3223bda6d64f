/** Something that is on or off, and takes effect at once. Apart from the other parts, because only an open keychain has any. */
import type { ReactNode } from 'react'
import { Switch as AriaSwitch } from 'react-aria-components/Switch'
import { cx } from './parts.tsx'
import styles from './parts.module.css'

export function Switch({
  label,
  on,
  onChange,
}: {
  readonly label: string
  readonly on: boolean
  readonly onChange: (on: boolean) => void
}): ReactNode {
  return (
    <AriaSwitch className={cx(styles.switch)} isSelected={on} onChange={onChange}>
      <span>{label}</span>
      <span className={styles.switchTrack} />
    </AriaSwitch>
  )
}
