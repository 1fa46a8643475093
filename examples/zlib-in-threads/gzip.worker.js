import { gzipSync } from 'node:zlib'
import { mapping } from '@millrace/bridge/piscina'

export default mapping((/** @type {Uint8Array} */ block) => new Uint8Array(gzipSync(block)))
