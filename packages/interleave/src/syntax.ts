// Questions about TypeScript's syntax, and the few nodes that transform.ts makes more than once.
import ts from 'typescript'
import { type FunctionNode, isFunctionNode } from './analysis.js'

const { factory } = ts

/** What a compound assignment computes. */
export const COMPOUND = new Map<ts.SyntaxKind, ts.BinaryOperator>([
  [ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.MinusEqualsToken, ts.SyntaxKind.MinusToken],
  [ts.SyntaxKind.AsteriskEqualsToken, ts.SyntaxKind.AsteriskToken],
  [ts.SyntaxKind.SlashEqualsToken, ts.SyntaxKind.SlashToken],
  [ts.SyntaxKind.PercentEqualsToken, ts.SyntaxKind.PercentToken],
  [ts.SyntaxKind.AmpersandEqualsToken, ts.SyntaxKind.AmpersandToken],
  [ts.SyntaxKind.BarEqualsToken, ts.SyntaxKind.BarToken],
  [ts.SyntaxKind.CaretEqualsToken, ts.SyntaxKind.CaretToken],
  [ts.SyntaxKind.LessThanLessThanEqualsToken, ts.SyntaxKind.LessThanLessThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken],
])

/** The property that an element of a pattern takes. */
export function keyOf(element: ts.BindingElement): string {
  return (element.propertyName ?? element.name).getText()
}

export function withMembers<C extends ts.ClassDeclaration | ts.ClassExpression>(
  node: C,
  members: readonly ts.ClassElement[],
): C {
  const { modifiers, name, heritageClauses } = node
  return (
    ts.isClassDeclaration(node)
      ? factory.updateClassDeclaration(node, modifiers, name, undefined, heritageClauses, members)
      : factory.updateClassExpression(node, modifiers, name, undefined, heritageClauses, members)
  ) as C
}

export function bare(node: ts.Expression): ts.Expression {
  let expression = node
  while (
    ts.isParenthesizedExpression(expression) ||
    ts.isNonNullExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression)
  ) {
    expression = expression.expression
  }
  return expression
}

/** Private members become public ones: a checkpoint sees them, and a call goes through the same door as any other. */
export function publicName(name: ts.PrivateIdentifier): string {
  return `_private_${name.text.slice(1)}`
}

/** The name of a member in rewritten code. */
export function nameOf(name: ts.MemberName): string {
  return ts.isPrivateIdentifier(name) ? publicName(name) : name.text
}

export function importMeta(): ts.Expression {
  const url = factory.createPropertyAssignment('url', factory.createStringLiteral('file:///explored'))
  return factory.createParenthesizedExpression(factory.createObjectLiteralExpression([url]))
}

export function functionNameOf(node: FunctionNode): string {
  if (ts.isConstructorDeclaration(node)) return `new ${node.parent.name?.text ?? '(class)'}`
  const owner = ts.isClassLike(node.parent) && node.parent.name ? `${node.parent.name.text}.` : ''
  if (node.name) return owner + node.name.getText()
  return ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : ''
}

/** For a chain of calls over several lines: where the called name stands. */
export function siteStart(node: ts.Node): number {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
    return node.expression.name.getStart()
  return node.getStart()
}

export function usesThis(node: ts.Node): boolean {
  let found = false
  const look = (child: ts.Node): void => {
    if (child.kind === ts.SyntaxKind.ThisKeyword) found = true
    if (found || (isFunctionNode(child) && !ts.isArrowFunction(child)) || ts.isClassLike(child)) return
    ts.forEachChild(child, look)
  }
  ts.forEachChild(node, look)
  return found
}

/** Whether the expression is assigned to, rather than read. */
export function isWritten(node: ts.Expression): boolean {
  const { parent } = node
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent) || ts.isDeleteExpression(parent)) {
    return parent.kind !== ts.SyntaxKind.PrefixUnaryExpression || !isSign((parent as ts.PrefixUnaryExpression).operator)
  }
  if (!ts.isBinaryExpression(parent) || parent.left !== node) return false
  const operator = parent.operatorToken.kind
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment
}

function isSign(operator: ts.PrefixUnaryOperator): boolean {
  return operator !== ts.SyntaxKind.PlusPlusToken && operator !== ts.SyntaxKind.MinusMinusToken
}

export function isPatternWithElements(node: ts.Expression): boolean {
  if (!ts.isArrayLiteralExpression(node) && !ts.isObjectLiteralExpression(node)) return false
  let found = false
  const look = (child: ts.Node): void => {
    if (ts.isElementAccessExpression(child)) found = true
    else ts.forEachChild(child, look)
  }
  ts.forEachChild(node, look)
  return found
}
