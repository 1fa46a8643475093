// What rewritten code is made of: calls of the runtime, each with its place in the source, and the temporaries that they need.
import ts from 'typescript'
import { Unsupported } from './errors.js'
import type { Site } from './operation.js'
import { siteStart } from './syntax.js'

const { factory } = ts

/** What rewritten code calls the runtime. */
export const RUNTIME = '__interleave'

/** A function that is being rewritten. */
export interface Frame {
  /** As reports call it. */
  readonly name: string
  readonly temporaries: ts.Identifier[]
}

export class Emitter {
  #frame: Frame = { name: '', temporaries: [] }

  /** @param sites - grows by the places that the emitted code refers to */
  constructor(
    private readonly file: string,
    private readonly lines: readonly string[],
    private readonly sites: Site[],
  ) {}

  /** From here on code goes into a function; one without a name goes by that of the function around it. @returns what to `leave()` to */
  enter(name: string): Frame {
    const outer = this.#frame
    this.#frame = { name: name || outer.name, temporaries: [] }
    return outer
  }

  leave(outer: Frame): void {
    this.#frame = outer
  }

  /** The place of `node`, as a number. */
  site(node: ts.Node): ts.Expression {
    const position = node.getSourceFile().getLineAndCharacterOfPosition(siteStart(node))
    this.sites.push({
      file: this.file,
      line: position.line + 1,
      column: position.character + 1,
      text: this.lines[position.line]!.trim(),
      functionName: this.#frame.name,
    })
    return factory.createNumericLiteral(this.sites.length - 1)
  }

  /** A call of a method of the runtime. */
  runtime(method: string, args: readonly ts.Expression[]): ts.Expression {
    return factory.createCallExpression(
      factory.createPropertyAccessExpression(factory.createIdentifier(RUNTIME), method),
      undefined,
      args,
    )
  }

  /** The same with the place of `node`, where other threads may have their turn. */
  yield(method: string, node: ts.Node, args: readonly ts.Expression[]): ts.Expression {
    const call = this.runtime(method, [...args, this.site(node)])
    return factory.createParenthesizedExpression(
      factory.createYieldExpression(factory.createToken(ts.SyntaxKind.AsteriskToken), call),
    )
  }

  /** A variable of the function, for `declarations()` to declare. */
  temporary(): ts.Identifier {
    const { temporaries } = this.#frame
    const name = this.fresh(`__t${temporaries.length}_`)
    temporaries.push(name)
    return name
  }

  /** A name that is not used for anything else in the function. */
  fresh(prefix: string): ts.Identifier {
    return factory.createIdentifier(`${prefix}${this.sites.length}`)
  }

  declarations(): ts.Statement[] {
    const { temporaries } = this.#frame
    if (temporaries.length === 0) return []
    const list = temporaries.map((name) => factory.createVariableDeclaration(name))
    return [factory.createVariableStatement(undefined, factory.createVariableDeclarationList(list, ts.NodeFlags.Let))]
  }

  /** `then`, or undefined where the value, kept in `temporary`, is null or undefined: what `?.` does. */
  unlessNullish(temporary: ts.Identifier, value: ts.Expression, then: ts.Expression): ts.Expression {
    const assigned = factory.createParenthesizedExpression(factory.createAssignment(temporary, value))
    const test = factory.createBinaryExpression(assigned, ts.SyntaxKind.EqualsEqualsToken, factory.createNull())
    return factory.createParenthesizedExpression(
      factory.createConditionalExpression(test, undefined, factory.createVoidZero(), undefined, then),
    )
  }

  refuse(node: ts.Node, why: string): never {
    const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart())
    throw new Unsupported(`${this.file}:${line + 1}: ${why}: ${this.lines[line]!.trim()}`)
  }
}
