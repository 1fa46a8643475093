"""Records what CPython's own asyncio queues do, as JSON for parity.test.ts.

    python3.13 test/parity/record.py

Random schedules, each step followed by enough turns of the event loop that everything that can run has run: there
direct hand-off and CPython's wake-and-recheck must agree. And the nine places where they do not, each within one turn,
with what CPython makes of them. Needs 3.13 or later, whose queues have shutdown().
"""

import asyncio
import json
import pathlib
import random
import sys

CLASSES = {"Queue": asyncio.Queue, "LifoQueue": asyncio.LifoQueue, "PriorityQueue": asyncio.PriorityQueue}
SCHEDULES = 12
STEPS = 50


async def settle():
    for _ in range(12):
        await asyncio.sleep(0)


class Recorder:
    def __init__(self, title, maxsize):
        self.queue = CLASSES[title](maxsize)
        self.tasks = {}
        self.reported = set()
        self.shut = False

    def start(self, number, coroutine):
        self.tasks[number] = asyncio.ensure_future(coroutine)

    def newly_settled(self):
        settled = {}
        for number, task in self.tasks.items():
            if number in self.reported or not task.done():
                continue
            self.reported.add(number)
            settled[str(number)] = outcome_of(task)
        return settled

    def state(self):
        queue = self.queue
        return {
            "size": queue.qsize(),
            "empty": queue.empty(),
            "full": queue.full(),
            "getting": sum(not waiter.done() for waiter in queue._getters),
            "putting": sum(not waiter.done() for waiter in queue._putters),
            "unfinished": queue._unfinished_tasks,
        }


def outcome_of(task):
    if task.cancelled():
        return {"error": "cancelled"}
    if task.exception() is not None:
        return {"error": type(task.exception()).__name__}
    return {"value": task.result()}


def attempt(function, *arguments):
    try:
        return {"value": function(*arguments)}
    except Exception as error:
        return {"error": type(error).__name__}


async def record_schedule(title, seed):
    chance = random.Random(f"{title} {seed}")
    maxsize = chance.choice([0, 1, 2, 3])
    recorder = Recorder(title, maxsize)
    queue = recorder.queue
    # Each item once: CPython's heap does not keep the order of equal ones.
    items = chance.sample(range(1000), STEPS)
    steps = []
    for number in range(STEPS):
        names = ["put"] * 6 + ["get"] * 6 + ["put_nowait"] * 4 + ["get_nowait"] * 4 + ["cancel"] * 3 + ["task_done"] * 3
        name = chance.choice(names + ["join"] + (["shutdown"] if number > STEPS * 0.8 else []))
        step = {"op": name, "id": number}
        if name == "put":
            step["item"] = items[number]
            recorder.start(number, queue.put(items[number]))
        elif name == "get":
            recorder.start(number, queue.get())
        elif name == "join":
            recorder.start(number, queue.join())
        elif name == "put_nowait":
            step["item"] = items[number]
            step["result"] = attempt(queue.put_nowait, items[number])
        elif name == "get_nowait":
            step["result"] = attempt(queue.get_nowait)
        elif name == "task_done":
            step["result"] = attempt(queue.task_done)
        elif name == "cancel":
            pending = [each for each, task in recorder.tasks.items() if not task.done()]
            step["target"] = chance.choice(pending) if pending else None
            if pending:
                recorder.tasks[step["target"]].cancel()
        elif name == "shutdown":
            step["immediate"] = chance.random() < 0.5
            step["result"] = attempt(queue.shutdown, step["immediate"])
        await settle()
        step["settled"] = recorder.newly_settled()
        step["state"] = recorder.state()
        steps.append(step)
    for task in recorder.tasks.values():
        task.cancel()
    await settle()
    return {"queue": title, "maxsize": maxsize, "seed": seed, "steps": steps}


async def results(*tasks):
    await settle()
    return [outcome_of(task) if task.done() else "pending" for task in tasks]


async def t023():
    queue = asyncio.Queue()
    get = asyncio.ensure_future(queue.get())
    await settle()
    queue.put_nowait(1)
    seen = {"size": queue.qsize(), "getNowait": attempt(queue.get_nowait)}
    seen["get"] = (await results(get))[0]
    get.cancel()
    return seen


async def t024():
    queue = asyncio.Queue(1)
    get = asyncio.ensure_future(queue.get())
    await settle()
    puts = [attempt(queue.put_nowait, item) for item in (1, 2, 3)]
    return {"puts": puts, "get": (await results(get))[0]}


async def t025():
    queue = asyncio.PriorityQueue()
    get = asyncio.ensure_future(queue.get())
    await settle()
    queue.put_nowait(5)
    queue.put_nowait(1)
    return {"get": (await results(get))[0], "next": attempt(queue.get_nowait)}


async def t030():
    queue = asyncio.Queue(1)
    queue.put_nowait(1)
    put = asyncio.ensure_future(queue.put(2))
    await settle()
    got = attempt(queue.get_nowait)
    seen = {"got": got, "size": queue.qsize(), "unfinished": queue._unfinished_tasks}
    seen["put"] = (await results(put))[0]
    return seen


async def t032():
    queue = asyncio.Queue(1)
    queue.put_nowait("x")
    old = asyncio.ensure_future(queue.put("old"))
    await settle()
    queue.get_nowait()
    barging = attempt(queue.put_nowait, "new")
    await settle()
    first = attempt(queue.get_nowait)
    await results(old)
    return {"barging": barging, "first": first}


async def t036():
    queue = asyncio.Queue(1)
    queue.put_nowait(1)
    puts = [asyncio.ensure_future(queue.put(item)) for item in (2, 3)]
    await settle()
    taken = [attempt(queue.get_nowait) for _ in range(4)]
    await settle()
    for put in puts:
        put.cancel()
    await settle()
    return {"taken": taken}


async def t042():
    queue = asyncio.Queue()
    gets = [asyncio.ensure_future(queue.get()) for _ in range(3)]
    await settle()
    queue.put_nowait(1)
    queue.put_nowait(2)
    gets[0].cancel()
    seen = {"gets": await results(*gets)}
    for get in gets:
        get.cancel()
    return seen


async def t087():
    queue = asyncio.Queue()
    get = asyncio.ensure_future(queue.get())
    await settle()
    queue.put_nowait(1)
    queue.shutdown(immediate=True)
    return {"get": (await results(get))[0], "unfinished": queue._unfinished_tasks}


async def t088():
    queue = asyncio.Queue(1)
    queue.put_nowait(1)
    put = asyncio.ensure_future(queue.put(2))
    await settle()
    queue.get_nowait()
    queue.shutdown()
    return {"put": (await results(put))[0], "next": attempt(queue.get_nowait)}


DIFFERENCES = {
    "T023": t023, "T024": t024, "T025": t025, "T030": t030, "T032": t032,
    "T036": t036, "T042": t042, "T087": t087, "T088": t088,
}


async def main():
    python = sys.version.split()[0]
    folder = pathlib.Path(__file__).parent / "traces"
    schedules = [await record_schedule(title, seed) for title in CLASSES for seed in range(SCHEDULES)]
    (folder / "schedules.json").write_text(dumped({"python": python, "schedules": schedules}))
    differences = {name: await record() for name, record in DIFFERENCES.items()}
    (folder / "differences.json").write_text(dumped({"python": python, "differences": differences}))


def dumped(value):
    return json.dumps(value, separators=(",", ":")) + "\n"


if not hasattr(asyncio.Queue, "shutdown"):
    sys.exit(f"asyncio's queues have no shutdown() in Python {sys.version.split()[0]}: record with 3.13 or later")
asyncio.run(main())
