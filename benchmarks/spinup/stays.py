"""Whether a run that came to rest stays there: a second equilibrium, or a way that is too slow to see.

    python benchmarks/spinup/stays.py RUNS --out STAY [--method surface-jump] [--targets member-061] [--years 1000]
                                      [--preset R8]

For targets of 'halocline reproduce spinup' (all if none are named) the method's run goes on from its last state,
plainly, for --years, in the folder --out (run again, it continues; a call for other targets may run beside it). Prints,
at its end and every fifth of --years after: the drift over thirty years (K and psu a decade, level means), how far it
has gone since (rms over the volume), and how far the end of the plain cold start is, with how that still drifts. A run
that is on its way to where the cold start ends goes there; one in another equilibrium stays.
"""

import argparse
from pathlib import Path

from halocline.spinup.criterion import WINDOW
from halocline.spinup.histories import read_forcing
from halocline.spinup.methods import METHODS
from halocline.spinup.metric import Metric, even_metric
from halocline.spinup.reference.cold_run import copy_run
from halocline.spinup.reference.stretch import Stretch
from halocline.spinup.run import SHARED, InitialState, SpinupRun
from halocline.spinup.session_pool import SessionPool
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.presets import preset
from reference_meets import run_blocks

LINES = 5


def main() -> None:
    """Go on, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--method", default="surface-jump", choices=sorted(METHODS))
    parser.add_argument("--targets", nargs="+")
    parser.add_argument("--years", type=int, default=1000)
    parser.add_argument("--preset", default="R8")
    given = parser.parse_args()
    metric = even_metric(make_grid(make_geometry(preset(given.preset))))
    found = sorted(p for p in given.runs.iterdir() if (p / given.method).is_dir() and (p / "cold").is_dir())
    chosen = [p for p in found if given.targets is None or p.name in given.targets]
    if not chosen or len(chosen) < len(given.targets or []):
        raise SystemExit(f"{given.runs} has runs of {given.method} and cold for {', '.join(p.name for p in found)}")
    heads = ("target", "years on", "drift (K, psu a decade)", "has gone (K, psu)", "cold start is off (K, psu)")
    print("| " + " | ".join((*heads, "cold start, years", "drifts")) + " |\n|---|" + "---:|" * 6)
    with SessionPool(given.preset, given.out / f"jobs-{chosen[0].name}", 1) as pool:
        for folder in chosen:
            run, begun = take(folder, given.method, given.out / folder.name)
            while len(run.blocks) < begun + given.years // WINDOW:
                with pool.session() as session:
                    if not run.extend(session):
                        raise SystemExit(f"{folder.name} blew up: {run.crash}")
            show(folder, run, begun, given.years // WINDOW, metric)


def take(folder: Path, method: str, out: Path) -> tuple[SpinupRun, int]:
    """Return a copy of a method's run, which goes on plainly, and how many blocks it had."""
    blocks = run_blocks(folder, method)
    if not out.exists():
        homes = [folder / (METHODS[method].start if number < SHARED else method) for number in range(len(blocks))]
        copy_run(homes, [homes[-1] / f"run-{len(homes) - 1:03d}"], out)
    return SpinupRun(out, read_forcing(folder)[1], InitialState()), len(blocks)


def show(folder: Path, run: SpinupRun, begun: int, more: int, metric: Metric) -> None:
    """Print the lines of a target."""
    end, cold = Stretch("end", run.blocks[:begun]), Stretch("cold", run_blocks(folder, "cold"))
    last = f"{WINDOW * len(cold.blocks)} | {drift(cold, metric)}"
    for step in range(LINES + 1):
        now = Stretch("now", run.blocks[: begun + step * more // LINES])
        gone, off = metric.rms(now.state - end.state), metric.rms(cold.state - now.state)
        cells = [f"{x['thetao']:.3f}, {x['so']:.4f}" for x in (gone, off)]
        line = [folder.name, str(WINDOW * (len(now.blocks) - begun)), drift(now, metric), *cells, last]
        print("| " + " | ".join(line) + " |", flush=True)


def drift(run: Stretch, metric: Metric) -> str:
    """Return the drift of a run's last thirty years."""
    found = run.equilibrium(metric).drift
    return f"{found['drift_thetao']:.5f}, {found['drift_so']:.6f}"


if __name__ == "__main__":
    main()
