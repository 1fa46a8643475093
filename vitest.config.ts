import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      'test/vitest.config.ts',
      'packages/*/vitest.config.ts',
      'bench/vitest.config.ts',
      'examples/vitest.config.ts',
      'examples/*/vitest.config.ts',
    ],
    reporters: ['default', ['json', { outputFile: '.reports/vitest.json' }]],
  },
})
