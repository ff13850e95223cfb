"""The examples of the how-to pages work: each is executed, and what it adds is found by its registry."""

import subprocess
import sys

from tests.docs.pages import ROOT, blocks

# In a process of its own, so that the examples are in no other test's registry.
CHECK = """
import numpy as np
import torch
from halocline.bridge.import_files import import_files
from halocline.constraints.protocol import Setting
from halocline.constraints.registry import CONSTRAINTS
from halocline.data.fields.variables import variable
from halocline.diffusion.paths.base import SCHEDULES
from halocline.diffusion.solvers.base import SOLVERS
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.nn.base import NETWORKS
from halocline.systems.protocol import SYSTEMS

# The posterior of x ~ N(0, 1): x0_hat = alpha x / (alpha^2 + sigma^2); the flow keeps the variance at 1.
schedule = SCHEDULES["cosine"]()
def denoise(x, t):
    a, s = (f(t)[:, None, None, None] for f in (schedule.alpha, schedule.sigma))
    return a * x / (a**2 + s**2)
def error(steps):
    times = torch.linspace(0.9, 0.1, steps + 1, dtype=torch.float64)
    x = torch.ones(1, 1, 1, 1, dtype=torch.float64)
    last = []
    SOLVERS["midpoint"]()(denoise, schedule, x, times, None, lambda y, n: last.append(y) or y)
    a, s = schedule.alpha(times[[0, -2]]), schedule.sigma(times[[0, -2]])
    norm = (a**2 + s**2).sqrt()
    return float(abs(last[-2] - norm[1] / norm[0]))
errors = [error(n) for n in (16, 32, 64)]
assert errors[1] < errors[0] / 3.2 and errors[2] < errors[1] / 3.4, f"second order: {errors}"

network = NETWORKS["pointwise"](3, 2, 0, {"width": 4})
assert network(torch.zeros(1, 3, 5, 5), None).shape == (1, 2, 5, 5)

cap = CONSTRAINTS["thickness-cap"].of(Setting(variables=(variable("sic"), variable("sit"))))
states = np.full((1, 2, 2, 2), 9.0, np.float32)
assert cap.residual(states) == 1.0
assert cap.residual(cap.project(states)) == 0.0

x, days = np.linspace(-3e6, 3e6, 4), np.arange(0, 3 * 365, 100)
sic = 100 * np.random.default_rng(0).random((len(days), 4, 4))
np.savez("toy.npz", x=x, y=x, land=np.eye(4) > 0, day=days, sic=sic)
store = import_files("toy.npz", "toy.zarr", source="archive")
wet = store.grid.mask
np.testing.assert_allclose(store.read(0, 3)[0][wet], 0.01 * sic[3][wet], rtol=3e-4)

assert "thick-ice" in ICE_SCORES
assert "surface-generator" in SYSTEMS
assert variable("melt_pond_fraction").upper == 1.0
"""


def test_examples_are_found_by_their_registries(tmp_path):
    code = [block for page in sorted((ROOT / "docs" / "howto").rglob("*.md")) for block in blocks(page, "python")]
    script = tmp_path / "examples.py"
    script.write_text("\n".join([*code, CHECK]))
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
