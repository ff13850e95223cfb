"""The script that says whether a GPU is ready runs at toy sizes on the CPU, and tells a device that is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "cost" / "gpu_smoke.py"


@pytest.mark.slow
def test_it_runs_on_the_cpu():
    words = [sys.executable, str(SCRIPT), "--tiny", "--device", "cpu", "--steps", "1"]
    done = subprocess.run(words, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    for preset in ("finn2024", "finn2025", "meunier2025"):
        assert f"{preset}: draw from the CPU in float32" in done.stdout
        assert "h for the published training on this device" in done.stdout
    assert "TOO FAR" not in done.stdout
