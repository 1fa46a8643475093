import { QueueError } from '@millrace/queue'
import { markKind } from '@millrace/queue/waiting'

/** An endpoint was used after its own `close()`: code `HANDLE_CLOSED`. A shutdown of the queue is `QueueShutDown` instead. */
export { HandleClosed } from '@millrace/queue'

/**
 * What a codec refuses.
 *
 * - `CODEC_CORRUPT`: the bytes are none that this codec writes (two ends with different codecs of one name, or a foreign writer).
 * - `CODEC_VALUE`: a value that the field, or the codec, does not carry; `path`, `value` and `limit` say which and why.
 * - `CODEC_SCHEMA`: a schema that describes nothing, found where it is compiled.
 * - `CODEC_MISMATCH`: the two ends of one queue were given codecs of different names.
 *
 * What cannot be cloned at all is the platform's DataCloneError instead.
 */
export class CodecError extends QueueError {
  declare readonly code: 'CODEC_CORRUPT' | 'CODEC_VALUE' | 'CODEC_SCHEMA' | 'CODEC_MISMATCH'
  /** The field, from the item down: `pixels`, `tags[3].name`; empty for the item itself. */
  readonly path?: string
  readonly value?: unknown
  /** What would have been accepted, in words: `an integer from 0 to 255`. */
  readonly limit?: string

  constructor(
    message: string,
    code: CodecError['code'],
    details: { readonly path?: string; readonly value?: unknown; readonly limit?: string } = {},
  ) {
    super(message, code)
    Object.assign(this, details)
  }
}
markKind(CodecError, '@millrace/bridge.CodecError')

/** An item can never fit, whatever is taken out first: code `ITEM_TOO_LARGE`. */
export class ItemTooLarge extends QueueError {
  constructor(message: string, queue?: string) {
    super(message, 'ITEM_TOO_LARGE', queue)
  }
}
markKind(ItemTooLarge, '@millrace/bridge.ItemTooLarge')

/** A call that would stop the very thread that has to answer it: code `WRONG_THREAD`. */
export class WrongThread extends QueueError {
  constructor(message: string, queue?: string) {
    super(message, 'WRONG_THREAD', queue)
  }
}
markKind(WrongThread, '@millrace/bridge.WrongThread')

/** What is known of a remote end that went away without a word. */
export interface Loss {
  /** Name of the producer or consumer, as given where its handle was made. */
  readonly name: string | undefined
  /** Whether it was the queue's home end. */
  readonly isHome?: boolean
  readonly threadId: number
  /** The thread's exit code; undefined where the platform does not tell. */
  readonly exitCode: number | undefined
  /**
   * Items of its that were delivered, all that it had published; of a home end, what is known to
   * have been given out, to consumers that died too.
   */
  readonly deliveredItems: number
  /** Items that it had begun to put, or had been given, and that nobody will see; of a home end, items put and not taken. */
  readonly lostItems: number
}

/**
 * A thread ended without `close()`, by whatever killed it: code `REMOTE_LOST`. Everything that it had put was delivered before.
 * Where it had the queue's home end, this is what gets answer, and the `cause` of the `QueueShutDown` that puts and joins do.
 */
export class RemoteLost extends QueueError {
  readonly remoteName: string | undefined
  readonly threadId: number
  readonly exitCode: number | undefined
  readonly deliveredItems: number
  readonly lostItems: number

  constructor(loss: Loss, queue?: string) {
    const other = loss.name === undefined ? 'a remote end' : `remote end ${JSON.stringify(loss.name)}`
    const who = loss.isHome === true ? 'the home end' : other
    const code = loss.exitCode === undefined ? '' : ` with exit code ${loss.exitCode}`
    super(
      `${who} was lost: thread ${loss.threadId} ended${code} without close(), ${loss.deliveredItems} items delivered, ${loss.lostItems} lost`,
      'REMOTE_LOST',
      queue,
    )
    this.remoteName = loss.name
    this.threadId = loss.threadId
    this.exitCode = loss.exitCode
    this.deliveredItems = loss.deliveredItems
    this.lostItems = loss.lostItems
  }
}
markKind(RemoteLost, '@millrace/bridge.RemoteLost')
