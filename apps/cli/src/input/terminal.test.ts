import { describe, expect, it } from 'vitest'
import { LineEditor } from './terminal.ts'

function type(keys: string) {
  let echoed = ''
  const editor = new LineEditor((text) => (echoed += text))
  const { outcome, rest } = editor.feed(keys)
  return { outcome, rest, text: editor.text, echoed }
}

describe('typing a line', () => {
  it.each([
    ['abc\r', 'abc'],
    ['abc\n', 'abc'],
    ['blåbær 👩‍💻\r', 'blåbær 👩‍💻'],
    ['abx\u007fc\r', 'abc'],
    ['\u007f\u007fabc\r', 'abc'],
    ['wrong\u0015right\r', 'right'],
    ['two words\u0017w\r', 'two w'],
    ['a\u001b[Db\u001b[3~\u001bOAc\u001bxd\r', 'abcd'],
    ['a\u0001b\u0000c\r', 'abc'],
    ['tab\there\r', 'tab\there'],
  ])('%j gives %j', (keys, text) => {
    expect(type(keys)).toMatchObject({ outcome: 'done', text })
  })

  it('leaves what was typed ahead to the next question', () => {
    expect(type('one\rtwo\r')).toMatchObject({ outcome: 'done', text: 'one', rest: 'two\r' })
    expect(type('one\r\ntwo')).toMatchObject({ text: 'one', rest: 'two' })
  })

  it('is cancelled by Ctrl-C anywhere and by Ctrl-D on an empty line', () => {
    expect(type('abc\u0003')).toMatchObject({ outcome: 'cancelled' })
    expect(type('\u0004')).toMatchObject({ outcome: 'cancelled' })
    expect(type('abc\u0004')).toMatchObject({ outcome: 'more', text: 'abc' })
  })

  it('goes on over several reads, also within an escape sequence', () => {
    const editor = new LineEditor(undefined)
    for (const keys of ['a', '\u001b', '[', '1;5', 'Cb', '\r']) editor.feed(keys)
    expect(editor.text).toBe('ab')
  })

  it('shows what is typed only when it may', () => {
    expect(type('ab\u007f\r').echoed).toBe('ab\b \b')
  })
})
