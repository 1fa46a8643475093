import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { main: 'src/main.ts', 'develop.worker': 'src/develop.worker.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'node',
  sourcemap: true,
  clean: true,
  // A shared chunk beside the worker's file would be one more thing to explain.
  splitting: false,
})
