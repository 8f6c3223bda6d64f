/** All word tables. English goes last: of two words with the same boundaries the first stands, and English words are the most ambiguous. */
import { arabic, chinese, japanese, korean, others } from './asian.ts'
import { czech, greek, hungarian, polish, romanian, russian, turkish } from './eastern.ts'
import { danish, english, finnish, norwegian, swedish } from './nordic.ts'
import type { WordTable } from './table.ts'
import { dutch, french, german, italian, portuguese, spanish } from './western.ts'

export const tables: readonly WordTable[] = [
  norwegian, swedish, danish, finnish, german, dutch, french, spanish, portuguese, italian,
  polish, czech, russian, turkish, greek, hungarian, romanian, japanese, chinese, korean, arabic, others, english,
] // prettier-ignore
