"""The number of threads holds for PyTorch and for NumPy's BLAS."""

import os
import shutil
import subprocess
import sys

import pytest

from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError

CODE = """
import numpy, threadpoolctl, torch
from halocline.runtime.device import set_threads
set_threads(None)
before = torch.get_num_threads()
for threads in (2, 1):
    set_threads(threads)
    found = {p["num_threads"] for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"}
    assert torch.get_num_threads() == threads, threads
    assert found <= {threads, 1}, found
assert found == {1}, found
"""


def test_threads_of_torch_and_of_blas():
    """In a process of its own: it is a setting of the whole process."""
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_compiling_needs_a_compiler(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert not choose_compute("cpu").compiled
    with pytest.raises(ConfigError, match=r"no C\+\+ compiler"):
        choose_compute("cpu", compiled=True)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert choose_compute("cpu", compiled=True).compiled


def test_workers_need_processes_that_can_be_forked(monkeypatch):
    assert choose_compute("cpu", workers=3).workers == 3
    monkeypatch.delattr(os, "fork")
    with pytest.raises(ConfigError, match="--workers"):
        choose_compute("cpu", workers=3)
    assert choose_compute("cpu").workers == 0
