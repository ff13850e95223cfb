"""Ranks end with torchrun, however it ends, and the next run waits for them and goes on to the same bits."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.campaigns.harness import KILLS, ORPHANS_S, ROOT, tell


def torchrun(arguments, folder):
    """Start a command on two ranks."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    how = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "halocline"]
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
