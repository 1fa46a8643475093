import { defineConfig, type Options } from 'tsup'

/** One build for every package: ESM first, CJS beside it, types for both. */
export function library(entry: Record<string, string>, overrides: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    sourcemap: true,
    clean: true,
    // Shared chunks would land beside the worker entries and break what is found relative to import.meta.url.
    splitting: false,
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    esbuildOptions(options) {
      options.logOverride = { 'empty-import-meta': 'silent' }
    },
    ...overrides,
  })
}
