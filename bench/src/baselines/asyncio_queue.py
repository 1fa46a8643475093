"""asyncio.Queue's side of the queue benchmarks: asyncio_queue.py CASE ITEMS [BOUND] [COROUTINES] [PASS].

With a PASS, ITEMS are moved by that many at a time, each pass through a new queue, as the JavaScript side does.

Prints {"count", "sum", "seconds"}; only what the case is about is timed, the interpreter's start is not.
"""
import asyncio
import json
import sys
import time


async def pairs(items, bound, _):
    queue = asyncio.Queue(bound)
    total = 0

    async def produce():
        for i in range(items):
            await queue.put(i)

    async def consume():
        nonlocal total
        for i in range(items):
            item = await queue.get()
            assert item == i, (item, i)
            total += item

    started = time.perf_counter()
    await asyncio.gather(produce(), consume())
    return items, total, time.perf_counter() - started


async def contended(items, bound, coroutines):
    queue = asyncio.Queue(bound)
    count = total = 0

    async def produce(first):
        for i in range(first, items, coroutines):
            await queue.put(i)

    async def consume(first):
        nonlocal count, total
        for _ in range(first, items, coroutines):
            item = await queue.get()
            total += item
            count += 1

    started = time.perf_counter()
    await asyncio.gather(*(end(first) for first in range(coroutines) for end in (produce, consume)))
    return count, total, time.perf_counter() - started


async def backlog(items, _, __):
    queue = asyncio.Queue()
    for i in range(items):
        queue.put_nowait(i)
    total = 0
    started = time.perf_counter()
    for i in range(items):
        item = await queue.get()
        assert item == i, (item, i)
        total += item
    return items, total, time.perf_counter() - started


async def abort_storm(waiters, _, __):
    queue = asyncio.Queue()
    tasks = [asyncio.ensure_future(queue.get()) for _ in range(waiters)]
    await asyncio.sleep(0)
    started = time.perf_counter()
    for task in reversed(tasks):
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    seconds = time.perf_counter() - started
    return sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes), 0, seconds


CASES = {"pairs": pairs, "contended": contended, "backlog": backlog, "abort-storm": abort_storm}



async def run(case, items, bound, coroutines, size):
    count = total = seconds = 0
    for _ in range(items // size):
        moved, subtotal, took = await CASES[case](size, bound, coroutines)
        count, total, seconds = count + moved, total + subtotal, seconds + took
    return {"count": count, "sum": total, "seconds": seconds}


if __name__ == "__main__":
    case, items, bound, coroutines, size = (*sys.argv[1:], *("0", "1", sys.argv[2])[len(sys.argv) - 3 :])
    json.dump(asyncio.run(run(case, int(items), int(bound), int(coroutines), int(size))), sys.stdout)
