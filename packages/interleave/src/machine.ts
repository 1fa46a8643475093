// All threads and their memory as one machine: which transitions a state has, and what each does.
import { afterAtomic } from './atomics.js'
import { Automaton, type Node } from './automaton.js'
import { actionOf, argumentOf, CHOOSE, type Choice, choiceOf, KILL, STEP, TASK, TIMEOUT, threadOf } from './choice.js'
import { InvalidScenario, Unsupported } from './errors.js'
import { type Cells, Memory } from './memory.js'
import {
  type Answer,
  ARMED,
  NOT_EQUAL,
  OK,
  type Operation,
  type Place,
  type SharedView,
  TIMED_OUT,
} from './operation.js'
import { type HappensBefore, type RaceEvent, Races } from './races.js'
import { CheckFailed } from './runtime.js'
import type { FailureKind, Scenario, View } from './scenario.js'
import { copyHandle, runAlone, sharedBuffers } from './setup.js'
import { type Knowledge, OBSERVER, Reconsider, Sharing } from './sharing.js'
import { StateList, StateVector } from './state.js'
import { VectorClocks } from './vector-clocks.js'
import { TASK_KINDS, taskOf, waiterCallback, waiterOf, waiterSlot, waiterThread, waiterTimesOut } from './waits.js'

const READY = 0
const WAITING = 1
const ENDED = 2
const KILLED = 3

export interface Problem {
  readonly kind: FailureKind
  readonly message: string
  /** The clocks of a race; known of single runs. */
  readonly detail?: string | undefined
}

/** What a transition did, for the report. */
export interface Effect {
  readonly operation: Operation | undefined
  readonly answer: Answer | undefined
  readonly note: string
}

export class Machine<Shared> implements View {
  readonly state = new StateVector()
  readonly automata: readonly Automaton[]
  readonly shared: Shared
  readonly names: readonly string[]
  readonly memory: Memory
  readonly #races: HappensBefore
  readonly #looksForRaces: boolean
  readonly #knowledge: Knowledge
  readonly #sharing: Sharing
  readonly #status: readonly number[]
  readonly #nodes: readonly number[]
  readonly #watchers: readonly (readonly number[])[]
  readonly #tasks: readonly StateList[]
  readonly #waiters: StateList
  readonly #timeouts: number
  readonly #kills: number
  readonly #maxTimeouts: number
  readonly #maxKills: number
  readonly #mayBeKilled: readonly boolean[]
  readonly #isCoarse: boolean
  /** Whether what is read is read between two steps, as another thread might. */
  isObserved = false
  effect: Effect = { operation: undefined, answer: undefined, note: '' }

  /** @param isSearch - whether states are to be told apart; single runs have clocks that count. */
  constructor(scenario: Scenario<Shared>, knowledge: Knowledge, isSearch: boolean) {
    const { program, threads } = scenario
    this.#knowledge = knowledge
    this.#looksForRaces = scenario.races ?? true
    this.names = Object.keys(threads)
    if (this.names.length === 0 || this.names.length > 15) throw new InvalidScenario('want 1 to 15 threads')
    this.#isCoarse = (scenario.granularity ?? 'synchronisation') === 'synchronisation'
    this.#maxTimeouts = scenario.timeouts ?? 1
    this.#maxKills = scenario.kills?.max ?? 0
    for (const name of scenario.kills?.threads ?? []) this.#threadCalled(name)
    this.#mayBeKilled = this.names.map((name) => scenario.kills?.threads?.includes(name) ?? true)

    this.shared = runAlone(program.runtime, scenario.setup)
    this.memory = new Memory(this.state, sharedBuffers(this.shared))
    this.#sharing = new Sharing(knowledge, (slot) => this.memory.slotName(slot))
    this.#races = isSearch ? this.#racesOfStates() : new VectorClocks(this.names.length)
    const bufferName = (buffer: SharedArrayBuffer) => this.memory.bufferName(buffer)
    this.automata = this.names.map(
      (name) =>
        new Automaton(
          name,
          program.runtime,
          (context) => program.runtime.thread(threads[name], copyHandle(this.shared), context),
          bufferName,
        ),
    )
    this.#status = this.names.map(() => this.state.allocate(READY))
    this.#nodes = this.names.map(() => this.state.allocate(0))
    this.#watchers = this.names.map(() => this.names.map(() => this.state.allocate(0)))
    this.#tasks = this.names.map((name) => new StateList(this.state, 12, `tasks of ${name}`))
    this.#waiters = new StateList(this.state, 16, 'waiters')
    this.#timeouts = this.state.allocate(0)
    this.#kills = this.state.allocate(0)
  }

  #racesOfStates(): Races {
    const races = new Races(this.state, this.names.length, (slot) => this.#sharing.isMixed(slot))
    races.isLive = (thread) => this.#isLive(thread)
    races.isRetained = (thread) => this.#isLive(thread) || this.#isAwaited(thread)
    return races
  }

  /** Threads that end, or fail, without a single operation. */
  begin(): Problem | undefined {
    this.#races.restart()
    for (const [thread, automaton] of this.automata.entries()) {
      const problem = this.#arrive(thread, automaton.nodes[0]!)
      if (problem) return problem
    }
    return undefined
  }

  /** Another run begins, from a state that was saved when nothing had happened yet. */
  forget(): void {
    this.#races.restart()
  }

  // What invariants see

  records(thread: string): readonly (number | string)[] {
    return this.node(this.#threadCalled(thread)).records
  }

  read(view: SharedView, index: number): number {
    const place: Place = {
      buffer: view.buffer as unknown as SharedArrayBuffer,
      byteOffset: view.byteOffset + index * view.BYTES_PER_ELEMENT,
      type: view[Symbol.toStringTag],
      count: 1,
    }
    const cells = this.memory.resolve(place)
    // At an end nothing else can happen any more: whoever looks then is no other thread.
    if (this.isObserved) for (const slot of cells.slots) this.#sharing.access(slot, OBSERVER, false)
    return this.memory.read(cells) as number
  }

  hasEnded(thread: string): boolean {
    return this.state.get(this.#status[this.#threadCalled(thread)]!) === ENDED
  }

  wasKilled(thread: string): boolean {
    return this.state.get(this.#status[this.#threadCalled(thread)]!) === KILLED
  }

  // Transitions

  node(thread: number): Node {
    return this.automata[thread]!.nodes[this.state.get(this.#nodes[thread]!)]!
  }

  /** Whether the choice is a step that no other thread can tell the time of. */
  isSilentStep(choice: Choice): boolean {
    return actionOf(choice) === STEP && this.#isSilent(threadOf(choice))
  }

  /** Whether the thread could go on by itself, so that another one's turn is a preemption. */
  isInterrupted(thread: number): boolean {
    return this.state.get(this.#status[thread]!) === READY && this.node(thread).operation?.kind !== 'loop'
  }

  /** Every transition of this state, the thread `last` first. Empty when nothing can happen any more. */
  choices(last: number): Choice[] {
    const found: Choice[] = []
    const silent = this.#silentThread(last)
    if (silent >= 0) {
      found.push(choiceOf(silent, STEP))
      if (this.#canKill(silent)) found.push(choiceOf(silent, KILL))
      return found
    }
    const order = [last, ...this.names.keys()].filter((thread, i, all) => thread >= 0 && all.indexOf(thread) === i)
    for (const thread of order) this.#stepsOf(thread, found)
    if (found.length === 0 || this.state.get(this.#timeouts) < this.#maxTimeouts) {
      for (const thread of order) this.#timeoutsOf(thread, found)
    }
    for (const thread of order) if (this.#canKill(thread)) found.push(choiceOf(thread, KILL))
    return found
  }

  #stepsOf(thread: number, found: Choice[]): void {
    if (this.state.get(this.#status[thread]!) !== READY) return
    const operation = this.node(thread).operation!
    if (operation.kind === 'loop') {
      for (const kind of TASK_KINDS.keys())
        if (this.#taskOf(thread, kind) >= 0) found.push(choiceOf(thread, TASK, kind))
    } else if (operation.kind === 'choose') {
      for (let answer = 0; answer < operation.count; answer++) found.push(choiceOf(thread, CHOOSE, answer))
    } else found.push(choiceOf(thread, STEP))
  }

  #timeoutsOf(thread: number, found: Choice[]): void {
    for (let i = 0; this.#waiters.at(i) !== 0; i++) {
      const waiter = this.#waiters.at(i)
      if (waiterThread(waiter) === thread && waiterTimesOut(waiter)) found.push(choiceOf(thread, TIMEOUT, i))
    }
  }

  /** A thread whose next step nobody else can tell from a later one: taken at once, whatever the others could do. */
  #silentThread(last: number): number {
    if (last >= 0 && this.#isSilent(last)) return last
    for (const thread of this.names.keys()) if (this.#isSilent(thread)) return thread
    return -1
  }

  #isSilent(thread: number): boolean {
    if (this.state.get(this.#status[thread]!) !== READY) return false
    const node = this.node(thread)
    const operation = node.operation!
    switch (operation.kind) {
      case 'post':
      case 'onExit':
        return true
      case 'loop':
      case 'choose':
      case 'wait':
      case 'waitAsync':
      case 'notify':
        return false
    }
    if (!this.#isCoarse) return false
    if (operation.kind === 'read' || operation.kind === 'write') return true
    const [slot] = this.#cells(thread, node, operation.place).slots
    if (!this.#sharing.isPrivate(slot!)) return false
    this.#sharing.relyOn(slot!)
    return true
  }

  #canKill(thread: number): boolean {
    return this.#isLive(thread) && this.#mayBeKilled[thread]! && this.state.get(this.#kills) < this.#maxKills
  }

  #isLive(thread: number): boolean {
    return this.state.get(this.#status[thread]!) <= WAITING
  }

  apply(choice: Choice): Problem | undefined {
    const thread = threadOf(choice)
    const node = this.node(thread)
    this.effect = { operation: node.operation, answer: undefined, note: '' }
    switch (actionOf(choice)) {
      case STEP:
        return this.#execute(thread, node)
      case TASK:
        return this.#runTask(thread, this.#taskOf(thread, argumentOf(choice)))
      case CHOOSE:
        return this.#answer(thread, argumentOf(choice))
      case TIMEOUT: {
        this.state.set(this.#timeouts, this.state.get(this.#timeouts) + 1)
        this.effect = { ...this.effect, note: 'times out' }
        return this.#wake(this.#waiters.remove(argumentOf(choice)), TIMED_OUT)
      }
      default:
        this.effect = { ...this.effect, note: 'KILLED before' }
        this.state.set(this.#kills, this.state.get(this.#kills) + 1)
        this.#tasks[thread]!.clear()
        for (let i = 0; this.#waiters.at(i) !== 0; ) {
          if (waiterThread(this.#waiters.at(i)) === thread) this.#waiters.remove(i)
          else i++
        }
        this.#finish(thread, KILLED)
        return undefined
    }
  }

  #execute(thread: number, node: Node): Problem | undefined {
    const operation = node.operation!
    switch (operation.kind) {
      case 'post':
        this.#tasks[thread]!.push(taskOf('post', operation.callback, thread, OK))
        return this.#answer(thread, 0)
      case 'onExit':
        return this.#watch(thread, operation.thread, operation.callback)
      case 'loop':
      case 'choose':
        throw new Unsupported(`${operation.kind} is no step`)
    }
    const cells = this.#cells(thread, node, operation.place)
    switch (operation.kind) {
      case 'read':
      case 'write': {
        const race = this.#plain(thread, cells, operation)
        if (race) return race
        if (operation.kind === 'read') return this.#answer(thread, this.memory.read(cells))
        this.memory.write(cells, operation.values)
        return this.#answer(thread, 0)
      }
      case 'notify':
        return this.#notify(thread, cells.slots[0]!, operation.count)
    }
    const before = this.memory.read(cells) as number
    const after = afterAtomic(operation, before)
    const race = this.#atomic(thread, cells, operation, after !== undefined)
    if (race) return race
    if (after !== undefined) this.memory.write(cells, [after])
    if (operation.kind === 'wait' || operation.kind === 'waitAsync') return this.#wait(thread, cells, operation, before)
    return this.#answer(thread, operation.kind === 'store' ? 0 : before)
  }

  #cells(thread: number, node: Node, place: Place): Cells {
    if (node.cells) return node.cells
    const kind = node.operation!.kind
    const cells = this.memory.resolve(place)
    for (const slot of cells.slots) {
      if (kind !== 'notify') this.#sharing.mode(slot, kind !== 'read' && kind !== 'write')
      this.#sharing.access(slot, 1 << thread, kind !== 'read' && kind !== 'load')
    }
    node.cells = cells
    return cells
  }

  #plain(thread: number, cells: Cells, operation: Operation): Problem | undefined {
    for (const slot of cells.slots) {
      const race = this.#races.plain(thread, slot, operation.kind === 'write')
      if (race && this.#looksForRaces) return this.#raceProblem(thread, operation, slot, race)
    }
    return undefined
  }

  #atomic(thread: number, cells: Cells, operation: Operation, writes: boolean): Problem | undefined {
    for (const slot of cells.slots) {
      const race = this.#races.atomic(thread, slot, operation.kind !== 'store', writes)
      if (race && this.#looksForRaces) return this.#raceProblem(thread, operation, slot, race)
    }
    return undefined
  }

  #raceProblem(thread: number, operation: Operation, slot: number, race: RaceEvent): Problem {
    const earlier =
      race.kind === 'plain write' ? 'an earlier plain write' : `the ${race.kind} of ${this.names[race.thread]}`
    const { file, line } = operation.site
    return {
      kind: 'data race',
      detail: this.#races instanceof VectorClocks ? this.#races.explain(thread, race, this.names) : undefined,
      message: `${operation.kind} of ${this.memory.slotName(slot)} by ${this.names[thread]} (${file}:${line}) and ${earlier} are not ordered`,
    }
  }

  // Waiting

  #wait(
    thread: number,
    cells: Cells,
    operation: Operation & { kind: 'wait' | 'waitAsync' },
    value: number,
  ): Problem | undefined {
    if (value !== (operation.expected | 0)) return this.#answer(thread, NOT_EQUAL)
    if (operation.timeout === 0) return this.#answer(thread, TIMED_OUT)
    const callback = operation.kind === 'waitAsync' ? operation.callback : 0
    this.#waiters.push(waiterOf(cells.slots[0]!, thread, callback, operation.timeout !== Number.POSITIVE_INFINITY))
    if (operation.kind === 'waitAsync') return this.#answer(thread, ARMED)
    this.state.set(this.#status[thread]!, WAITING)
    this.effect = { ...this.effect, note: 'sleeps' }
    return undefined
  }

  #notify(thread: number, slot: number, count: number): Problem | undefined {
    let woken = 0
    for (let i = 0; this.#waiters.at(i) !== 0 && woken < count; ) {
      if (waiterSlot(this.#waiters.at(i)) !== slot) {
        i++
        continue
      }
      const problem = this.#wake(this.#waiters.remove(i), OK)
      if (problem) return problem
      woken++
    }
    return this.#answer(thread, woken)
  }

  /** A sleeping thread goes on at once; a waitAsync becomes a task of its thread's event loop. */
  #wake(waiter: number, answer: number): Problem | undefined {
    const thread = waiterThread(waiter)
    const callback = waiterCallback(waiter)
    if (callback !== 0) {
      this.#tasks[thread]!.push(taskOf('wait', callback, thread, answer))
      return undefined
    }
    this.state.set(this.#status[thread]!, READY)
    const effect = this.effect
    const problem = this.#answer(thread, answer)
    this.effect = effect
    return problem
  }

  #taskOf(thread: number, kind: number): number {
    const tasks = this.#tasks[thread]!
    for (let i = 0; tasks.at(i) !== 0; i++) if ((tasks.at(i) & 3) === kind) return i
    return -1
  }

  #runTask(thread: number, index: number): Problem | undefined {
    const task = this.#tasks[thread]!.remove(index)
    const kind = TASK_KINDS[task & 3]!
    const about = (task >> 3) & 15
    this.effect = {
      ...this.effect,
      note: kind === 'exit' ? `hears that ${this.names[about]} has ended` : `runs a ${kind} task`,
    }
    if (kind === 'exit') {
      this.#races.join(thread, about)
      if (!this.#isAwaited(about)) this.#races.drop(about)
    }
    return this.#answer(thread, ((task >> 7) << 1) | ((task >> 2) & 1))
  }

  #watch(thread: number, name: string, callback: number): Problem | undefined {
    const target = this.#threadCalled(name)
    if (!this.#isLive(target) && !this.#knowledge.heardLate.has(name)) {
      // What it knew at its end was let go of, for nobody had asked.
      this.#knowledge.heardLate.add(name)
      throw new Reconsider(`${name} is asked for after its end`)
    }
    if (this.#isLive(target)) this.state.set(this.#watchers[thread]![target]!, callback)
    else this.#tasks[thread]!.push(taskOf('exit', callback, target, OK))
    return this.#answer(thread, 0)
  }

  #isAwaited(thread: number): boolean {
    if (this.#knowledge.heardLate.has(this.names[thread]!)) return true
    return this.names.some((_, other) => {
      if (!this.#isLive(other)) return false
      if (this.state.get(this.#watchers[other]![thread]!) !== 0) return true
      const tasks = this.#tasks[other]!
      for (let i = 0; tasks.at(i) !== 0; i++)
        if ((tasks.at(i) & 3) === 1 && ((tasks.at(i) >> 3) & 15) === thread) return true
      return false
    })
  }

  #finish(thread: number, status: number): void {
    for (const [other, watchers] of this.#watchers.entries()) {
      const callback = this.state.get(watchers[thread]!)
      if (callback === 0) continue
      this.state.set(watchers[thread]!, 0)
      if (this.#isLive(other) && other !== thread) this.#tasks[other]!.push(taskOf('exit', callback, thread, OK))
    }
    this.state.set(this.#status[thread]!, status)
    if (!this.#isAwaited(thread)) this.#races.drop(thread)
  }

  // Threads

  #answer(thread: number, answer: Answer): Problem | undefined {
    this.effect = { ...this.effect, answer }
    return this.#arrive(thread, this.automata[thread]!.next(this.node(thread), answer))
  }

  #arrive(thread: number, node: Node): Problem | undefined {
    this.state.set(this.#nodes[thread]!, node.id)
    if (node.hasFailed) {
      const { error } = node
      const what =
        error instanceof CheckFailed
          ? error.message
          : error instanceof Error
            ? (error.stack ?? error.message)
            : String(error)
      return {
        kind: error instanceof CheckFailed ? 'invariant' : 'exception',
        message: `${this.names[thread]}: ${what}`,
      }
    }
    if (!node.operation) this.#finish(thread, ENDED)
    return undefined
  }

  /** Why nothing can happen any more, unless every thread has ended or says that it is done. */
  stuck(): Problem | undefined {
    const parts: string[] = []
    let isLostWakeUp = false
    for (const [thread, name] of this.names.entries()) {
      const node = this.node(thread)
      if (!this.#isLive(thread) || (node.operation?.kind === 'loop' && node.isDone)) continue
      const site = node.operation!.site
      parts.push(
        `${name} ${node.operation!.kind === 'loop' ? 'waits in its event loop' : `sleeps at ${site.file}:${site.line}`}`,
      )
      for (let i = 0; this.#waiters.at(i) !== 0; i++) {
        const waiter = this.#waiters.at(i)
        if (waiterThread(waiter) !== thread || node.operation?.kind !== 'wait') continue
        const value = this.state.get(waiterSlot(waiter))
        if (value === (node.operation.expected | 0)) continue
        isLostWakeUp = true
        parts.push(
          `(on ${this.memory.slotName(waiterSlot(waiter))} = ${node.operation.expected}, which is ${value} by now)`,
        )
      }
    }
    if (parts.length === 0) return undefined
    return { kind: isLostWakeUp ? 'lost wake-up' : 'deadlock', message: parts.join(', ').replaceAll(', (', ' (') }
  }

  #threadCalled(name: string): number {
    const thread = this.names.indexOf(name)
    if (thread < 0) throw new InvalidScenario(`there is no thread '${name}' (${this.names.join(', ')})`)
    return thread
  }
}
