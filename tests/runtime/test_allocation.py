"""Freed memory that stays with the process: fewer pages to clear, and the user's choice first."""

import os
import subprocess
import sys

import pytest

from halocline.runtime.processes.allocation import keep_freed_memory

FAULTS = """
import resource
import numpy as np
from halocline.runtime.processes.allocation import keep_freed_memory
if {keep}:
    assert keep_freed_memory({{}})
np.ones(1 << 23)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(1 << 23)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(keep):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    words = [sys.executable, "-c", FAULTS.format(keep=keep)]
    return int(subprocess.run(words, env=environ, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="another C library")
def test_pages_are_not_cleared_anew():
    """64 MB, twenty times: pages of 4 kB, or larger ones where the system gives them."""
    assert faults(keep=True) < faults(keep=False) / 5


@pytest.mark.parametrize("name", ["MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES", "LD_PRELOAD"])
def test_what_the_user_has_chosen_stays(name):
    assert not keep_freed_memory({name: "1"})
