import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'image-pipeline',
    include: ['test/**/*.test.ts'],
    globalSetup: './test/build-program.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
