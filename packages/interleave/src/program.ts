// Loads TypeScript files with their relative imports, rewrites them (transform.ts) and links them in memory.
import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { functionsTouchingMemory } from './analysis.js'
import { RUNTIME } from './emitter.js'
import { InvalidScenario, Unsupported } from './errors.js'
import { Runtime } from './runtime.js'
import { transform } from './transform.js'

export interface ProgramOptions {
  /** The file that the scenario's functions are exported from. */
  readonly entry: string | URL
  /**
   * Changes to source texts, by the end of the file's path ('src/lane.ts'). An edit whose file is not part of the program, or
   * that changes nothing, is an error: a mutation must not pass because it never was applied.
   */
  readonly edits?: Readonly<Record<string, (text: string) => string>>
  /**
   * What stands in for an import, by specifier for packages, by the end of the path for files ('src/runtime.ts'): another
   * source file (a URL), which is explored like the rest, or a module's exports, which are used as they are.
   */
  readonly modules?: Readonly<Record<string, URL | object>>
  /** Globals that differ from thread to thread or from run to run and are refused otherwise, for example `performance`. */
  readonly globals?: Readonly<Record<string, unknown>>
}

/** Explored code must do the same on every run: what does not is given by the scenario or throws when it is used. */
const REFUSED_GLOBALS = [
  'Date',
  'performance',
  'crypto',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'process',
]
const THREAD_MODULE = '@millrace/interleave/thread'

/** Rewritten and linked source files. */
export class Program {
  /** What the entry file exports. Its functions are explored ones: give them to `explore`. */
  readonly exports: Readonly<Record<string, unknown>>
  /** The files that were rewritten, relative to the working directory. */
  readonly files: readonly string[]
  readonly runtime: Runtime

  constructor(runtime: Runtime, exports: Readonly<Record<string, unknown>>, files: readonly string[]) {
    this.runtime = runtime
    this.exports = exports
    this.files = files
  }
}

export function loadProgram(options: ProgramOptions): Program {
  const entry = typeof options.entry === 'string' ? resolve(options.entry) : fileURLToPath(options.entry)
  const sources = readSources(entry, options)
  const runtime = new Runtime()
  const touching = functionsTouchingMemory([...sources.values()])
  const linked = new Map<string, Record<string, unknown>>()
  const globals: Record<string, unknown> = { Promise: runtime.Promise, ...globalsOf(options) }

  const link = (path: string): Record<string, unknown> => {
    const known = linked.get(path)
    if (known) return known
    const exports: Record<string, unknown> = {}
    linked.set(path, exports)
    const source = sources.get(path)!
    refuseModuleState(source, display(path))
    const rewritten = transform(source, display(path), touching, runtime.sites)
    const outputText = compile(path, rewritten)
    const require = (specifier: string): unknown => {
      const given = givenModule(specifier, path, options)
      if (given instanceof URL) return link(fileURLToPath(given))
      if (given) return given
      if (specifier === THREAD_MODULE) return runtime.intrinsics()
      return link(resolveSpecifier(specifier, path))
    }
    const names = Object.keys(globals)
    const body = new Function('exports', 'require', RUNTIME, ...names, `'use strict';\n${outputText}`)
    body(exports, require, runtime, ...names.map((name) => globals[name]))
    return exports
  }
  return new Program(runtime, link(entry), [...sources.keys()].map(display))
}

// Programs that differ in one place, as those of seeded mutations do, share what is the same.
const parsed = new Map<string, ts.SourceFile>()
const compiled = new Map<string, string>()
const MAX_COMPILED = 1000

function parse(path: string, text: string): ts.SourceFile {
  const known = parsed.get(path)
  if (known?.text === text) return known
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)
  parsed.set(path, source)
  return source
}

function compile(path: string, rewritten: string): string {
  const known = compiled.get(rewritten)
  if (known !== undefined) return known
  const { outputText } = ts.transpileModule(rewritten, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true },
    fileName: path,
  })
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(rewritten, outputText)
  return outputText
}

function readSources(entry: string, options: ProgramOptions): Map<string, ts.SourceFile> {
  const sources = new Map<string, ts.SourceFile>()
  const pending = [entry]
  const unused = new Set(Object.keys(options.edits ?? {}))
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (sources.has(path)) continue
    const original = readFileSync(path, 'utf8')
    let text = original
    for (const [suffix, edit] of Object.entries(options.edits ?? {})) {
      if (!path.endsWith(suffix)) continue
      const edited = edit(text)
      if (edited === text) throw new InvalidScenario(`the edit of ${suffix} changes nothing`)
      text = edited
      unused.delete(suffix)
    }
    const source = parse(path, text)
    sources.set(path, source)
    for (const specifier of importsOf(source)) {
      const given = givenModule(specifier, path, options)
      if (given instanceof URL) pending.push(fileURLToPath(given))
      else if (!given && specifier !== THREAD_MODULE) pending.push(resolveSpecifier(specifier, path))
    }
  }
  if (unused.size > 0) throw new InvalidScenario(`no file of the program is called ${[...unused].join(', ')}`)
  return sources
}

function importsOf(source: ts.SourceFile): string[] {
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const isTypeOnly = ts.isImportDeclaration(statement)
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly
    const specifier = statement.moduleSpecifier
    return isTypeOnly || !specifier || !ts.isStringLiteral(specifier) ? [] : [specifier.text]
  })
}

function givenModule(specifier: string, from: string, options: ProgramOptions): URL | object | undefined {
  const { modules } = options
  if (!modules) return undefined
  if (Object.hasOwn(modules, specifier)) return modules[specifier]
  if (!specifier.startsWith('.')) return undefined
  const path = resolveSpecifier(specifier, from)
  return Object.entries(modules).find(([suffix]) => suffix.endsWith('.ts') && path.endsWith(suffix))?.[1]
}

function resolveSpecifier(specifier: string, from: string): string {
  if (!specifier.startsWith('.')) {
    throw new InvalidScenario(
      `${display(from)} imports ${specifier}: give it in \`modules\`, only relative imports are followed`,
    )
  }
  return resolve(dirname(from), specifier.replace(/\.js$/, '.ts'))
}

/** A variable of a module would be shared between threads, and live on from one explored run to the next. */
function refuseModuleState(source: ts.SourceFile, file: string): void {
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement) || statement.declarationList.flags & ts.NodeFlags.Const) continue
    if (statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword)) continue
    const line = source.getLineAndCharacterOfPosition(statement.getStart()).line + 1
    throw new Unsupported(`${file}:${line}: a module-level variable is state that no thread of the exploration owns`)
  }
}

function globalsOf(options: ProgramOptions): Record<string, unknown> {
  const refused = (name: string) =>
    new Proxy(function refused() {}, {
      get: (_, key) => (typeof key === 'symbol' ? undefined : fail(name)),
      apply: () => fail(name),
      construct: () => fail(name),
    })
  const fail = (name: string): never => {
    throw new Unsupported(`explored code uses ${name}, which is not the same on every run: give it in \`globals\``)
  }
  return { ...Object.fromEntries(REFUSED_GLOBALS.map((name) => [name, refused(name)])), ...options.globals }
}

function display(path: string): string {
  const shown = relative(process.cwd(), path)
  return shown.startsWith('..') ? path : shown
}
