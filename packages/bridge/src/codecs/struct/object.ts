import { compile, quoted } from '../compile.js'
import { type Part, refuse, type Sink, type Source } from './parts.js'

/** A field of an object: where its part lies, and whether it may be missing. */
export interface Member {
  readonly name: string
  readonly part: Part
  readonly offset: number
  /** What is optional and missing stays missing, instead of becoming a property that is undefined. */
  readonly mayLack: boolean
}

type Write = (sink: Sink, record: Record<string, unknown>, at: number, tail: number) => number
type Read = (source: Source, at: number) => unknown

export function objectOf(members: readonly Member[], path: string, compiles = true): Part {
  const last = members[members.length - 1]
  const write = (compiles && compileWrite(members)) || loopWrite(members)
  return {
    size: last.offset + last.part.size,
    hasTail: members.some(({ part }) => part.hasTail),
    write(sink, value, at, tail) {
      if (typeof value !== 'object' || value === null) refuse(sink, path, value, 'an object')
      return write(sink, value as Record<string, unknown>, at, tail)
    },
    read: (compiles && compileRead(members)) || loopRead(members),
  }
}

function loopWrite(members: readonly Member[]): Write {
  return (sink, record, at, start) => {
    let tail = start
    for (let i = 0; i < members.length && tail !== -1; i++) {
      const { name, part, offset } = members[i]
      tail = part.write(sink, record[name], at + offset, tail)
    }
    return tail
  }
}

function loopRead(members: readonly Member[]): Read {
  return (source, at) => {
    const record: Record<string, unknown> = {}
    for (const { name, part, offset, mayLack } of members) {
      const value = part.read(source, at + offset)
      if (value !== undefined || !mayLack) record[name] = value
    }
    return record
  }
}

/** As the loop, one statement a field: each calls one part only, and loads one property only. */
function compileWrite(members: readonly Member[]): Write | undefined {
  const steps = members.map(
    ({ name, offset }, i) =>
      `tail = part${i}.write(sink, record[${quoted(name)}], at + ${offset}, tail)\nif (tail === -1) return -1`,
  )
  return bind(members, `(sink, record, at, tail) => {\n${steps.join('\n')}\nreturn tail\n}`)
}

function compileRead(members: readonly Member[]): Read | undefined {
  const reads = members.map(({ offset }, i) => `const value${i} = part${i}.read(source, at + ${offset})`)
  const lackable = members.flatMap(({ mayLack }, i) => (mayLack ? [`value${i} === undefined`] : []))
  const all = members.map(({ name }, i) => `${quoted(name)}: value${i}`)
  const present = members.map(({ name, mayLack }, i) => {
    const set = `record[${quoted(name)}] = value${i}`
    return mayLack ? `if (value${i} !== undefined) ${set}` : set
  })
  const lacking =
    lackable.length === 0
      ? ''
      : `if (${lackable.join(' || ')}) {\nconst record = {}\n${present.join('\n')}\nreturn record\n}\n`
  return bind(members, `(source, at) => {\n${reads.join('\n')}\n${lacking}return { ${all.join(', ')} }\n}`)
}

function bind<F>(members: readonly Member[], code: string): F | undefined {
  const names = members.map((_, i) => `part${i}`)
  return compile<(...parts: Part[]) => F>(names, `return ${code}`)?.(...members.map(({ part }) => part))
}
