import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'pipeline',
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
  },
})
