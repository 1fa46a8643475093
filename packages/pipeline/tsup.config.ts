import { library } from '../../tsup.base.ts'

export default library(
  { index: 'src/index.ts', thread: 'src/thread.ts' },
  { dts: { compilerOptions: { types: ['node'] } } },
)
