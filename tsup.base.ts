import { defineConfig, type Options } from 'tsup'

/** How every build writes its types: they name Disposable, which is in no compiler's default library yet. */
const types = {
  banner: '/// <reference lib="esnext.disposable" />',
  compilerOptions: { ignoreDeprecations: '6.0' },
}

/** One build for every package: ESM first, CJS beside it, types for both. */
export function library(
  entry: Record<string, string>,
  { dts, ...overrides }: Omit<Options, 'dts'> & { dts?: { compilerOptions: object } } = {},
): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    sourcemap: true,
    clean: true,
    // Shared chunks would land beside the worker entries and break what is found relative to import.meta.url.
    splitting: false,
    dts: { ...types, compilerOptions: { ...types.compilerOptions, ...dts?.compilerOptions } },
    esbuildOptions(options) {
      options.logOverride = { 'empty-import-meta': 'silent' }
    },
    ...overrides,
  })
}
