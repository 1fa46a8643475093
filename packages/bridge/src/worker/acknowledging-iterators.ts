import type { WaitOptions } from '@millrace/queue/waiting'
import { BatchGetter, NextGetter } from '../fan-in/getters.js'
import { BatchIterator, ItemIterator } from '../fan-in/iterators.js'
import type { ConsumerIntake } from './consumer-intake.js'

/** What an iterator has given since its last step, and has to settle with the next. */
export class LastGiven {
  private from = 0
  private to = 0
  private isDue = false
  /** What was given before that, to steps that were asked for together. */
  private readonly earlier: { readonly from: number; readonly to: number }[] = []

  constructor(private readonly intake: ConsumerIntake<unknown>) {}

  /** To call around whatever takes items for the iterator. */
  note(take: () => void): void {
    const before = this.intake.given
    take()
    if (this.isDue) this.earlier.push({ from: this.from, to: this.to })
    this.from = before + 1
    this.to = this.intake.given
    this.isDue = true
  }

  settle(): void {
    if (!this.isDue) return
    this.isDue = false
    for (const { from, to } of this.earlier) this.intake.settle(from, to)
    this.earlier.length = 0
    this.intake.settle(this.from, this.to)
  }
}

/** `for await` over a consumer's items: each step acknowledges the item before. */
export class AcknowledgingItems<T> extends ItemIterator<T> {
  private readonly last: LastGiven

  constructor(
    private readonly intake: ConsumerIntake<T>,
    options: WaitOptions | undefined,
  ) {
    super(intake, options)
    this.last = new LastGiven(intake)
  }

  override next(): Promise<IteratorResult<T, undefined>> {
    this.last.settle()
    return super.next()
  }

  protected override take(): T {
    let item!: T
    this.last.note(() => {
      item = super.take()
    })
    return item
  }

  protected override getter(): NextGetter<T> {
    return new NotingNext(this.intake, this, this.last)
  }
}

class NotingNext<T> extends NextGetter<T> {
  constructor(
    intake: ConsumerIntake<T>,
    iterator: AcknowledgingItems<T>,
    private readonly last: LastGiven,
  ) {
    super(intake, iterator)
  }

  override serve(): void {
    this.last.note(() => super.serve())
  }
}

/** `for await` over batches: each step acknowledges the whole batch before. */
export class AcknowledgingBatches<T> extends BatchIterator<T> {
  private readonly last: LastGiven

  constructor(
    private readonly intake: ConsumerIntake<T>,
    options: WaitOptions | undefined,
    private readonly limit: number,
  ) {
    super(intake, options, limit)
    this.last = new LastGiven(intake)
  }

  override next(): Promise<IteratorResult<T[], undefined>> {
    this.last.settle()
    return super.next()
  }

  protected override take(): T[] {
    let items!: T[]
    this.last.note(() => {
      items = super.take()
    })
    return items
  }

  protected override getter(): BatchGetter<T> {
    return new NotingBatch(this.intake, this, this.limit, this.last)
  }
}

class NotingBatch<T> extends BatchGetter<T> {
  constructor(
    intake: ConsumerIntake<T>,
    iterator: AcknowledgingBatches<T>,
    max: number,
    private readonly last: LastGiven,
  ) {
    super(intake, iterator, max)
  }

  override serve(): void {
    this.last.note(() => super.serve())
  }
}
