"""Mapped arrays that are let go keep what was written, and leave the process's memory."""

import sys
from pathlib import Path

import numpy as np
import pytest

from halocline.data.sampling.mapped import Touched, let_go


def resident_of_files():
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("RssFile", "RssShmem")))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_pages_go_and_values_stay(tmp_path):
    rows = np.lib.format.open_memmap(tmp_path / "a.npy", mode="w+", dtype=np.float32, shape=(40, 250_000))
    part = rows[10:]
    rows[:] = np.arange(40, dtype=np.float32)[:, None]
    held = resident_of_files()
    let_go(part)
    assert held - resident_of_files() > 0.8 * rows.nbytes
    np.testing.assert_array_equal(rows[:, 17], np.arange(40))
    assert np.load(tmp_path / "a.npy", mmap_mode="r")[39, -1] == 39


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_an_array_that_is_read_at_random_is_let_go_now_and_then(tmp_path):
    np.save(tmp_path / "a.npy", np.ones((100, 250_000), np.float32))
    rows = np.load(tmp_path / "a.npy", mmap_mode="r")
    before, most, touched = resident_of_files(), 0, Touched(rows, 4_000_000)
    for index in np.random.default_rng(0).permutation(100):
        assert rows[index].sum() == 250_000
        touched.add(rows[index].nbytes)
        most = max(most, resident_of_files() - before)
    assert most < 0.5 * rows.nbytes  # the system maps megabytes around what is read


def test_what_is_not_mapped_is_left():
    values = np.ones(3)
    let_go(values)
    assert values.sum() == 3
