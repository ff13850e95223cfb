"""The number of threads holds for PyTorch and for NumPy's BLAS."""

import os
import shutil
import subprocess
import sys

import pytest
import torch

from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError
from halocline.runtime.processes.joining import join_ranks
from halocline.runtime.ranks import Ranks

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


@pytest.fixture
def four_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)


@pytest.mark.parametrize(
    ("asked", "local", "device"),
    [
        ("auto", "2", "cuda:2"),
        ("cuda", "3", "cuda:3"),
        ("cuda:1", "2", "cuda:1"),
        ("auto", None, "cuda"),
        ("cpu", "2", "cpu"),
    ],
)
def test_each_process_of_torchrun_has_its_own_gpu(four_gpus, monkeypatch, asked, local, device):
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if local is not None:
        monkeypatch.setenv("LOCAL_RANK", local)
    assert choose_compute(asked).device == torch.device(device)


def test_more_processes_than_gpus(four_gpus, monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "4")
    with pytest.raises(ConfigError, match=r"4 GPUs, and this is process 5 .* --nproc-per-node 4"):
        choose_compute("auto")


@pytest.mark.parametrize(
    ("device", "backend"), [("cuda:1", "cpu:gloo,cuda:nccl"), ("cuda:0", "gloo"), ("cpu", "gloo"), (None, "gloo")]
)
def test_tensors_travel_by_nccl_between_gpus_and_by_gloo_otherwise(monkeypatch, device, backend):
    begun, set_to = [], []
    for name, value in {"WORLD_SIZE": "2", "RANK": "1", "LOCAL_RANK": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        torch.distributed, "rendezvous", lambda *where, **patience: iter([(torch.distributed.HashStore(), 1, 2)])
    )
    monkeypatch.setattr(torch.distributed, "init_process_group", lambda backend, **how: begun.append(backend))
    monkeypatch.setattr(torch.distributed, "new_group", lambda **how: None)
    monkeypatch.setattr(torch.cuda, "set_device", set_to.append)
    assert join_ranks(device and torch.device(device)) == Ranks(1, 2)
    assert begun == [backend]
    assert set_to == ([torch.device("cuda:1")] if "nccl" in backend else [])
