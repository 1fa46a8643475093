"""janus, thread to coroutine: janus_queue.py CASE ITEMS. Prints {"count", "sum", "seconds"}.

one      the coroutine awaits get() for each item
batches  it awaits one item and takes the rest without waiting
"""
import asyncio
import json
import sys
import threading
import time

import janus


async def main(case, items):
    queue = janus.Queue(maxsize=1000)

    def produce():
        for i in range(items):
            queue.sync_q.put(i)

    total = count = 0

    def accept(item):
        nonlocal total, count
        assert item == count, (item, count)
        count += 1
        total += item

    started = time.perf_counter()
    thread = threading.Thread(target=produce)
    thread.start()
    while count < items:
        accept(await queue.async_q.get())
        while case == "batches" and not queue.async_q.empty():
            accept(queue.async_q.get_nowait())
    seconds = time.perf_counter() - started
    thread.join()
    await queue.aclose()
    return {"count": count, "sum": total, "seconds": seconds}


if __name__ == "__main__":
    json.dump(asyncio.run(main(sys.argv[1], int(sys.argv[2]))), sys.stdout)
