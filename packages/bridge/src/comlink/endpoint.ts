import { isMainThread, type MessagePort, type Transferable, type Worker } from 'node:worker_threads'
import { type Endpoint, wrap } from 'comlink'
import { HandleClosed, RemoteLost } from '../index.js'
import { packThrown } from '../thrown.js'

type Listener = ((event: { data: unknown }) => void) | { handleEvent(event: { data: unknown }): void }
type Holds = 'always' | 'while calls wait'

/** The part of Comlink's messages that matters here: a request has one of these types and is answered under its id. */
interface Message {
  readonly id?: string
  readonly type?: string
}
const requests = new Set(['GET', 'SET', 'APPLY', 'CONSTRUCT', 'ENDPOINT', 'RELEASE'])

/**
 * One side of a Comlink connection over a Worker or a MessagePort.
 *
 * Beyond passing messages it sees to three things that Comlink leaves open:
 * - A request whose answer can no longer come, because the other thread has ended, is answered here with RemoteLost.
 * - Comlink releases the connection when its last proxy is garbage, even while a call waits for its answer. So while calls wait this
 *   holds a proxy of its own.
 * - A port that came with a value (`proxy()`) is closed after its release, and until then holds the process only as `holds` says.
 */
class NodeEndpoint implements Endpoint {
  readonly #listeners = new Set<Listener>()
  readonly #waiting = new Set<string>()
  #anchor: unknown
  #isAnchoring = false
  #releaseId: string | undefined
  #ended: Error | undefined

  constructor(
    private readonly peer: Worker | MessagePort,
    private readonly owned: Holds | undefined,
  ) {
    const threadId = 'threadId' in peer ? peer.threadId : undefined
    const lost = (exitCode?: number) => this.#end(lostThread(threadId, exitCode, this.#waiting.size))
    if (isWorker(peer)) peer.once('exit', lost)
    else peer.once('close', () => lost())
  }

  postMessage(message: Message, transfer?: Transferable[]): void {
    const { id, type } = message
    if (id === undefined || type === undefined || !requests.has(type)) {
      this.#post(message, transfer)
      return
    }
    if (this.#ended !== undefined) {
      queueMicrotask(() => this.#refuse(id))
      return
    }
    this.#post(message, transfer)
    if (type === 'RELEASE') this.#releaseId = id
    this.#waiting.add(id)
    this.#hold()
  }

  addEventListener(_type: string, listener: Listener): void {
    // The anchor makes no calls: it need not hear of answers.
    if (this.#isAnchoring) return
    if (this.#listeners.size === 0) {
      this.peer.on('message', this.#receive)
      this.#hold()
    }
    this.#listeners.add(listener)
  }

  /** Comlink takes its listener away when it has answered a release: this side is done. */
  removeEventListener(_type: string, listener: Listener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size === 0) this.#leave()
  }

  start(): void {
    // Deno's parentPort has no start(), and needs none.
    if (!isWorker(this.peer)) (this.peer as Partial<MessagePort>).start?.()
    this.#hold()
  }

  readonly #receive = (data: Message): void => {
    const { id } = data ?? {}
    const isAnswer = id !== undefined && this.#waiting.delete(id)
    this.#deliver(data)
    if (!isAnswer) return
    this.#hold()
    if (id !== this.#releaseId) return
    this.#end(new HandleClosed('this Comlink connection was released; wrap() another endpoint'))
    this.#leave()
  }

  #deliver(data: unknown): void {
    const event = { data, origin: '*' }
    for (const listener of [...this.#listeners]) {
      if (typeof listener === 'function') listener(event)
      else listener.handleEvent(event)
    }
  }

  #post(message: unknown, transfer: Transferable[] | undefined): void {
    this.peer.postMessage(message, transfer)
  }

  #end(reason: Error): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    const unanswered = [...this.#waiting]
    this.#waiting.clear()
    this.#hold()
    for (const id of unanswered) this.#refuse(id)
  }

  /** Answers in Comlink's own words for a throw, so that it reaches the caller also where our handlers are not installed. */
  #refuse(id: string): void {
    const reason = this.#ended!
    const { name, message, stack } = reason
    const value = { ...reason, name, message, stack }
    this.#deliver({ id, type: 'HANDLER', name: 'throw', value: { isError: true, value, thrown: packThrown(reason) } })
  }

  #leave(): void {
    this.peer.off('message', this.#receive)
    this.#listeners.clear()
    if (this.owned !== undefined && !isWorker(this.peer)) this.peer.close()
  }

  /** What is held while calls wait: Comlink's proxies, and the process where a port of ours would not hold it otherwise. */
  #hold(): void {
    const isCalling = this.#waiting.size > 0
    if (isCalling !== (this.#anchor !== undefined)) {
      this.#isAnchoring = true
      this.#anchor = isCalling ? wrap(this) : undefined
      this.#isAnchoring = false
    }
    if (this.owned === undefined || isWorker(this.peer)) return
    if (this.owned === 'always' || isCalling) this.peer.ref()
    else this.peer.unref()
  }
}

function isWorker(peer: Worker | MessagePort): peer is Worker {
  return 'terminate' in peer
}

/** `threadId` is -1 where it is not known: a port does not tell who holds its other end. */
export function lostThread(threadId = -1, exitCode: number | undefined, lostItems: number): RemoteLost {
  const lost = new RemoteLost({ name: undefined, threadId, exitCode, deliveredItems: 0, lostItems })
  const who = threadId < 0 ? 'the thread at the other end' : `worker thread ${threadId}`
  const how = exitCode === undefined ? '' : ` with exit code ${exitCode}`
  lost.message = `${who} has ended${how}: what was asked of it will not be answered`
  return lost
}

/**
 * The endpoint to give to Comlink's `wrap()` and `expose()` in Node's worker_threads: of a Worker in the thread that made it, of
 * `parentPort` inside it, or of any MessagePort.
 *
 * Calls that wait when the thread at the other end dies reject with RemoteLost, as do all later ones; after a release they reject
 * with HandleClosed.
 */
export function nodeEndpoint(peer: Worker | MessagePort | null): Endpoint {
  if (peer === null || typeof peer?.postMessage !== 'function' || typeof peer.on !== 'function') {
    throw new TypeError(
      `nodeEndpoint() expects a Worker, parentPort or a MessagePort of worker_threads, got ${String(peer)}`,
    )
  }
  return new NodeEndpoint(peer, undefined)
}

/** The calling side of a port that came with a value. */
export function callingEndpoint(port: MessagePort): Endpoint {
  return new NodeEndpoint(port, 'while calls wait')
}

/**
 * The answering side of a port that went away with a value. What a worker returned by `proxy()` keeps the worker alive, for that is
 * where the object lives; the main thread is held by its workers already, and a forgotten callback must not hold it longer.
 */
export function answeringEndpoint(port: MessagePort): Endpoint {
  return new NodeEndpoint(port, isMainThread ? 'while calls wait' : 'always')
}
