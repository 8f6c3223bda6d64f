/** The tables in docs are those of the tests, and every paragraph of the article has its line. NOKKEL_WRITE_TABLES writes them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actions, causeCodes, causes, evidenceTypes, guidance, observationNames, steps, surfaces, symptoms } from '@nokkel/doctor'
import { createMessages, type Language } from '@nokkel/messages'
import { createDoctorWords, doctorCatalogues } from '@nokkel/messages/doctor'
import { describe, expect, it } from 'vitest'
import { article } from './article.ts'
import { articleTable, matrix, shown } from './tables.ts'

const root = join(import.meta.dirname, '../..')
const source = join(root, '../shared/source/000_fc8955f67f0ac710.txt')

describe('docs', () => {
  it.each([
    ['docs/doctor-matrix.md', matrix],
    ['docs/doctor-article.md', articleTable],
  ])('%s is what the tests show', (path, make) => {
    const file = join(root, path)
    if (process.env['NOKKEL_WRITE_TABLES'] !== undefined) writeFileSync(file, make())
    // the formatter pads the cells
    const plain = (text: string): string =>
      text
        .replace(/ *\| */g, '|')
        .replace(/-{3,}/g, '---')
        .replace(/\s+/g, ' ')
    expect(plain(readFileSync(file, 'utf8'))).toBe(plain(make()))
  })

  // left out where the article does not lie beside the checkout
  it.skipIf(!existsSync(source))('every heading and paragraph of the article has a line, and every line a paragraph', () => {
    const paragraphs = readFileSync(source, 'utf8')
      .split('\n')
      .map((line) => line.replaceAll('\u00a0', ' ').trim())
      .filter((line) => line !== '' && !line.startsWith('Publiseringsdato'))
    const lineOf = (paragraph: string) => article.find(({ begins }) => paragraph.startsWith(begins))
    expect(paragraphs.filter((paragraph) => lineOf(paragraph) === undefined)).toEqual([])
    expect(
      article.filter(({ begins }) => !paragraphs.some((paragraph) => paragraph.startsWith(begins))).map(({ begins }) => begins),
    ).toEqual([])
  })

  it('every symptom is in the article, and every cause in a fault or named as one without', () => {
    expect(symptoms.filter((symptom) => !article.some((each) => each.symptoms.includes(symptom)))).toEqual([])
    const listed = matrix().split('Causes without')[1] ?? ''
    expect(causeCodes.filter((code) => !shown.some((each) => each.code === code) && !listed.includes(`\`${code}\``))).toEqual([])
  })
})

describe.each(['nb', 'en'] satisfies Language[])('C3: the doctor’s words in %s', (language) => {
  const words = createDoctorWords(createMessages(language))
  const keys = new Set(Object.keys(doctorCatalogues[language]))

  it('are there for every symptom, cause, step, action, observation, and for nothing else', () => {
    const wanted = [
      ...symptoms.map((code) => `symptom.${code}`),
      ...causeCodes.flatMap((code) => [`finding.${code}`, `because.${code}`]),
      ...steps.map((id) => `step.${id}`),
      ...Object.keys(actions).map((id) => `action.${id}`),
      ...observationNames.map((name) => `observation.${name}`),
    ]
    expect(wanted.filter((key) => !keys.has(key))).toEqual([])
    const known = new Set(wanted)
    expect([...keys].filter((key) => !known.has(key.replace(/\.(?:cli|app)$/, '')) && !/^(?:doctor|value)\./.test(key))).toEqual([])
  })

  it('take only evidence that their cause gives, and every step and action is used', () => {
    const used = new Set([...causes.flatMap((cause) => cause.steps), ...Object.values(guidance).flat()])
    expect(steps.filter((id) => !used.has(id))).toEqual([])
    expect(Object.keys(actions).filter((id) => !causes.some(({ action }) => action === id))).toEqual([])
    for (const code of causeCodes) {
      const evidence = Object.keys(evidenceTypes).map((type) => ({ name: type, type, value: 1 }))
      expect(words.because({ code, evidence })).not.toMatch(/[{}]|undefined/)
      for (const surface of surfaces) for (const step of steps) expect(words.step(step, surface)).not.toBe(step)
    }
  })
})
