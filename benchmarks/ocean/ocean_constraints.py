"""What stability costs: smallest change, sorting, and convective mixing as a control, on synthetic columns.

    python benchmarks/ocean/ocean_constraints.py [--columns 3000] [--seed 0]

Truth: stable columns of 35 levels whose thermocline depth, temperature and salinity vary from column to column. States:
the truth plus white noise on every cell (what a network leaves). Each method gets the same states. Single-threaded.
"""

import argparse
import time

import numpy as np

from halocline.constraints.columns import pick, put, worst_jump
from halocline.constraints.named.sort import ThorpeSorted
from halocline.constraints.named.stability import MinimumChange
from halocline.constraints.stabilise import mix
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.grids.levels import Vertical
from halocline.physics.eos import DINO_EOS
from halocline.physics.stability import density_error, density_jumps, violation_share
from halocline.runtime import keyed

LEVELS = 35
NOISE = ((0.01, 0.002), (0.05, 0.01), (0.3, 0.06))
"""Standard deviations of the noise in T (K) and S (psu)."""


def make_grid(columns: int) -> Grid:
    """Return columns of 35 levels, 10 m thick at the surface and 500 m at the bottom, 4000 m deep."""
    thickness = 10.0 + 490.0 * 0.5 * (1 + np.tanh((np.arange(LEVELS) - 29) / 5))
    mask = np.ones((LEVELS, 1, columns), bool)
    depth = np.cumsum(thickness) - thickness / 2
    return Grid.of_columns(Vertical(depth, thickness, mask), area=np.ones((1, columns)))


def truth(layout: GridLayout, seed: int) -> np.ndarray:
    """Return stable columns (1, channel, 1, column): warm salty water over cold fresh water, each column its own."""
    rng = keyed.generator(seed, "truth")
    grid, columns = layout.grid, layout.grid.wet.shape[2]
    scale, surface, fresh = rng.uniform(200, 900, columns), rng.uniform(6, 22, columns), rng.uniform(0, 1.0, columns)
    shape = np.exp(-grid.depth / scale) - 0.02 * grid.depth / 4000
    return layout.fields.join({"thetao": 3 + surface * shape, "so": 34.9 + fresh * shape})[None]


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    grid = make_grid(arguments.columns)
    layout = GridLayout.ocean(grid, zos=False)
    clean = truth(layout, arguments.seed)

    def mixed(states: np.ndarray) -> np.ndarray:
        chosen = worst_jump(states, layout, DINO_EOS, "local") < 0
        return put(states, layout, chosen, mix(pick(states, layout, chosen, "local"), DINO_EOS))

    methods = {
        "none": lambda states: states,
        "smallest change": MinimumChange(layout).project,
        "smallest change, surface": MinimumChange(layout, reference=0.0).project,
        "smallest change, both": MinimumChange(layout, reference="both").project,
        "sort": ThorpeSorted(layout).project,
        "mixing (control)": mixed,
    }
    for project in methods.values():  # compile before the clock runs
        project(clean + 0.1 * keyed.normal(0, clean.shape, "warm-up"))
    print(
        "| noise T, S | method | unstable pairs, columns (local) | density error (surface, strict) | rms change T, S "
        "| rms error to truth T, S | column heat, salt moved at most | sd ratio T, S | neutral pairs | s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    line(layout, "0, 0", "truth", clean, clean, clean, 0.0)
    for noise_t, noise_s in NOISE:
        white = keyed.normal(arguments.seed, clean.shape, "noise").astype(np.float64)
        white[:, :LEVELS] *= noise_t
        white[:, LEVELS:] *= noise_s
        states = clean + white
        for name, project in methods.items():
            began = time.perf_counter()
            after = project(states)
            line(layout, f"{noise_t:g} K, {noise_s:g}", name, states, after, clean, time.perf_counter() - began)


def line(
    layout: GridLayout, noise: str, name: str, before: np.ndarray, after: np.ndarray, clean: np.ndarray, seconds: float
) -> None:
    """Print one row."""
    grid = layout.grid
    parts = [layout.select(x, "thetao", "so") for x in (before, after, clean)]
    thetao, so = parts[1]
    jumps = density_jumps(thetao, so, grid, DINO_EOS, "local")
    unstable = float((jumps < 0).any(axis=1).mean())
    error = float(density_error(thetao, so, grid, DINO_EOS)[0])
    h = grid.thickness / grid.thickness.sum(axis=0)

    def rms(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.sqrt(((a - b) ** 2 * h).sum(axis=1).mean()))

    change = [rms(b, a) for b, a in zip(parts[0], parts[1], strict=True)]
    wrong = [rms(c, a) for c, a in zip(parts[2], parts[1], strict=True)]
    content = [
        float(np.abs(((a - b) * h).sum(axis=1)).max()) for b, a in zip(parts[0], parts[1], strict=True)
    ]  # means over columns, K and psu
    spread = [
        float((np.std(a, axis=(0, 3)) * h[:, :, 0]).sum() / (np.std(c, axis=(0, 3)) * h[:, :, 0]).sum())
        for c, a in zip(parts[2], parts[1], strict=True)
    ]
    neutral = float((np.abs(jumps) <= 2e-5).mean())
    print(
        f"| {noise} | {name} | {violation_share(jumps):.1%}, {unstable:.1%} | {error:.2f} % "
        f"| {change[0]:.4f} K, {change[1]:.4f} | {wrong[0]:.4f} K, {wrong[1]:.4f} "
        f"| {content[0]:.0e} K, {content[1]:.0e} | {spread[0]:.3f}, {spread[1]:.3f} | {neutral:.1%} | {seconds:.2f} |"
    )


if __name__ == "__main__":
    main()
