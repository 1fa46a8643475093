/** Items of one pass: what tinybench times as one iteration. */
export const PASS = 10_000
/** Room of the contended queue: far less than there are producers. */
export const CONTENDED_BOUND = 10
/** Items below which a peer whose buffer is an array with shift() still ends within seconds. */
export const SHIFT_BACKLOG = 50_000
