/**
 * The shape of the catalogues. Every other language mirrors the English one key by key, which the compiler holds; that the
 * placeholders agree is held by a test. L0: types only, no words here.
 */

/** A text with `{name}` placeholders, or one for each plural category that Norwegian and English have (both: one, other). */
export type Entry = string | { readonly one: string; readonly other: string }

/** Words for one error code. */
export interface ErrorWords {
  /** What happened. Of a list, the first whose placeholders are all known is said, so the last must have none. */
  readonly message: string | readonly string[]
  /** What to do about it; the same rule. */
  readonly hint: string | readonly string[]
  /** Instead of `message` where the parameter `reason` (or `what`) names the case. */
  readonly reasons?: Readonly<Record<string, string>>
  /** The same instead of `hint`. */
  readonly hints?: Readonly<Record<string, string>>
}

/** The same keys, tuples and nesting, any words. */
export type Mirror<T> = T extends string ? string : { readonly [K in keyof T]: Mirror<T[K]> }

type TextOf<E> = E extends string ? E : E extends { readonly one: infer A; readonly other: infer B } ? A | B : never

/** The names between braces: `'{a} of {b}'` -> `'a' | 'b'`. */
export type ParamNames<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | ParamNames<Rest> : never

type CountOf<E> = E extends string ? never : 'count'

/** Parameters of an entry; those with plural forms always take `count`. */
export type ParamsOf<E> = { readonly [Name in ParamNames<TextOf<E>> | CountOf<E>]: Name extends 'count' ? number : string | number }
