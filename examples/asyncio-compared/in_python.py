import asyncio


async def producer(name, jobs, count):
    for n in range(1, count + 1):
        await jobs.put((n % 3, f"{name}{n}"))


async def worker(jobs, results):
    while True:
        priority, job = await jobs.get()
        try:
            if job == "b4":
                raise ValueError("b4 is broken")
            await asyncio.sleep(0.001)
            await results.put((job, priority))
        except ValueError as error:
            print("failed:", error)
        finally:
            jobs.task_done()


async def main():
    jobs = asyncio.PriorityQueue(maxsize=4)
    results = asyncio.Queue()
    workers = [asyncio.create_task(worker(jobs, results)) for _ in range(3)]

    await asyncio.gather(producer("a", jobs, 5), producer("b", jobs, 5))
    await jobs.join()
    for task in workers:
        task.cancel()
    await asyncio.gather(*workers, return_exceptions=True)

    done = []
    while not results.empty():
        done.append(results.get_nowait())
    print("done:", " ".join(sorted(job for job, _ in done)))
    print("sum of priorities:", sum(priority for _, priority in done))

    try:
        jobs.get_nowait()
    except asyncio.QueueEmpty:
        print("empty")

    try:
        async with asyncio.timeout(0.01):
            await results.get()
    except TimeoutError:
        print("timed out")

    full = asyncio.Queue(1)
    full.put_nowait("x")
    try:
        full.put_nowait("y")
    except asyncio.QueueFull:
        print("full at", full.qsize())


asyncio.run(main())
