import { PassThrough } from 'node:stream'
import { createMessages } from '@nokkel/messages'
import { describe, expect, it } from 'vitest'
import { createOutput } from './output.ts'
import { progressLine } from './progress-bar.ts'
import { layOutPairs, layOutTable } from './table.ts'
import { cutText, safeLine, safeText, textWidth } from './terminal-text.ts'

const escape = '\u001b'

function capture(options: { readonly isTTY: boolean; readonly env?: NodeJS.ProcessEnv }) {
  const streams = [new PassThrough(), new PassThrough()] as const
  for (const stream of streams) Object.assign(stream, { isTTY: options.isTTY, columns: 40 })
  const [stdout, stderr] = streams as unknown as readonly [NodeJS.WriteStream, NodeJS.WriteStream]
  const read = (stream: PassThrough) => String(stream.read() ?? '')
  return { out: createOutput(options.env ?? {}, stdout, stderr), stdout: () => read(streams[0]), stderr: () => read(streams[1]) }
}

describe('text from elsewhere in a terminal', () => {
  it('cannot steer it', () => {
    expect(safeText(`a${escape}[31mb\u0007\u009bc\u202ed\r`)).toBe('a\ufffd[31mb\ufffd\ufffdc\ufffdd\ufffd')
    expect(safeText('blåbær 日本 👩‍💻\n\tok')).toBe('blåbær 日本 👩‍💻\n\tok')
    expect(safeLine('one\r\ntwo\tthree')).toBe('one two three')
  })

  it('is measured in columns', () => {
    expect(textWidth('nøkkel')).toBe(6)
    expect(textWidth('日本')).toBe(4)
    expect(textWidth('e\u0301')).toBe(1)
    expect(cutText('日本語のタイトル', 7)).toBe('日本語…')
    expect(textWidth(cutText('日本語のタイトル', 7))).toBeLessThanOrEqual(7)
    expect(cutText('short', 7)).toBe('short')
  })
})

describe('tables', () => {
  it('aligns columns and puts each row on one line', () => {
    const { heading, lines } = layOutTable(
      ['Title', 'Id'],
      [
        ['日本', '1'],
        ['multi\nline', '22'],
      ],
      undefined,
    )
    expect([heading, ...lines]).toEqual(['Title       Id', '日本        1', 'multi line  22'])
  })

  it('fits the terminal by cutting the widest columns, and cuts nothing elsewhere', () => {
    const rows = [['x'.repeat(200), 'short', 'y'.repeat(50)]]
    const narrow = layOutTable(['a', 'b', 'c'], rows, 60)
    expect(textWidth(narrow.lines[0] as string)).toBeLessThanOrEqual(60)
    expect(narrow.lines[0]).toContain('…')
    expect(layOutTable(['a', 'b', 'c'], rows, undefined).lines[0]).toContain('x'.repeat(200))
  })

  it('indents the further lines of a value', () => {
    expect(
      layOutPairs(
        [
          ['Name', 'a\nb'],
          ['N', 'c'],
        ],
        (text) => text,
      ),
    ).toEqual(['Name  a\n      b', 'N     c'])
  })
})

describe('the output', () => {
  it('has colours in a terminal and none elsewhere or with NO_COLOR', () => {
    for (const [isTTY, env, coloured] of [
      [true, {}, true],
      [false, {}, false],
      [true, { NO_COLOR: '1' }, false],
      [true, { TERM: 'dumb' }, false],
    ] as const) {
      const { out, stdout } = capture({ isTTY, env })
      out.print(out.strong('title'))
      expect(stdout()).toBe(coloured ? `${escape}[1mtitle${escape}[0m\n` : 'title\n')
    }
  })

  it('does not let a title smuggle in colours or our own marks', () => {
    const { out, stdout } = capture({ isTTY: true })
    out.print(out.strong(`a${escape}[31m\ue0f3b`))
    expect(stdout()).toBe(`${escape}[1ma\ufffd[31mb${escape}[0m\n`)
  })

  it('writes bytes in JSON as base64url and keeps what it was given in one line', () => {
    const { out, stdout } = capture({ isTTY: false })
    expect(out.documentWritten).toBe(false)
    out.json({
      bytes: new Uint8Array([255, 0]),
      buffer: Buffer.from([1]),
      map: new Map([['a', 1]]),
      text: 'a\nb',
      nested: [{ none: null }],
    })
    expect(stdout()).toBe('{"bytes":"_wA","buffer":"AQ","map":{"a":1},"text":"a\\nb","nested":[{"none":null}]}\n')
    expect(out.documentWritten).toBe(true)
  })

  it('prints a raw value untouched into a pipe and disarmed into a terminal', () => {
    const pipe = capture({ isTTY: false })
    pipe.out.raw(`a${escape}b`)
    expect(pipe.stdout()).toBe(`a${escape}b`)
    const terminal = capture({ isTTY: true })
    terminal.out.raw(`a${escape}b`)
    expect(terminal.stdout()).toBe('a\ufffdb')
  })

  it('redraws only a terminal', () => {
    const pipe = capture({ isTTY: false })
    pipe.out.redraw('x')
    expect(pipe.stderr()).toBe('')
  })
})

describe('progress', () => {
  it('shows how much is done where that is known', () => {
    const messages = createMessages('nb')
    expect(progressLine(messages, { phase: 'pulling', done: 5_000, total: 10_000 }).replace(/\s/g, ' ')).toBe(
      `Henter ${'█'.repeat(12)}${'░'.repeat(12)} 5 000/10 000`,
    )
    expect(progressLine(messages, { phase: 'waiting', done: 0, total: 0 })).toBe('Venter på godkjenning …')
    expect(progressLine(messages, { phase: 'pushing', done: 30, total: 10 })).toContain('█'.repeat(24))
  })
})
