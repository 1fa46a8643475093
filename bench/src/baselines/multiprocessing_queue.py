"""multiprocessing.Queue, process to process: multiprocessing_queue.py CASE ITEMS. Prints {"count", "sum", "seconds"}."""
import json
import multiprocessing
import sys
import time


def produce(queue, go, items):
    go.wait()
    for i in range(items):
        queue.put(i)


def main(items):
    queue = multiprocessing.Queue(1000)
    go = multiprocessing.Event()
    process = multiprocessing.Process(target=produce, args=(queue, go, items))
    process.start()
    total = 0
    started = time.perf_counter()
    go.set()
    for due in range(items):
        item = queue.get()
        assert item == due, (item, due)
        total += item
    seconds = time.perf_counter() - started
    process.join()
    return {"count": items, "sum": total, "seconds": seconds}


if __name__ == "__main__":
    json.dump(main(int(sys.argv[2])), sys.stdout)
