/**
 * Two check characters for codes of the 32-letter alphabet: a Reed–Solomon code over GF(32), [28, 26] with distance 3. Any one or two
 * wrong characters are caught, wherever they stand, and with them any two that changed places; of worse mistakes 1 in 1,024 passes.
 * A code of this length cannot do better with two characters (Singleton bound).
 */

/** x^5 + x^2 + 1 is primitive over GF(2) */
const modulus = 0b10_0101
const order = 31

const powers: number[] = []
for (let i = 0, value = 1; i < order; i++, value = value & 16 ? (value << 1) ^ modulus : value << 1) powers.push(value)

function times(a: number, b: number): number {
  let product = 0
  for (let bit = 0; bit < 5; bit++) if ((b >> bit) & 1) product ^= a << bit
  for (let bit = 8; bit >= 5; bit--) if ((product >> bit) & 1) product ^= modulus << (bit - 5)
  return product
}

function inverse(a: number): number {
  return powers[(order - powers.indexOf(a)) % order] as number
}

/** The sum of all characters, and their sum weighted with the powers of the generator. Both are 0 for a code without mistake. */
export function checkSums(values: readonly number[]): readonly [number, number] {
  let plain = 0
  let weighted = 0
  values.forEach((value, i) => {
    plain ^= value
    weighted ^= times(value, powers[i] as number)
  })
  return [plain, weighted]
}

/** The two characters that make both sums 0. At most 29 data values: the powers repeat after 31. */
export function appendCheckSymbols(data: readonly number[]): number[] {
  const [plain, weighted] = checkSums(data)
  const first = powers[data.length] as number
  const second = powers[data.length + 1] as number
  // a + b = plain, first a + second b = weighted
  const b = times(weighted ^ times(first, plain), inverse(first ^ second))
  return [...data, plain ^ b, b]
}
