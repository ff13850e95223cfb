"""Memory that processes share: what the network would bring, to the bit; and the end of those that do not come."""

import os
import platform
import time

import pytest
import torch

from halocline.runtime.errors import RankError
from halocline.runtime.processes import boards
from halocline.runtime.processes.boards import open_boards
from halocline.runtime.processes.joining import joined_ranks
from halocline.runtime.ranks import Ranks
from tests.training.forked import Forked, end_here, this_rank

CPU = torch.device("cpu")
LONGEST = 40
needs_boards = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64") or not hasattr(os, "memfd_create"), reason="Linux on x86"
)


def run(job, size, folder):
    """Return what the processes of a job have said, by rank, and their exit status."""
    forked = Forked(size, [], folder, job=job)
    codes = forked.codes()
    return [text.read_text().strip() for text in forked.texts], codes


def drawn(rank, step, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1000 * rank + step))


def exchange():
    """Say whether boards and the network bring the same, in an order of calls that has no rule."""
    with joined_ranks(CPU) as ranks:
        memory = open_boards(ranks, LONGEST)
        assert memory is not None
        lengths = [3 + 5 * rank for rank in range(ranks.size)]
        same = []
        for step, kind in enumerate(["swap", "all", "all", "total", "swap", "swap", "total", "total", "all"] * 5):
            if ranks.rank == step % ranks.size:
                time.sleep(0.002)  # each is late now and then
            found = []
            for through in (memory, ranks):
                if kind == "swap":
                    sent = [drawn(ranks.rank, 10 * step + k, n).split(2) for k, n in enumerate(lengths)]
                    found.append(torch.cat(through.swapped(sent)))
                elif kind == "all":
                    found.append(
                        torch.cat(through.all_of(drawn(ranks.rank, step, lengths[ranks.rank]).split(4), lengths))
                    )
                else:
                    found.append(through.total(drawn(ranks.rank, step, 2, 3)))
            same.append(torch.equal(*found) if kind != "total" else torch.allclose(*found, rtol=1e-6))
        print(all(same), memory.size)


@needs_boards
@pytest.mark.parametrize("size", [2, 3])
def test_boards_bring_what_the_network_brings(tmp_path, size):
    assert run(exchange, size, tmp_path) == ([f"True {size}"] * size, [0] * size)


def sums_that_fit_no_board():
    with joined_ranks(CPU) as ranks:
        memory = open_boards(ranks, 8)
        long, whole = memory.total(torch.ones(1000)), memory.total(torch.tensor(2**40 + 1))
        print(float(long.sum()), int(whole) - 2**41)


@needs_boards
def test_long_sums_and_whole_numbers_go_by_the_network(tmp_path):
    assert run(sums_that_fit_no_board, 2, tmp_path) == (["2000.0 2"] * 2, [0, 0])


@pytest.mark.parametrize("missing", ["memory", "leave", "room", "order", "handle"])
def test_all_do_without_where_one_cannot(tmp_path, monkeypatch, missing):
    """Its system has none, forbids it, or is full; its processor keeps no order; or it cannot open the other's."""

    def refused(*arguments):
        raise PermissionError("not here")

    def job():
        if this_rank() == 1:
            if missing == "memory":
                monkeypatch.delattr(boards.os, "memfd_create", raising=False)
            elif missing in ("leave", "room"):
                name = "memfd_create" if missing == "leave" else "posix_fallocate"
                monkeypatch.setattr(boards.os, name, refused, raising=False)
            elif missing == "order":
                monkeypatch.setattr(boards.platform, "machine", lambda: "aarch64")
            else:
                monkeypatch.setattr(boards, "_opened", lambda address, size: None)
        with joined_ranks(CPU) as ranks:
            before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
            found = open_boards(ranks, 8)
            after = set(os.listdir("/proc/self/fd")) if before else set()
            print(found, len(after - before))

    assert run(job, 2, tmp_path) == (["None 0"] * 2, [0, 0])


def test_one_process_needs_none():
    assert open_boards(Ranks(), 8) is None


def test_memory_of_another_process_with_the_same_address_is_refused():
    handle = os.memfd_create("other") if hasattr(os, "memfd_create") else pytest.skip("Linux")
    os.pwrite(handle, b"something else, of any length", 0)
    assert boards._opened(boards._Address(os.getpid(), handle, bytes(16)), 4096) is None
    os.close(handle)


@needs_boards
@pytest.mark.parametrize("end", ["killed", "failed", "finished"])
def test_who_waits_for_a_process_that_is_gone_is_told_soon(tmp_path, end):
    """Killed; failed, but waiting for the others' farewell; or ended after it has come, which is no fault."""

    def job():
        began = time.monotonic()
        try:
            with joined_ranks(CPU) as ranks:
                memory = open_boards(ranks, 8)
                memory.total(torch.ones(1))
                if ranks.rank == 0:
                    if end == "killed":
                        end_here()
                    if end == "failed":
                        raise RankError("this", found="a fault", expected="none", remedy="-")
                    memory.total(torch.ones(1))
                    return
                time.sleep(0.3)
                memory.total(torch.ones(1))
                print("went on")
        except RankError as error:
            print(error.found, time.monotonic() - began < 8.0)

    said, _ = run(job, 2, tmp_path)
    assert said[1].splitlines()[-1] == ("went on" if end == "finished" else "it has ended, or cannot be reached True")
