// A thread as a state machine that unfolds on demand. Its code is deterministic, so its control state, locals and all, is a
// function of what its operations answered: a node stands for one such history, an edge for one more answer. The explorer
// moves over nodes; generators run only where no node is yet. (A checkpoint merges the histories that end in the same state.)
import { Unsupported } from './errors.js'
import { fingerprint } from './fingerprint.js'
import type { Cells } from './memory.js'
import type { Answer, Operation } from './operation.js'
import { type Runtime, ThreadContext } from './runtime.js'
import type { Step } from './steps.js'
import { at } from './views.js'

export interface Node {
  readonly id: number
  readonly parent: Node | undefined
  /** What the parent's operation answered. */
  readonly answer: Answer
  /** About to be executed; undefined when the thread has ended. */
  readonly operation: Operation | undefined
  readonly records: readonly (number | string)[]
  readonly isDone: boolean
  /** What the thread threw. */
  readonly error: unknown
  readonly hasFailed: boolean
  readonly edges: Map<number | string, Node>
  /** The edge that was there first: the way that an audit goes. */
  first: { readonly answer: Answer; readonly child: Node } | undefined
  audits: number
  /** The operation's place, resolved once. */
  cells: Cells | undefined
}

interface Live {
  readonly generator: Step
  readonly context: ThreadContext
}

/** How often a node's future is compared for histories that were merged before it. */
const MAX_AUDITS = 8
const MAX_AUDIT_STEPS = 500
/** How many generators stay positioned at their node: enough for a depth-first search to find the one it needs. */
const MAX_LIVE = 4096

export class Automaton {
  readonly name: string
  readonly nodes: Node[] = []
  readonly #runtime: Runtime
  readonly #start: (context: ThreadContext) => Step
  readonly #bufferName: (buffer: SharedArrayBuffer) => string
  readonly #fingerprint = (roots: readonly unknown[]) => fingerprint(roots, this.#bufferName)
  readonly #live = new Map<Node, Live>()
  readonly #canonical = new Map<string, Node>()
  /**
   * Of a node where histories met: one that was merged into it, run on beside it. If they ever differ, the checkpoint left live
   * state out, and what was explored is not what it seems.
   */
  readonly #shadows = new Map<Node, Live>()

  constructor(
    name: string,
    runtime: Runtime,
    start: (context: ThreadContext) => Step,
    bufferName: (buffer: SharedArrayBuffer) => string,
  ) {
    this.name = name
    this.#runtime = runtime
    this.#start = start
    this.#bufferName = bufferName
    const context = new ThreadContext()
    context.fingerprint = this.#fingerprint
    this.#advance({ generator: start(context), context }, undefined, 0)
  }

  next(node: Node, answer: Answer): Node {
    const key = edgeKey(answer)
    const known = node.edges.get(key)
    if (known) return known
    const child = this.#advance(this.#take(node), node, answer)
    node.edges.set(key, child)
    node.first ??= { answer, child }
    const shadow = this.#shadows.get(node)
    this.#shadows.delete(node)
    if (shadow) this.#audit(node, shadow)
    return child
  }

  #take(node: Node): Live {
    const live = this.#live.get(node)
    if (live) {
      this.#live.delete(node)
      return live
    }
    return this.#replay(node)
  }

  #replay(node: Node): Live {
    const path: Node[] = []
    for (let back: Node | undefined = node; back?.parent; back = back.parent) path.push(back)
    const context = new ThreadContext()
    const live = { generator: this.#start(context), context }
    this.#runtime.context = context
    live.generator.next(0)
    for (const step of path.reverse()) {
      if (live.generator.next(step.answer).done)
        throw new Unsupported(`thread ${this.name} does not do the same on every run`)
    }
    context.fingerprint = this.#fingerprint
    return live
  }

  #advance(live: Live, parent: Node | undefined, answer: Answer): Node {
    const { context, generator } = live
    this.#runtime.context = context
    context.reached = undefined
    let operation: Operation | undefined
    let error: unknown
    let hasFailed = false
    try {
      const result = generator.next(answer)
      if (!result.done) operation = result.value
    } catch (thrown) {
      if (thrown instanceof Unsupported) throw thrown
      error = thrown
      hasFailed = true
    }
    const key = hasFailed ? undefined : this.#canonicalKey(context, operation)
    const merged = key === undefined ? undefined : this.#canonical.get(key)
    if (merged) {
      if (operation && merged.audits < MAX_AUDITS) this.#audit(merged, live)
      return merged
    }
    const node: Node = {
      id: this.nodes.length,
      parent,
      answer,
      operation,
      records: context.records,
      isDone: context.isDone,
      error,
      hasFailed,
      edges: new Map(),
      first: undefined,
      audits: 0,
      cells: undefined,
    }
    this.nodes.push(node)
    if (key !== undefined) this.#canonical.set(key, node)
    if (operation) this.#keep(node, live)
    return node
  }

  /** Runs a history that was merged into `node` on, as far as nodes are known, and compares. */
  #audit(start: Node, shadow: Live): void {
    shadow.context.fingerprint = undefined
    let node = start
    for (let steps = 0; node.first; node = node.first.child) {
      if (++steps > MAX_AUDIT_STEPS) return
      node.audits++
      this.#compare(node, node.first.child, shadow, node.first.answer, start)
      if (!node.first.child.operation) return
    }
    if (!this.#shadows.has(node)) this.#shadows.set(node, shadow)
  }

  #compare(node: Node, child: Node, shadow: Live, answer: Answer, met: Node): void {
    this.#runtime.context = shadow.context
    let operation: Operation | undefined
    let hasFailed = false
    try {
      const result = shadow.generator.next(answer)
      if (!result.done) operation = result.value
    } catch {
      hasFailed = true
    }
    const isSame = hasFailed === child.hasFailed && (hasFailed || isSameOperation(operation, child.operation))
    if (isSame && isSameList(shadow.context.records, child.records)) return
    const seen = (of: Operation | undefined) => (of ? describe(of, this.#bufferName) : 'ended')
    const site = child.operation?.site ?? node.operation!.site
    throw new Unsupported(
      `a checkpoint of ${this.name} leaves live state out: two histories that met at ${at(met.operation!.site)} differ at ${at(site)}: ` +
        `${seen(operation)} and ${seen(child.operation)}`,
    )
  }

  #keep(node: Node, live: Live): void {
    if (this.#live.size >= MAX_LIVE) {
      const [oldest] = this.#live.keys()
      if (oldest) this.#live.delete(oldest)
    }
    this.#live.set(node, live)
  }

  #canonicalKey(context: ThreadContext, operation: Operation | undefined): string | undefined {
    const { records, isDone } = context
    const attitude = `${isDone}|${JSON.stringify(records)}|${context.microtasks.length}`
    if (!operation) return `ended|${attitude}`
    if (context.reached === undefined) return undefined
    // Two callbacks that have changed numbers are two others.
    const pending = [...context.pending].map(([callback, site]) => `${callback} ${at(site)}`)
    pending.sort()
    return `${context.reached}|${attitude}|${pending}|${describe(operation, this.#bufferName)}`
  }
}

function edgeKey(answer: Answer): number | string {
  if (typeof answer !== 'number') return answer.join()
  return Object.is(answer, -0) ? '-0' : answer
}

function describe(operation: Operation, bufferName: (buffer: SharedArrayBuffer) => string): string {
  return JSON.stringify(operation, (_, value: unknown) =>
    value instanceof SharedArrayBuffer ? bufferName(value) : value,
  )
}

/** Whether both do the same at the same place of the program. */
function isSameOperation(one: Operation | undefined, other: Operation | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  const keys = Object.keys(one) as (keyof Operation)[]
  return keys.every((key) => isSameValue(one[key], other[key]))
}

function isSameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (Array.isArray(one) && Array.isArray(other)) return isSameList(one, other)
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return false
  // A site, or a place.
  const keys = Object.keys(one) as (keyof typeof one)[]
  return keys.every((key) => Object.is(one[key], other[key]))
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, i) => Object.is(value, other[i]))
}
