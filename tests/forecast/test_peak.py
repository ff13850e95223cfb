"""A forecast takes what --memory says, beside the program: measured in a process of its own."""

import subprocess
import sys

import pytest

PEAK = """
import sys
import numpy as np, torch, zarr
torch.set_num_threads(1)
import halocline as hl
from halocline.chain.forecast.run import forecast
from halocline.chain.forecast.starts import Start
from halocline.data.fields.calendar import NOLEAP
from halocline.data.grids.grid import Grid

class Calm:
    name, calendar, hours, notes, declared = "calm", NOLEAP, np.arange(0, 6 * 2000, 6), None, frozenset()
    def read(self, hour, names):
        return np.full((len(names), N, N), 250.0, np.float32)

def status(name):
    text = next(line for line in open("/proc/self/status") if line.startswith(name))
    return int(text.split()[1]) * 1024

def square(n):
    x = (np.arange(n) - (n - 1) / 2) * 1e5
    flat, about = np.full((n, n), 80.0), {"grid_mapping_name": "latitude_longitude"}
    return Grid("square", x, x, flat, 0 * flat, np.full((n, n), 1e10), np.ones((n, n), bool), 1e5, about)

def run(n, out, members, memory):
    global N
    N = n
    model = hl.load("arctic-surrogate-100km", device="cpu", precision="fp32").with_options(steps=2, solver="euler")
    rng = np.random.default_rng(0)
    states = rng.uniform(0.2, 0.8, (members, len(model.channels), n, n)).astype(np.float32)
    forecast(model, [Start(6000, states)], lambda s: Calm(), square(n), out, steps=1, members=members,
             memory=memory, quiet=True)

out, memory = sys.argv[1], int(sys.argv[2])
run(32, out + "/0.zarr", 1, 10**9)
before = status("VmRSS")
run(96, out + "/1.zarr", 6, memory)
print(status("VmHWM") - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_forecast_takes_what_it_was_given(tmp_path):
    memory = 120 * 10**6
    words = [sys.executable, "-c", PEAK, str(tmp_path), str(memory)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert 0.3 * memory < int(done.stdout) < 1.1 * memory
