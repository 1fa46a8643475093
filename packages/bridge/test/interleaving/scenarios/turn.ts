// Stands in for the turns of an event loop: each that asks for one gets it as a task of its own, and no budget is ever spent.
import { post } from '@millrace/interleave/thread'
import type { TurnTaker } from '../../../src/turn.js'

export type { TurnTaker }

export const turn = {
  join(taker: TurnTaker): void {
    if (taker.isInTurn) return
    taker.isInTurn = true
    post(() => {
      taker.isInTurn = false
      taker.onTurn()
    })
  },
  isSpent: (): boolean => false,
  affordable: (): number => 32,
  spend(): void {},
}
