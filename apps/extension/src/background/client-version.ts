/** What the extension calls itself to the server (A3) and to the person. */
export const clientVersion = '0.1.0'
