/** Page models written by hand, for tests: what is not said is empty. */
import type { FieldModel, FormModel, PageModel } from '../model.ts'

const plainField: FieldModel = {
  tag: 'input', type: 'text', name: '', id: '', autocomplete: '', placeholder: '', labelText: '', title: '', before: '', maxLength: -1,
  pattern: '', inputMode: '', extra: '', options: [], form: 0, visible: undefined, disabled: false, readOnly: false, passwordRules: '',
} // prettier-ignore
const plainForm: FormModel = { attributes: '', autocomplete: '', buttons: '', headings: '', links: '', actionOrigin: '' }

export function pageOf(
  fields: readonly Partial<FieldModel>[],
  forms: readonly Partial<FormModel>[] = [{}],
  url = 'https://www.example.no/',
): PageModel {
  return {
    url,
    title: '',
    forms: forms.map((form) => ({ ...plainForm, ...form })),
    fields: fields.map((field) => ({ ...plainField, ...field })),
  }
}
