/** A file that the browser makes from memory: no address that could be asked for again. */
export function saveFile(name: string, text: string, type: 'application/json' | 'text/plain' = 'application/json'): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // begun by then, and a download that has begun holds the bytes itself
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
