/**
 * Builds the web app into dist/, which apps/server serves. No inline script or style and no data: addresses, so that the server's policy
 * needs no exception; modules of ours come as sources, and `#backend` resolves to its default branch, the one without Node.
 */
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  publicDir: 'public',
  build: {
    target: 'es2024',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 800,
  },
  worker: { format: 'es' },
  css: { modules: { localsConvention: 'camelCaseOnly' } },
})
