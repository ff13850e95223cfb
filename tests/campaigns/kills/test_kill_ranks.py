"""Ranks end with torchrun, however it ends, and the next run waits for them and goes on to the same bits."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from halocline.cli.main import main
from tests.campaigns.harness import END_S, KILLS, ORPHANS_S, ROOT, SEED, tell
from tests.training.forked import Forked

POINTS = max(1, KILLS // 5)
"""Moments at which a training on two ranks is killed."""


def torchrun(arguments, folder):
    """Start a command on two ranks."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    how = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "halocline", "--"]
    log = os.open(folder.with_name(f"{folder.name}.log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    return subprocess.Popen([sys.executable, *how, *arguments], cwd=folder, env=environ, stdout=log, stderr=log)


def ranks_in(folder):
    """Return the processes whose working folder this is."""
    found = []
    for cwd in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if Path(os.readlink(cwd)) == folder and cwd.with_name("cmdline").read_bytes():
                found.append(int(cwd.parent.name))
        except OSError:
            continue
    return found


def ranks_of(command, folder):
    """Start a command on two ranks as srun would: nobody stands above them."""

    def job():
        os.chdir(folder)
        main()

    said = folder.with_name(f"{folder.name}-said")
    said.mkdir(exist_ok=True)
    return Forked(2, command.arguments(folder), said, job)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_random_kills_of_a_training(train, tmp_path):
    """One rank or both are killed or stopped; the other ends in words, and the next run goes on to the same bits."""
    whole, rng = tmp_path / "undisturbed", random.Random(SEED)
    for _ in range(2):  # the second time with all caches warm
        shutil.rmtree(whole, ignore_errors=True)
        whole.mkdir()
        began = time.monotonic()
        run = ranks_of(train, whole)
        assert run.codes() == [0, 0], run.said()
        seconds = time.monotonic() - began
    for point in range(POINTS):
        folder = tmp_path / "killed"
        folder.mkdir()
        hit = [(0,), (1,), (0, 1)][point % 3]
        number = [signal.SIGKILL, signal.SIGKILL, signal.SIGTERM][point // 3 % 3]
        run = ranks_of(train, folder)
        time.sleep(seconds * rng.uniform(0.05, 0.95))
        for rank in hit:
            if run.processes[rank].is_alive():
                os.kill(run.processes[rank].pid, number)
        codes, words = run.codes(END_S), run.said()
        assert "Traceback" not in words, words
        assert set(codes) <= {0, 2, -number, 128 + number}, (codes, words)
        if any(codes):
            again = ranks_of(train, folder)
            assert again.codes() == [0, 0], again.said()
        assert train.content(folder) == train.content(whole)
        shutil.rmtree(folder)
        tell("kills of ranks", "train", seed=SEED, kills=int(any(codes)))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_random_kills(forecast, tmp_path):
    kills = max(1, KILLS // 10)
    folders = [tmp_path / "undisturbed", tmp_path / "killed"]
    for folder in folders:
        folder.mkdir()
    began = time.monotonic()
    assert torchrun(forecast.arguments(folders[0]), folders[0]).wait() == 0
    whole, rng = time.monotonic() - began, random.Random(0)
    for kill in range(kills):
        process = torchrun(forecast.arguments(folders[1]), folders[1])
        time.sleep(whole * rng.uniform(0.4, 0.9))
        process.send_signal([signal.SIGKILL, signal.SIGTERM, signal.SIGINT][kill % 3])
        process.wait(60)
        until = time.monotonic() + ORPHANS_S
        while ranks_in(folders[1]):
            assert time.monotonic() < until, "ranks outlive torchrun"
            time.sleep(0.05)
    assert torchrun(forecast.arguments(folders[1]), folders[1]).wait() == 0
    assert forecast.content(folders[1]) == forecast.content(folders[0])
    tell("kills of ranks", "forecast", kills=kills)
