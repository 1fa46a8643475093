import { defineConfig } from 'vitest/config'

// The two image programs have a project of their own, in their own folders.
export default defineConfig({
  test: {
    name: 'examples',
    include: ['test/*.test.ts', '*/*.test.ts'],
    exclude: ['**/node_modules/**', 'image-pipeline/**', 'millrace-images/**'],
    testTimeout: 60_000,
    maxConcurrency: 3,
  },
})
