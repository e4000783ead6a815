"""The Python half of the matrix: the same work, serial, on threads and in processes.

    measure.py                          answers one JSON request per line of standard input
    measure.py contain KIND N BAD SIZE WIDTH LIMIT
                                        runs N items in processes; number BAD goes wrong
"""
import http.client
import json
import multiprocessing
import os
import sys
import threading
import time
import urllib.parse
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed

MASK = 0xFFFFFFFF
FIRST_NUMBER, TREE_DEPTH, EXIT_STATUS, BOMB_MOST, CPU_SECONDS = 1_000_001, 11, 3, 1 << 30, 30
local = threading.local()  # one connection per thread
gate = None  # in a worker process: where all meet once


def ask(url, n):
    """I/O-bound: while it waits, CPython lets other threads run."""
    parts = urllib.parse.urlsplit(url)
    conn = getattr(local, "conn", None)
    if conn is None:
        conn = local.conn = http.client.HTTPConnection(parts.netloc, timeout=30)
    conn.request("GET", "%s?n=%d" % (parts.path, n))
    return int(conn.getresponse().read())


def primes(first, n):
    """CPU-bound: every step is run by the interpreter. (Functions in C, hashlib's for one, may let other threads run.)"""
    count = total = 0
    for i in range(first, first + n):
        if i % 2 == 0:
            continue
        d = 3
        while d * d <= i and i % d != 0:
            d += 2
        if d * d > i:
            count += 1
            total += i
    return ((count << 20) + (total & 0xFFFFF)) & MASK


def grow(depth, seed):
    seed = (seed * 1664525 + 1013904223) & MASK
    if depth == 0:
        return (None, None, seed)
    return (grow(depth - 1, seed), grow(depth - 1, seed ^ 0x9E3779B9), seed)


def total(node):
    if node is None:
        return 0
    return node[2] + total(node[0]) + total(node[1])


def forest(seed, trees):
    """Allocation-heavy: many small objects, soon dropped."""
    return sum(total(grow(TREE_DEPTH, (seed + i) & MASK)) for i in range(trees)) & MASK


def bomb():
    hoard = []
    for _ in range(BOMB_MOST >> 20):
        hoard.append(b"x" * (1 << 20))
    raise RuntimeError("took %d MiB and nothing stopped it" % len(hoard))


def do(item):
    kind, n, size = item["kind"], item["n"], item["size"]
    if kind == "io":
        return ask(item["url"], n)
    if kind == "cpu":
        return primes(FIRST_NUMBER + n * size, size)
    if kind == "alloc":
        return forest(n, size)
    if kind == "exit":
        os._exit(EXIT_STATUS)
    if kind == "bomb":
        return bomb()
    while True:  # loop
        pass


def work(item):
    """Returns what Go's task returns: a value, and who computed it when."""
    began = time.time_ns()
    value = do(item)
    return {"value": value, "began": began, "ended": time.time_ns(), "pid": os.getpid(), "lane": threading.get_native_id()}


def enter(barrier, limit):
    """Begins a worker process."""
    global gate
    gate = barrier
    if limit:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))  # should nobody else end it


def meet(_):
    gate.wait(60)


def processes(width, limit=0):
    """Returns a pool of processes that have all started: forked from a clean server where there is one."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    pool = ProcessPoolExecutor(width, mp_context=context, initializer=enter, initargs=(context.Barrier(width), limit))
    for _ in pool.map(meet, range(width)):
        pass
    return pool


def cpu_ns():
    """Processor time of this process and its living children, as far as the system tells."""
    spent = time.process_time_ns()
    for child in multiprocessing.active_children():
        try:
            with open("/proc/%d/stat" % child.pid) as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        spent += (int(fields[11]) + int(fields[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    return spent


class Executors:
    """Opens each pool when it is first asked for, and closes them all."""

    def __init__(self):
        self.pools = {}

    def map(self, name, width, items):
        if name == "serial":
            return map(work, items)
        return self.open(name, width)[0].map(work, items)

    def open(self, name, width):
        """Returns the pool and the ns that its start took."""
        if (name, width) not in self.pools:
            began = time.perf_counter_ns()
            pool = ThreadPoolExecutor(width) if name == "threads" else processes(width)
            self.pools[name, width] = pool, time.perf_counter_ns() - began
        return self.pools[name, width]

    def close(self):
        for pool, _ in self.pools.values():
            pool.shutdown()


def answer(executors, request):
    name, width, items = request["executor"], request["width"], request["items"]
    start = 0 if name == "serial" else executors.open(name, width)[1]
    cpu, began = cpu_ns(), time.perf_counter_ns()
    outcomes = list(executors.map(name, width, items))
    wall = time.perf_counter_ns() - began
    return {"wall": wall, "cpu": cpu_ns() - cpu, "start": start, "outcomes": outcomes}


def serve():
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(json.dumps({"version": sys.version.split()[0], "implementation": sys.implementation.name, "gil": gil}), flush=True)
    executors = Executors()
    try:
        for line in sys.stdin:
            print(json.dumps(answer(executors, json.loads(line))), flush=True)
    finally:
        executors.close()


def contain(kind, n, bad, size, width, limit):
    items = [{"kind": "cpu", "n": i, "size": size} for i in range(n)]
    items[bad]["kind"] = kind
    pool = processes(width, limit)
    print("ready", flush=True)
    futures = {pool.submit(work, item): i for i, item in enumerate(items)}
    for future in as_completed(futures):
        try:
            future.result()
            print("done", futures[future], flush=True)
        except BaseException as e:
            print("lost", futures[future], "%s: %s" % (type(e).__name__, e) if str(e) else type(e).__name__, flush=True)
    try:
        pool.submit(work, {"kind": "cpu", "n": 0, "size": size}).result()
        print("more", flush=True)
    except Exception as e:
        print("broken %s" % type(e).__name__, flush=True)
    pool.shutdown()
    print("alive", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["contain"]:
        contain(sys.argv[2], *map(int, sys.argv[3:8]))
    else:
        serve()
