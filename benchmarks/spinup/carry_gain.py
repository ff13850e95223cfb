"""What carrying members on is worth (see 'halocline simulate dino --equilibrium'), by how well others know them.

    python benchmarks/spinup/carry_gain.py DATA.zarr [--sweeps 1 2]

Training members that were not within the limits, where they ended, where the map of all runs carries them on, and half
way; the error (rms over the volume, K) of a response surface over the others for each training member, root mean square
and median, over all and inside the others' range. What is random in a member's error cannot be known by others, and
makes them err as well. No equilibrium needs to be known for this. ``--sweeps 1`` takes members as they were after the
first sweep.
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.data.response.surface import gram, left_out
from halocline.data.store.store import open_store
from halocline.experiments.equilibria import equilibria_folder
from halocline.spinup.block import histories_of
from halocline.spinup.block_files import read_blocks
from halocline.spinup.factory.begin import places
from halocline.spinup.factory.carry import carry
from halocline.spinup.factory.finished import Finished
from halocline.spinup.factory.member import RELAX
from halocline.spinup.jump.jump import JumpSettings
from halocline.spinup.jump.slow_map import SlowMapSettings
from halocline.spinup.metric import Metric, even_metric
from halocline.spinup.pooled_map import fit_ocean
from halocline.worlds.dino.parameters import ForcingParameters


def main() -> None:
    """Read, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sweeps", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    store, runs = open_store(arguments.data, require_complete=False), equilibria_folder(arguments.data)
    metric = even_metric(store.grid)
    trained = [m for m, role in enumerate(store.roles) if role == "train"]
    z = places([ForcingParameters.of(store.parameters, m) for m in trained])
    print(
        "| sweeps | share of the way | moved, median (K) | all: rms (K) | median (K) | inside: rms (K) | median (K) |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for sweeps in arguments.sweeps:
        ended, carried, moved = members_after(sweeps, runs, trained, store.members, metric)
        for share in (0.0, 0.5, 1.0):
            states, far = ended + share * (carried - ended), share * float(np.median(moved))
            found = errors(states, z, metric)
            inside = ~((z == z.min(axis=0)) | (z == z.max(axis=0))).any(axis=1)
            figures = [f(x) for x in (found, found[inside]) for f in (lambda e: np.sqrt((e**2).mean()), np.median)]
            cells = [f"{far:.3f}", *(f"{figure:.3f}" for figure in figures)]
            print(f"| {sweeps} | {share:g} | " + " | ".join(cells) + " |", flush=True)


def members_after(
    sweeps: int, runs: Path, trained: list[int], members: int, metric: Metric
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Return where training members had ended after some sweeps, where they would end, and how far that is."""
    last = {m: _last(runs / f"member-{m:03d}", sweeps) for m in range(members)}
    taught = [h for m, f in last.items() for h in _histories(runs / f"member-{m:03d}", f)]
    slow, reach = fit_ocean(taught, metric.grid, SlowMapSettings()), JumpSettings().reach
    ended, carried, moved = [], [], []
    for m in trained:
        state = last[m].state
        ended.append(state)
        if not last[m].verified and last[m].blocks:
            state = carry(_relaxed(runs / f"member-{m:03d}", last[m]), slow, reach)
            moved.append(metric.rms(state - last[m].state)["thetao"])
        carried.append(state)
    return np.stack(ended), np.stack(carried), moved


def errors(states: np.ndarray, z: np.ndarray, metric: Metric) -> np.ndarray:
    """Return the error of temperature (member,) of a surface over the other members."""
    guesses = np.tensordot(left_out(gram(states, metric.weight), z), states, axes=1)
    return np.array([metric.rms(a - b)["thetao"] for a, b in zip(guesses, states, strict=True)])


def _last(folder: Path, sweeps: int) -> Finished:
    found = [f for k in range(sweeps) if (f := Finished.read(folder, k)) is not None]
    return found[-1]


def _relaxed(folder: Path, finished: Finished) -> list:
    return [block for row in read_blocks(folder / RELAX) for block in row][: finished.blocks]


def _histories(folder: Path, finished: Finished) -> list:
    out = []
    for run in sorted(p for p in folder.iterdir() if p.is_dir()):
        blocks = [block for row in read_blocks(run) for block in row]
        out += histories_of(f"{folder.name}/{run.name}", blocks[: finished.blocks] if run.name == RELAX else blocks)
    return out


if __name__ == "__main__":
    main()
