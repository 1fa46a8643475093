// Which functions touch shared memory. By name and on the safe side: a function judged to touch it and that does not costs
// a little time; one that was missed throws when it is called (runtime.ts), it is never run unseen.
import ts from 'typescript'

export type FunctionNode =
  | ts.FunctionDeclaration
  | ts.FunctionExpression
  | ts.ArrowFunction
  | ts.MethodDeclaration
  | ts.ConstructorDeclaration
  | ts.GetAccessorDeclaration
  | ts.SetAccessorDeclaration

export function isFunctionNode(node: ts.Node): node is FunctionNode {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isGetAccessorDeclaration(node) ||
    ts.isSetAccessorDeclaration(node)
  )
}

/** Typed array and DataView methods that read or write memory, and the explorer's own operations. */
const ACCESSING_METHODS = new Set(['set', 'fill', 'copyWithin', 'choose', 'onExit', 'post'])
const DATA_VIEW_METHOD = /^[gs]et(Int8|Uint8|Int16|Uint16|Int32|Uint32|Float32|Float64)$/
/** Array methods that call back at once: runtime.ts takes the steps of their callbacks. */
const CALLING_BACK = new Set(['forEach', 'map', 'filter', 'some', 'every', 'find', 'findIndex'])
/** A call through a parameter, a variable or a property that holds a function. */
const THROUGH_A_VALUE = '(value)'

interface Facts {
  readonly node: FunctionNode
  readonly names: readonly string[]
  readonly escapes: boolean
  readonly calls: Set<string>
  /** Functions written in place that array methods call back. */
  readonly callbacks: Facts[]
  touches: boolean
}

/** The functions, over all files, that become generators. */
export function functionsTouchingMemory(files: readonly ts.SourceFile[]): ReadonlySet<ts.Node> {
  const facts: Facts[] = []
  const functionNames = new Set<string>()
  const valueNames = new Set<string>()
  const aliases = new Map<string, string>()
  const referenced = new Set<string>()
  /** Of each class that extends another one of the files: constructor names, derived to base. */
  const bases = new Map<string, string>()

  const visit = (node: ts.Node, current: Facts | undefined): void => {
    let inside = current
    if (isFunctionNode(node)) {
      const names = namesOf(node)
      for (const name of names) functionNames.add(name)
      inside = { node, names, escapes: names.length === 0, calls: new Set(), callbacks: [], touches: false }
      facts.push(inside)
      if (isCalledBack(node)) current?.callbacks.push(inside)
      if (ts.isConstructorDeclaration(node)) {
        const base = node.parent.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)
          ?.types[0]
        if (base) inside.calls.add(`new ${base.expression.getText()}`)
      }
    }
    collectNames(node, valueNames, aliases)
    if (inside) {
      if (touchesDirectly(node)) inside.touches = true
      if (ts.isCallExpression(node)) inside.calls.add(calleeName(node.expression))
      if (ts.isPropertyAccessExpression(node) && !isCallee(node)) inside.calls.add(`get ${node.name.text}`)
      if (ts.isBindingElement(node)) inside.calls.add(`get ${(node.propertyName ?? node.name).getText()}`)
      if (ts.isNewExpression(node)) inside.calls.add(`new ${node.expression.getText()}`)
    }
    if (isReferenceToFunction(node)) referenced.add(node.text)
    ts.forEachChild(node, (child) => visit(child, inside))
  }
  for (const file of files) visit(file, undefined)

  for (const fact of facts) {
    for (const name of [...fact.calls]) {
      const original = aliases.get(name)
      if (original) fact.calls.add(original)
      if (valueNames.has(name) && !functionNames.has(name)) fact.calls.add(THROUGH_A_VALUE)
    }
  }
  const touching = new Set<string>()
  for (let grew = true; grew; ) {
    grew = false
    for (const fact of facts) {
      const calls = [...fact.calls].some((name) => touching.has(name)) || fact.callbacks.some(({ touches }) => touches)
      if (!fact.touches && !calls) continue
      if (!fact.touches) grew = true
      fact.touches = true
      const names = [...fact.names]
      // A constructor that became a method calls its base's as one.
      const base = bases.get(fact.names[0] ?? '')
      const baseFact = facts.find((other) => base !== undefined && other.names[0] === base)
      if (baseFact && !baseFact.touches) {
        baseFact.touches = true
        grew = true
      }
      if (fact.escapes || fact.names.some((name) => referenced.has(name))) names.push(THROUGH_A_VALUE)
      for (const name of names) {
        if (touching.has(name)) continue
        touching.add(name)
        grew = true
      }
    }
  }
  return new Set(facts.filter((fact) => fact.touches).map((fact) => fact.node))
}

function isCalledBack(node: FunctionNode): boolean {
  const { parent } = node
  return ts.isCallExpression(parent) && parent.arguments[0] === node && CALLING_BACK.has(calleeName(parent.expression))
}

function isCallee(node: ts.PropertyAccessExpression): boolean {
  return ts.isCallExpression(node.parent) && node.parent.expression === node
}

/** Names of the getters among functions. */
export function getterNames(functions: ReadonlySet<ts.Node>): ReadonlySet<string> {
  return new Set([...functions].filter(ts.isGetAccessorDeclaration).map((node) => node.name.getText()))
}

/** What a class extends, if it extends anything. */
export function baseOf(node: ts.ClassLikeDeclaration): string | undefined {
  const clause = node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
  return clause?.types[0]?.expression.getText()
}

function touchesDirectly(node: ts.Node): boolean {
  if (ts.isElementAccessExpression(node)) return !ts.isStringLiteralLike(node.argumentExpression)
  if (!ts.isCallExpression(node)) return false
  const callee = node.expression
  if (ts.isIdentifier(callee)) return ACCESSING_METHODS.has(callee.text)
  if (!ts.isPropertyAccessExpression(callee)) return false
  if (ts.isIdentifier(callee.expression) && callee.expression.text === 'Atomics') return true
  return ACCESSING_METHODS.has(callee.name.text) || DATA_VIEW_METHOD.test(callee.name.text)
}

function calleeName(callee: ts.Expression): string {
  let expression = callee
  while (ts.isParenthesizedExpression(expression) || ts.isNonNullExpression(expression))
    expression = expression.expression
  if (ts.isIdentifier(expression)) return expression.text
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text
  return THROUGH_A_VALUE
}

function namesOf(node: FunctionNode): string[] {
  if (ts.isConstructorDeclaration(node)) return [`new ${node.parent.name?.text ?? ''}`]
  const names: string[] = []
  if (ts.isGetAccessorDeclaration(node) || ts.isSetAccessorDeclaration(node))
    return [`${ts.isGetAccessorDeclaration(node) ? 'get' : 'set'} ${node.name.getText()}`]
  if (node.name && !ts.isComputedPropertyName(node.name)) names.push(node.name.text)
  let holder: ts.Node = node.parent
  while (ts.isParenthesizedExpression(holder) || ts.isAsExpression(holder) || ts.isSatisfiesExpression(holder)) {
    holder = holder.parent
  }
  if (ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name)) names.push(holder.name.text)
  else if (ts.isPropertyAssignment(holder) || ts.isPropertyDeclaration(holder)) {
    if (!ts.isComputedPropertyName(holder.name)) names.push(holder.name.text)
  } else if (ts.isBinaryExpression(holder) && holder.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    names.push(calleeName(holder.left))
  }
  return names
}

function collectNames(node: ts.Node, values: Set<string>, aliases: Map<string, string>): void {
  if (ts.isImportSpecifier(node) && node.propertyName) aliases.set(node.name.text, node.propertyName.text)
  const holdsValue =
    ts.isParameter(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isBindingElement(node)
  if (holdsValue && (ts.isIdentifier(node.name) || ts.isPrivateIdentifier(node.name))) values.add(node.name.text)
}

/** A name that is read, not called: a function of that name may travel as a value. */
function isReferenceToFunction(node: ts.Node): node is ts.Identifier | ts.PrivateIdentifier {
  if (!ts.isIdentifier(node) && !ts.isPrivateIdentifier(node)) return false
  const parent = node.parent
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return !(ts.isCallExpression(parent.parent) && parent.parent.expression === parent)
  }
  if (ts.isCallExpression(parent)) return parent.expression !== node
  return ts.isPropertyAssignment(parent)
    ? parent.initializer === node
    : ts.isVariableDeclaration(parent) && parent.initializer === node
}
