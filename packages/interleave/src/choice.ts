/** A transition, in one number: thread, what it does, and which of several. */
export type Choice = number
export const STEP = 0
export const TASK = 1
export const CHOOSE = 2
export const TIMEOUT = 3
export const KILL = 4
export function choiceOf(thread: number, action: number, argument = 0): Choice {
  return thread | (action << 4) | (argument << 8)
}
export function threadOf(choice: Choice): number {
  return choice & 15
}
export function actionOf(choice: Choice): number {
  return (choice >> 4) & 15
}
export function argumentOf(choice: Choice): number {
  return choice >> 8
}
