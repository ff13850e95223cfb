"""What a forecast costs: CPU seconds and peak memory by size of the domain, beside the Arctic simulator on one core.

    python benchmarks/cost/forecast_cost.py arctic-surrogate-100km --sizes 64 128 256 512 --steps 3 --memory 1GB

Random weights of a preset's sizes, a square of open ocean (land would be cheaper), one member, one step of twelve
hours in a fresh process for each size, one thread. Costs are CPU seconds; a day is two steps. The last line runs the
simulator that made the data, on its 64 x 64 cells of 100 km, for a year, in the same minutes on the same machine.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

from arctic_cost import once
from halocline.chain.forecast.budget import parse_memory, plan
from halocline.chain.forecast.stepper import StepContext
from halocline.chain.forecast.surrogate import Surrogate
from halocline.data.codecs.residual import ResidualCodec
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.runtime.device import choose_compute, set_threads
from halocline.runtime.ranks import Ranks
from halocline.systems.config import load_config
from halocline.systems.published.surrogate import compose, make_denoiser
from halocline.systems.surrogate_config import SurrogateConfig

SPACING = 100e3


def main() -> None:
    """Print the table, a fresh process for each row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset")
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--steps", type=int, help="Solver steps; the preset's.")
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(one(arguments)))
        return
    print("| domain | passes | CPU s per member and day | per pass and 1000 cells (ms) | peak memory (MB) |")
    print("|---|---:|---:|---:|---:|")
    for size in arguments.sizes:
        command = [sys.executable, __file__, *sys.argv[1:], "--one", str(size)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, memory, passes = json.loads(done.stdout.splitlines()[-1])
        each = 1e6 * seconds / passes / size**2
        print(f"| {size} x {size} | {passes} | {2 * seconds:.2f} | {each:.1f} | {memory:.0f} |", flush=True)
    year = once(100, "bbm", 2)[0] - once(100, "bbm", 1)[0]
    print(f"\nThe simulator, 64 x 64 cells of 100 km: {year / 365:.3f} CPU s per day.")


def one(arguments: argparse.Namespace) -> tuple[float, float, int]:
    """Return (CPU seconds a step, peak memory in MB, passes) of one member on one size."""
    set_threads(1)
    surrogate, grid = random_surrogate(arguments.preset, arguments.steps), open_ocean(arguments.one)
    budget = plan(surrogate, grid, 1, parse_memory(arguments.memory))
    rng = np.random.default_rng(0)
    states = rng.uniform(0.2, 0.8, (1, len(surrogate.channels), *grid.shape)).astype(np.float32)
    weather = rng.standard_normal((len(surrogate.forcing), *grid.shape)).astype(np.float32)
    days = np.zeros((len(surrogate.degree_days.names), *grid.shape), np.float32)
    moment = StepContext(0, weather, weather, days, [0], 0)
    began = time.process_time()
    surrogate.advance(states, moment, grid, budget.tiles, Ranks())
    seconds = time.process_time() - began
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, surrogate.chain.passes


def random_surrogate(preset: str, steps: int | None) -> Surrogate:
    """Return a surrogate of a preset's sizes that was never trained."""
    config = load_config(preset, [f"forecast.steps={steps}"] if steps else [])
    assert isinstance(config, SurrogateConfig)
    codec = untrained_codec(config)
    return compose(config, codec, make_denoiser(config, codec), choose_compute("cpu"), {})


def untrained_codec(config: SurrogateConfig) -> ResidualCodec:
    """Return a codec whose means are 0 and whose spreads are 1."""
    windows = DegreeDays(config.degree_days)
    names = (*config.variables, *config.forcing, *windows.names)
    zeros, ones = dict.fromkeys(names, 0.0), dict.fromkeys(names, 1.0)
    state = tuple(map(variable, config.variables))
    return ResidualCodec(
        state, config.forcing, windows, config.place, config.season, config.step_hours, zeros, ones, ones
    )


def open_ocean(size: int) -> Grid:
    """Return a square without land."""
    x = (np.arange(size) - (size - 1) / 2) * SPACING
    flat = np.full((size, size), 80.0)
    return Grid(
        f"square-{size}",
        x,
        x,
        flat,
        0 * flat,
        np.full((size, size), SPACING**2),
        np.ones((size, size), bool),
        SPACING,
        {"grid_mapping_name": "latitude_longitude"},
    )


if __name__ == "__main__":
    main()
