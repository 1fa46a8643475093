// Rewrites a TypeScript file so that each access to shared memory is a scheduling point: functions that touch it become
// generators, their calls `yield*`, their element accesses and Atomics go through the runtime with their place in the source.
import ts from 'typescript'
import { baseOf, type FunctionNode, getterNames, isFunctionNode } from './analysis.js'
import { Emitter } from './emitter.js'
import type { Site } from './operation.js'
import {
  bare,
  COMPOUND,
  functionNameOf,
  importMeta,
  isPatternWithElements,
  isWritten,
  keyOf,
  nameOf,
  publicName,
  usesThis,
  withMembers,
} from './syntax.js'

const { factory } = ts

/** Rewritten TypeScript; `sites` grows by the places that the rewritten code refers to. */
export function transform(source: ts.SourceFile, file: string, touching: ReadonlySet<ts.Node>, sites: Site[]): string {
  const emitter = new Emitter(file, source.text.split('\n'), sites)
  const result = ts.transform(source, [
    (context) => (root) => ts.visitNode(root, new Rewriter(context, touching, emitter).visit) as ts.SourceFile,
  ])
  const text = ts.createPrinter({ removeComments: true }).printFile(result.transformed[0]!)
  result.dispose()
  return text
}

class Rewriter {
  readonly #context: ts.TransformationContext
  readonly #touching: ReadonlySet<ts.Node>
  readonly #getters: ReadonlySet<string>
  readonly #emit: Emitter
  /** Whether the function being rewritten is a generator. */
  #explored = false

  constructor(context: ts.TransformationContext, touching: ReadonlySet<ts.Node>, emitter: Emitter) {
    this.#context = context
    this.#touching = touching
    this.#getters = getterNames(touching)
    this.#emit = emitter
  }

  readonly visit = (node: ts.Node): ts.Node => {
    if (isFunctionNode(node)) return this.#function(node)
    if (ts.isClassDeclaration(node) || ts.isClassExpression(node)) return this.#class(node)
    if (ts.isPrivateIdentifier(node)) return factory.createIdentifier(publicName(node))
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return importMeta()
    if (ts.isBinaryExpression(node)) return this.#binary(node)
    if (this.#explored) {
      if (ts.isElementAccessExpression(node)) return this.#read(node)
      if (ts.isVariableDeclarationList(node)) return this.#variables(node)
      if (ts.isForOfStatement(node)) return this.#loop(node)
      if (ts.isPropertyAccessExpression(node) && this.#getters.has(node.name.text) && !isWritten(node)) {
        return this.#property(node)
      }
      if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return this.#increment(node)
      if (ts.isNewExpression(node)) {
        const target = this.#expression(node.expression)
        return this.#emit.yield('construct', node, [target, this.#list(node.arguments)])
      }
    }
    if (ts.isCallExpression(node)) return this.#call(node)
    return ts.visitEachChild(node, this.visit, this.#context)
  }

  #expression(node: ts.Expression): ts.Expression {
    return ts.visitNode(node, this.visit) as ts.Expression
  }

  #list(args: ts.NodeArray<ts.Expression> | undefined): ts.Expression {
    return factory.createArrayLiteralExpression((args ?? []).map((arg) => this.#expression(arg)))
  }

  // Functions

  #function(node: FunctionNode): ts.Node {
    const outer = this.#explored
    const isAsync = ts.canHaveModifiers(node) && node.modifiers?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword)
    const isGenerator = !ts.isArrowFunction(node) && 'asteriskToken' in node && node.asteriskToken !== undefined
    const name = functionNameOf(node)
    const around = this.#emit.enter(name)
    try {
      if (node.body && (isAsync || isGenerator))
        return this.#stub(node, isAsync ? `async ${name}` : `generator ${name}`)
      const touches = this.#touching.has(node)
      if (touches && ts.isSetAccessor(node)) return this.#stub(node, `setter ${name}`)
      this.#explored = false
      const parameters = node.parameters.map((p) => ts.visitNode(p, this.visit) as ts.ParameterDeclaration)
      this.#explored = touches
      return touches && !ts.isConstructorDeclaration(node) ? this.#generator(node, parameters) : this.#plain(node)
    } finally {
      this.#explored = outer
      this.#emit.leave(around)
    }
  }

  #plain(node: FunctionNode): ts.Node {
    this.#explored = false
    return ts.visitEachChild(node, this.visit, this.#context)
  }

  #generator(node: FunctionNode, parameters: ts.ParameterDeclaration[]): ts.Node {
    if (!node.body) return node
    const star = factory.createToken(ts.SyntaxKind.AsteriskToken)
    const body = this.#body(node.body)
    if (ts.isFunctionDeclaration(node)) {
      return factory.createFunctionDeclaration(node.modifiers, star, node.name, undefined, parameters, undefined, body)
    }
    if (ts.isMethodDeclaration(node) || ts.isGetAccessorDeclaration(node)) {
      const modifiers = node.modifiers?.filter((m) => m.kind !== ts.SyntaxKind.OverrideKeyword)
      const name = ts.isMethodDeclaration(node)
        ? (ts.visitNode(node.name, this.visit) as ts.PropertyName)
        : `__get_${node.name.getText()}`
      return factory.createMethodDeclaration(modifiers, star, name, undefined, undefined, parameters, undefined, body)
    }
    const name = ts.isFunctionExpression(node) ? node.name : undefined
    const expression = factory.createFunctionExpression(undefined, star, name, undefined, parameters, undefined, body)
    if (!ts.isArrowFunction(node)) return expression
    const bind = factory.createPropertyAccessExpression(factory.createParenthesizedExpression(expression), 'bind')
    return usesThis(node) ? factory.createCallExpression(bind, undefined, [factory.createThis()]) : expression
  }

  #body(body: ts.ConciseBody): ts.Block {
    const statements = ts.isBlock(body)
      ? body.statements.map((statement) => ts.visitNode(statement, this.visit) as ts.Statement)
      : [factory.createReturnStatement(this.#expression(body))]
    return factory.createBlock([...this.#emit.declarations(), ...statements], true)
  }

  /** The same function, which throws when it is called. */
  #stub(node: FunctionNode, what: string): ts.Node {
    const call = this.#emit.runtime('unsupported', [factory.createStringLiteral(what), this.#emit.site(node)])
    const body = factory.createBlock([factory.createExpressionStatement(call)])
    const modifiers = (
      ts.canHaveModifiers(node)
        ? node.modifiers?.filter(
            (m) => m.kind !== ts.SyntaxKind.AsyncKeyword && m.kind !== ts.SyntaxKind.OverrideKeyword,
          )
        : undefined
    ) as ts.Modifier[] | undefined
    if (ts.isFunctionDeclaration(node)) {
      return factory.createFunctionDeclaration(modifiers, undefined, node.name, undefined, [], undefined, body)
    }
    if (ts.isFunctionExpression(node) || ts.isArrowFunction(node)) {
      return factory.createFunctionExpression(undefined, undefined, undefined, undefined, [], undefined, body)
    }
    const name = ts.visitNode(node.name, this.visit) as ts.PropertyName
    if (ts.isMethodDeclaration(node)) {
      return factory.createMethodDeclaration(modifiers, undefined, name, undefined, undefined, [], undefined, body)
    }
    if (ts.isSetAccessor(node)) {
      const value = factory.createParameterDeclaration(undefined, undefined, 'value')
      return factory.createSetAccessorDeclaration(modifiers, name, [value], body)
    }
    return factory.createGetAccessorDeclaration(modifiers, name, [], undefined, body)
  }

  // Classes: a constructor that touches memory becomes the generator method `__construct`.

  #class(node: ts.ClassDeclaration | ts.ClassExpression): ts.Node {
    const own = node.members.find((member) => ts.isConstructorDeclaration(member) && member.body !== undefined)
    const rewritten = this.#withGetterStubs(node, ts.visitEachChild(node, this.visit, this.#context))
    if (!own || !ts.isConstructorDeclaration(own) || !this.#touching.has(own)) return rewritten
    const others = rewritten.members.filter((member) => !ts.isConstructorDeclaration(member))
    for (const member of baseOf(node) ? node.members : []) {
      const start = ts.isPropertyDeclaration(member) ? member.initializer : undefined
      // A function uses it when it is called.
      if (start && !ts.isArrowFunction(start) && usesThis(start)) {
        this.#emit.refuse(member, 'a field of a derived class that starts from `this` cannot be explored')
      }
    }
    // Fields that are parameters are assigned by the method; here they are declared.
    const declared = own.parameters
      .filter((p) => ts.isParameterPropertyDeclaration(p, own))
      .map((p) =>
        factory.createPropertyDeclaration(undefined, p.name as ts.Identifier, undefined, undefined, undefined),
      )
    const members = [...declared, ...others, this.#constructorMethod(own, node)]
    return withMembers(rewritten, members)
  }

  /** A getter that became a method: whoever reads it where the analysis did not see it gets an error, not `undefined`. */
  #withGetterStubs<C extends ts.ClassDeclaration | ts.ClassExpression>(node: ts.ClassLikeDeclaration, rewritten: C): C {
    const stubs = node.members
      .filter((member) => ts.isGetAccessorDeclaration(member) && this.#touching.has(member))
      .map((member) =>
        this.#stub(member as ts.GetAccessorDeclaration, `getter ${member.name?.getText()}, read unseen,`),
      )
    return stubs.length === 0
      ? rewritten
      : withMembers(rewritten, [...rewritten.members, ...(stubs as ts.ClassElement[])])
  }

  #constructorMethod(node: ts.ConstructorDeclaration, owner: ts.ClassLikeDeclaration): ts.ClassElement {
    const outer = this.#explored
    const around = this.#emit.enter(`new ${owner.name?.text ?? '(class)'}`)
    this.#explored = false
    const parameters = node.parameters.map((p) =>
      factory.createParameterDeclaration(
        undefined,
        p.dotDotDotToken,
        ts.visitNode(p.name, this.visit) as ts.BindingName,
        undefined,
        undefined,
        p.initializer && this.#expression(p.initializer),
      ),
    )
    this.#explored = true
    const assignments = node.parameters
      .filter((p) => ts.isParameterPropertyDeclaration(p, node))
      .map((p) => {
        const name = p.name as ts.Identifier
        const target = factory.createPropertyAccessExpression(factory.createThis(), name)
        return factory.createExpressionStatement(factory.createAssignment(target, name))
      })
    const body = this.#body(node.body!)
    this.#explored = outer
    this.#emit.leave(around)
    return factory.createMethodDeclaration(
      undefined,
      factory.createToken(ts.SyntaxKind.AsteriskToken),
      '__construct',
      undefined,
      undefined,
      parameters,
      undefined,
      factory.createBlock([...assignments, ...body.statements], true),
    )
  }

  // Accesses

  #read(node: ts.ElementAccessExpression): ts.Expression {
    if (node.expression.kind === ts.SyntaxKind.SuperKeyword) this.#emit.refuse(node, 'super[…] cannot be explored')
    const target = this.#expression(node.expression)
    const key = this.#expression(node.argumentExpression)
    if (!node.questionDotToken) return this.#emit.yield('read', node, [target, key])
    const temporary = this.#emit.temporary()
    return this.#emit.unlessNullish(temporary, target, this.#emit.yield('read', node, [temporary, key]))
  }

  #property(node: ts.PropertyAccessExpression): ts.Expression {
    const name = factory.createStringLiteral(node.name.text)
    if (node.expression.kind === ts.SyntaxKind.SuperKeyword)
      this.#emit.refuse(node, 'a getter of super cannot be explored')
    const object = this.#expression(node.expression)
    if (!node.questionDotToken) return this.#emit.yield('property', node, [object, name])
    const temporary = this.#emit.temporary()
    return this.#emit.unlessNullish(temporary, object, this.#emit.yield('property', node, [temporary, name]))
  }

  /** `const { a, b } = object` where `a` is the name of a getter: that one is read on its own. */
  #variables(node: ts.VariableDeclarationList): ts.Node {
    const declarations = node.declarations.flatMap((declaration) => {
      const { name, initializer } = declaration
      const read = ts.isObjectBindingPattern(name) ? name.elements.filter((each) => this.#getters.has(keyOf(each))) : []
      if (!ts.isObjectBindingPattern(name) || !initializer || read.length === 0) {
        return [ts.visitNode(declaration, this.visit) as ts.VariableDeclaration]
      }
      const object = this.#emit.fresh('__o')
      const held = factory.createVariableDeclaration(object, undefined, undefined, this.#expression(initializer))
      const others = name.elements.filter((each) => !read.includes(each))
      const rest = factory.createVariableDeclaration(
        factory.createObjectBindingPattern(others.map((each) => ts.visitNode(each, this.visit) as ts.BindingElement)),
        undefined,
        undefined,
        object,
      )
      const getters = read.map((each) => {
        if (!ts.isIdentifier(each.name) || each.initializer || others.some((other) => other.dotDotDotToken)) {
          this.#emit.refuse(node, 'this way of taking a getter apart cannot be explored')
        }
        const value = this.#emit.yield('property', each, [object, factory.createStringLiteral(keyOf(each))])
        return factory.createVariableDeclaration(each.name, undefined, undefined, value)
      })
      return [held, ...(others.length > 0 ? [rest] : []), ...getters]
    })
    return factory.updateVariableDeclarationList(node, declarations)
  }

  /** `for (const { a, b } of list)` where `a` is the name of a getter: taken apart inside. */
  #loop(node: ts.ForOfStatement): ts.Node {
    const { initializer } = node
    const [declaration] = ts.isVariableDeclarationList(initializer) ? initializer.declarations : []
    const pattern = declaration?.name
    const reads =
      pattern && ts.isObjectBindingPattern(pattern) && pattern.elements.some((each) => this.#getters.has(keyOf(each)))
    if (!reads) return ts.visitEachChild(node, this.visit, this.#context)
    const element = this.#emit.fresh('__e')
    const apart = factory.createVariableDeclarationList(
      [factory.createVariableDeclaration(pattern, undefined, undefined, element)],
      ts.NodeFlags.Const,
    )
    return factory.createForOfStatement(
      node.awaitModifier,
      factory.createVariableDeclarationList([factory.createVariableDeclaration(element)], ts.NodeFlags.Const),
      this.#expression(node.expression),
      factory.createBlock([
        factory.createVariableStatement(undefined, this.#variables(apart) as ts.VariableDeclarationList),
        ts.visitNode(node.statement, this.visit) as ts.Statement,
      ]),
    )
  }

  #binary(node: ts.BinaryExpression): ts.Node {
    const operator = node.operatorToken.kind
    if (ts.isPrivateIdentifier(node.left)) {
      return factory.createBinaryExpression(
        factory.createStringLiteral(publicName(node.left)),
        node.operatorToken,
        this.#expression(node.right),
      )
    }
    const isAssignment = operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment
    const target = isAssignment ? bare(node.left) : undefined
    if (!this.#explored || !target || !ts.isElementAccessExpression(target)) {
      if (this.#explored && isAssignment && target && isPatternWithElements(target)) {
        this.#emit.refuse(node, 'a destructuring into elements cannot be explored')
      }
      return ts.visitEachChild(node, this.visit, this.#context)
    }
    const object = this.#expression(target.expression)
    const key = this.#expression(target.argumentExpression)
    const value = this.#expression(node.right)
    if (operator === ts.SyntaxKind.EqualsToken) return this.#emit.yield('write', node, [object, key, value])
    const arithmetic = COMPOUND.get(operator)
    if (arithmetic === undefined) this.#emit.refuse(node, 'a logical assignment to an element cannot be explored')
    return this.#update(node, object, key, arithmetic, value)
  }

  #update(
    node: ts.Node,
    object: ts.Expression,
    key: ts.Expression,
    operator: ts.BinaryOperator,
    value: ts.Expression,
  ): ts.Expression {
    const [heldObject, heldKey] = [this.#emit.temporary(), this.#emit.temporary()]
    const read = this.#emit.yield('read', node, [heldObject, heldKey])
    return this.#emit.yield('write', node, [
      factory.createAssignment(heldObject, object),
      factory.createAssignment(heldKey, key),
      factory.createBinaryExpression(read, operator, factory.createParenthesizedExpression(value)),
    ])
  }

  #increment(node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): ts.Node {
    const target = bare(node.operand)
    const isStep = node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken
    if (!isStep || !ts.isElementAccessExpression(target)) return ts.visitEachChild(node, this.visit, this.#context)
    const operator = node.operator === ts.SyntaxKind.PlusPlusToken ? ts.SyntaxKind.PlusToken : ts.SyntaxKind.MinusToken
    const object = this.#expression(target.expression)
    const key = this.#expression(target.argumentExpression)
    const updated = this.#update(node, object, key, operator, factory.createNumericLiteral(1))
    if (ts.isPrefixUnaryExpression(node)) return updated
    const back = operator === ts.SyntaxKind.PlusToken ? ts.SyntaxKind.MinusToken : ts.SyntaxKind.PlusToken
    return factory.createParenthesizedExpression(
      factory.createBinaryExpression(updated, back, factory.createNumericLiteral(1)),
    )
  }

  // Calls

  #call(node: ts.CallExpression): ts.Node {
    const callee = bare(node.expression)
    if (this.#explored && callee.kind === ts.SyntaxKind.SuperKeyword) {
      const construct = factory.createPropertyAccessExpression(factory.createSuper(), '__construct')
      return this.#emit.yield('superConstruct', node, [construct, factory.createThis(), this.#list(node.arguments)])
    }
    const keeps = callee.kind === ts.SyntaxKind.SuperKeyword || callee.kind === ts.SyntaxKind.ImportKeyword
    if (keeps) return ts.visitEachChild(node, this.visit, this.#context)
    if (ts.isOptionalChain(node)) return this.#optionalCall(node, callee)
    const args = this.#list(node.arguments)
    if (ts.isPropertyAccessExpression(callee)) {
      const name = factory.createStringLiteral(nameOf(callee.name))
      if (callee.expression.kind === ts.SyntaxKind.SuperKeyword) {
        const method = factory.createPropertyAccessExpression(factory.createSuper(), callee.name.text)
        return this.#invoke(node, 'apply', 'plain', [method, factory.createThis(), args])
      }
      if (ts.isIdentifier(callee.expression) && callee.expression.text === 'Atomics') {
        return this.#explored
          ? this.#emit.yield('atomic', node, [name, args])
          : ts.visitEachChild(node, this.visit, this.#context)
      }
      return this.#invoke(node, 'call', 'plainCall', [this.#expression(callee.expression), name, args])
    }
    if (ts.isElementAccessExpression(callee)) {
      const [object, key] = [this.#expression(callee.expression), this.#expression(callee.argumentExpression)]
      return this.#invoke(node, 'call', 'plainCall', [object, key, args])
    }
    return this.#invoke(node, 'apply', 'plain', [this.#expression(callee), factory.createVoidZero(), args])
  }

  #invoke(node: ts.Node, explored: string, plain: string, args: readonly ts.Expression[]): ts.Expression {
    return this.#explored
      ? this.#emit.yield(explored, node, args)
      : this.#emit.runtime(plain, [...args, this.#emit.site(node)])
  }

  #optionalCall(node: ts.CallExpression, callee: ts.Expression): ts.Node {
    if (!this.#explored) return ts.visitEachChild(node, this.visit, this.#context)
    const temporary = this.#emit.temporary()
    if (node.questionDotToken && !ts.isPropertyAccessExpression(callee) && !ts.isElementAccessExpression(callee)) {
      const call = this.#emit.yield('apply', node, [temporary, factory.createVoidZero(), this.#list(node.arguments)])
      return this.#emit.unlessNullish(temporary, this.#expression(callee), call)
    }
    if (!ts.isPropertyAccessExpression(callee)) this.#emit.refuse(node, 'this optional chain cannot be explored')
    if (ts.isOptionalChain(callee.expression)) return this.#callOfChain(node, callee, temporary)
    const name = nameOf(callee.name)
    const call = this.#emit.yield('call', node, [
      temporary,
      factory.createStringLiteral(name),
      this.#list(node.arguments),
    ])
    const object = this.#expression(callee.expression)
    if (callee.questionDotToken) return this.#emit.unlessNullish(temporary, object, call)
    const held = factory.createParenthesizedExpression(factory.createAssignment(temporary, object))
    return this.#emit.unlessNullish(this.#emit.temporary(), factory.createPropertyAccessExpression(held, name), call)
  }
  /** `a?.b.c()`: all of it, unless `a` is nullish. */
  #callOfChain(node: ts.CallExpression, callee: ts.PropertyAccessExpression, temporary: ts.Identifier): ts.Node {
    const links: ts.PropertyAccessExpression[] = []
    let root: ts.Expression = callee.expression
    for (let isOptional = false; !isOptional; ) {
      if (!ts.isPropertyAccessExpression(root) || callee.questionDotToken || node.questionDotToken)
        this.#emit.refuse(node, 'this optional chain cannot be explored')
      isOptional = root.questionDotToken !== undefined
      links.unshift(root)
      root = root.expression
    }
    let object: ts.Expression = temporary
    for (const { name } of links) {
      object = this.#getters.has(name.text)
        ? this.#emit.yield('property', node, [object, factory.createStringLiteral(name.text)])
        : factory.createPropertyAccessExpression(object, nameOf(name))
    }
    const call = this.#emit.yield('call', node, [
      object,
      factory.createStringLiteral(nameOf(callee.name)),
      this.#list(node.arguments),
    ])
    return this.#emit.unlessNullish(temporary, this.#expression(root), call)
  }
}
