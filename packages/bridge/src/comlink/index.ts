export { nodeEndpoint } from './endpoint.js'
export { installTransferHandlers } from './install.js'
