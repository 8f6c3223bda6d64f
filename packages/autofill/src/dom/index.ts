/** Door `./dom`: page model from a document, filling, watching. For the content script; needs a browser, holds no item. */
export { buildPage, type BuildOptions, type BuiltPage, type FieldElement } from './build-page.ts'
export { applyFill, fillField, type FillResult } from './apply-fill.ts'
export { visibilityFault, type VisibilityFault } from './really-visible.ts'
export { watchPage, type PageWatch } from './watch-page.ts'
