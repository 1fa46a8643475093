import { dirname, resolve } from 'node:path'
import type { Options } from 'tsup'
import { library } from '../../tsup.base.ts'

const entry = {
  index: 'src/index.ts',
  worker: 'src/worker.ts',
  piscina: 'src/piscina/index.ts',
  'piscina-worker': 'src/piscina/worker.ts',
  comlink: 'src/comlink/index.ts',
}

/** The subpaths use the package's two main entries as any user does, so that a RemoteLost is the same class to all of them. */
const entriesOnce: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'entries-once',
  setup(build) {
    const extension = build.initialOptions.format === 'cjs' ? 'cjs' : 'js'
    build.onResolve({ filter: /\/(index|worker)\.js$/ }, ({ path, importer }) => {
      const name = resolve(dirname(importer), path) === resolve('src/index.js') ? 'index' : 'worker'
      if (resolve(dirname(importer), path) !== resolve(`src/${name}.js`)) return undefined
      return { path: `./${name}.${extension}`, external: true }
    })
  },
}

export default library(entry, {
  esbuildPlugins: [entriesOnce],
  dts: { compilerOptions: { types: ['node'] } },
})
