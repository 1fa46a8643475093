import { defineConfig } from 'tsup'

/** Entries: the commands, one group's process, and every file that a thread loads. */
export default defineConfig({
  entry: ['src/run.ts', 'src/run-group.ts', 'src/compare.ts', 'src/report.ts', 'src/**/*.worker.ts'],
  outDir: 'dist',
  format: ['esm'],
  target: 'es2022',
  platform: 'node',
  sourcemap: true,
  clean: true,
  // Peers and our own packages are measured as they are installed, not as a bundler rewrites them.
  skipNodeModulesBundle: true,
  splitting: true,
})
