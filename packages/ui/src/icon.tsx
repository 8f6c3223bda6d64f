/** The icons, drawn here: 24 units square, one line of 1.75, in the colour of the text. Decoration only; words stand beside or as labels. */
import type { ReactNode } from 'react'
import styles from './parts.module.css'

const paths = {
  all: 'M4 6h16M4 12h16M4 18h16',
  password: 'M8 15a4 4 0 1 1 3.5-6H21v3h-2v3h-3v-3h-4.5A4 4 0 0 1 8 15Zm0-4h.01',
  passkey: 'M10 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM3 21c0-4 3-6.500 7-6.500M17 12a3 3 0 0 1 1 5.800V21l-1 1-1-1v-3.200A3 3 0 0 1 17 12Z',
  code: 'M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM12 7.500V12l3 2',
  card: 'M3 6.500h18v11H3ZM3 10.500h18M6.500 14.500h4',
  wifi: 'M3 9.500a13 13 0 0 1 18 0M6 13a8.500 8.500 0 0 1 12 0M9 16.400a4.200 4.200 0 0 1 6 0M12 19.500h.01',
  note: 'M6 3.500h8l4 4v13H6ZM14 3.500v4h4M9 12h6M9 15.500h6',
  deleted: 'M4.500 7h15M10 11v6M14 11v6M6.500 7l1 13h9l1-13M9.500 7V4h5v3',
  devices: 'M3 5h13v9H3ZM7 18h5M9.500 14v4M16 9.500h5V20h-5Z',
  terminal: 'M3 5h18v14H3ZM7 9.500l2.500 2.500L7 14.500M12.500 15h4.500',
  settings: 'M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4M4 12h5',
  lock: 'M6 11h12v9H6ZM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM15.500 15.500 20 20',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M14.500 5.500 8 12l6.500 6.500',
  next: 'M9.500 5.500 16 12l-6.500 6.500',
  down: 'M6 9.500l6 6 6-6',
  eye: 'M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  'eye-off':
    'M4 4l16 16M9.900 5.800A9 9 0 0 1 12 5.500c6 0 9.500 6.500 9.500 6.500a17 17 0 0 1-3 3.800M6.500 7.500A16 16 0 0 0 2.500 12S6 18.500 12 18.500a9 9 0 0 0 4-.9',
  copy: 'M8.500 8.500h11v12h-11ZM15.500 8.500v-5h-11v12h4',
  warning: 'M12 4 2.800 19.500h18.400ZM12 10v4.500M12 17h.01',
  offline: 'M4 4l16 16M8.800 8a13 13 0 0 0-5.800 2.500M12.500 7.200A13 13 0 0 1 21 10.500M6 14a8.500 8.500 0 0 1 5-2.300M12 18.500h.01',
  star: 'M12 4l2.400 5.200 5.600.700-4.100 3.900 1.100 5.700-5-2.800-5 2.800 1.100-5.700L4 9.900l5.600-.7Z',
  import: 'M12 4v11M7.500 10.500 12 15l4.500-4.500M4.500 19.500h15',
  open: 'M10 5H5v14h14v-5M13.500 4.500h6v6M19 5l-8.500 8.500',
  check: 'M5 12.500l4.500 4.500L19.500 7',
  dice: 'M12 3.500l1.800 5.200L19 10.500l-5.200 1.800L12 17.500l-1.800-5.200L5 10.500l5.200-1.800ZM18.500 16v4M16.500 18h4',
  fingerprint:
    'M6 10a6 6 0 0 1 12 0v2.500c0 2 .3 3.500 1 5M9 18.500c.700-2 1-4 1-6V10a2 2 0 0 1 4 0v2.500c0 3-.300 5.500-1.200 8M6 13c0 1.500-.200 2.800-.7 4M16.500 17.500c.200 1 .4 1.800.7 2.500',
  recovery: 'M12 3.500 5 6v5.500c0 4.300 2.800 7.500 7 9 4.200-1.500 7-4.700 7-9V6ZM9 12l2.200 2.200L15.200 10',
  phone: 'M7.500 3.500h9v17h-9ZM11 17.500h2',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7Z',
  help: 'M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM9.600 9.700a2.500 2.500 0 1 1 3.500 2.300c-.700.300-1.100.900-1.100 1.700M12 16.500h.01',
  activity: 'M3 12h4l3-7 4 14 3-7h4',
} as const

export type IconName = keyof typeof paths

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className={styles.icon} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}

/** The mark of Nøkkelring: a ring and a key. */
export function Mark(): ReactNode {
  return (
    <svg className={styles.mark} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect width="64" height="64" rx="15" />
      <circle cx="32" cy="25" r="13" />
      <path d="M32 38v16m0-4h8m-8-8h6" />
    </svg>
  )
}
