"""The command line in several processes of a run, forked from this one: what is patched here is patched there."""

import contextlib
import multiprocessing
import os
import random
import signal
import socket
import sys
import time

import torch._dynamo  # noqa: F401 - loaded here, rather than in every process: optimisers take seconds for it

import halocline.systems.training  # noqa: F401 - likewise
from halocline.cli.main import main

PORTS = (15_000, 32_000)
"""Below those that Linux and macOS give away."""
_FORK = multiprocessing.get_context("fork")


class Forked:
    """``halocline WORDS`` in ``size`` processes, as torchrun would start them.

    Args:
        size: How many.
        words: Of the command line.
        folder: Where each writes what it says, into ``RANK.txt``.
        job: What they run instead of the command line.
    """

    def __init__(self, size, words, folder, job=main):
        port = free_port()
        self.texts = [folder / f"{rank}.txt" for rank in range(size)]
        self.processes = [
            _FORK.Process(target=_process, args=(rank, size, port, words, self.texts[rank], job))
            for rank in range(size)
        ]
        for process in self.processes:
            process.start()

    def codes(self, limit=240.0):
        """Return the exit status of each, once all have ended; a hang is an error."""
        end = time.monotonic() + limit
        for process in self.processes:
            process.join(max(0.0, end - time.monotonic()))
        hanging = [process for process in self.processes if process.is_alive()]
        for process in hanging:
            process.kill()
        assert not hanging, self.said()
        return [process.exitcode for process in self.processes]

    def said(self):
        """Return what all have said."""
        return "".join(text.read_text() for text in self.texts)


def free_port():
    """Return a port of this machine that nobody uses, and that no program gets which asks for any."""
    for _ in range(1000):
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", random.SystemRandom().randrange(*PORTS)))
            return free.getsockname()[1]
    raise OSError(f"no free port in {PORTS}")


def this_rank():
    """Return the number of this process; None outside a run of several."""
    return int(os.environ["RANK"]) if "RANK" in os.environ else None


def end_here():
    """Die as the out-of-memory killer would have it."""
    os.kill(os.getpid(), signal.SIGKILL)


def _process(rank, size, port, words, text, job):
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    handle = os.open(text, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", buffering=1), os.fdopen(2, "w", buffering=1)
    sys.argv = ["halocline", *map(str, words)]
    job()
