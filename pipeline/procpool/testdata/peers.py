"""Python's process pools, for the benchmarks of pipeline/procpool.

    peers.py about                  prints what runs here
    peers.py executor | pool FILE   ProcessPoolExecutor(2).map or multiprocessing.Pool(2).imap; then, per line of input,
                                    "WHAT SIZE CHUNKSIZE ITEMS" with WHAT of same, value or reference: runs the items
                                    and prints the seconds that took
    peers.py start                  per line of input, "METHOD" (fork, spawn, forkserver): starts a process and prints
                                    the seconds until its first answer
    peers.py broken                 per line of input: kills the one worker of a ProcessPoolExecutor and prints the
                                    seconds until the one made in its place has answered

What an interpreter does not need for its job it does not import: a spawned process imports this file again.
"""

import itertools
import multiprocessing
import os
import signal
import sys
import time

DISTINCT = 256  # inputs: a chunk that held one object twice would be pickled with it once


def same(data):
    return data


def value(data):
    return len(data)


def reference(stretch):
    path, offset, length = stretch
    with open(path, "rb") as f:
        f.seek(offset)
        return len(f.read(length))


def inputs(what, path, size):
    if what == "reference":
        return [(path, i * size, size) for i in range(DISTINCT)]
    return [os.urandom(size) for _ in range(DISTINCT)]


def rounds(each, path):
    """Answers each line of input with the seconds that its items took; inputs are made before."""
    tasks = {"same": same, "value": value, "reference": reference}
    made = {}
    for line in sys.stdin:
        what, size, chunksize, items = line.split()
        size, chunksize, items = int(size), int(chunksize), int(items)
        if (what, size) not in made:
            made[what, size] = inputs(what, path, size)
        source = itertools.islice(itertools.cycle(made[what, size]), items)
        begin = time.perf_counter()
        total = 0
        for result in each(tasks[what], source, chunksize=chunksize):
            total += len(result) if what == "same" else result
        took = time.perf_counter() - begin
        if total != size * items:
            sys.exit(f"{total} bytes answered, not {size * items}")
        print(took, flush=True)


def executor(path):
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(2) as ex:
        rounds(ex.map, path)


def pool(path):
    with multiprocessing.Pool(2) as p:
        rounds(p.imap, path)


def answer(conn):
    conn.send(os.getpid())


def start():
    for line in sys.stdin:
        context = multiprocessing.get_context(line.strip())
        receive, send = context.Pipe(duplex=False)
        begin = time.perf_counter()
        process = context.Process(target=answer, args=(send,))
        process.start()
        receive.recv()
        print(time.perf_counter() - begin, flush=True)
        process.join()
        receive.close()
        send.close()


def broken():
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    ex = ProcessPoolExecutor(1)
    for _ in sys.stdin:
        victim = ex.submit(os.getpid).result()
        begin = time.perf_counter()
        os.kill(victim, signal.SIGKILL)
        try:
            while True:
                ex.submit(os.getpid).result()
        except BrokenProcessPool:
            ex.shutdown(wait=False)
            ex = ProcessPoolExecutor(1)
            ex.submit(os.getpid).result()
        print(time.perf_counter() - begin, flush=True)
    ex.shutdown()


def about():
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(
        sys.executable,
        f"{sys.implementation.name} {'.'.join(map(str, sys.version_info[:3]))}"
        f", GIL {'on' if gil else 'off'}, start method {multiprocessing.get_start_method()}",
        sep="\n",
    )


if __name__ == "__main__":
    {"about": about, "executor": executor, "pool": pool, "start": start, "broken": broken}[sys.argv[1]](*sys.argv[2:])
