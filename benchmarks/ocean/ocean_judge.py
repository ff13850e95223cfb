"""What the ocean model makes of drawn states: shock of the first days, drift, crashes; beside true and mean states.

    python benchmarks/ocean/ocean_judge.py --data DINO.zarr --out runs/judge --row 'improved constraints=runs/dino' \
        --row 'no constraint=runs/meunier2025:none' --row 'paper constraint=runs/meunier2025:paper' [--years 10]

A row is a file of states (.nc, .zarr) or a model folder; behind a colon the constraints it obeys instead of its own.
Conditional models get forcing and day of held-out states; states of the others run under the forcing of the
training state nearest to them. Each state has its own control, the held-out state nearest in forcing and season;
encoded truth goes through the encoding of the first row's model (or of --model). Prints one Markdown table; the page
lies in OUT/runs. A stopped benchmark continues with the same command.
"""

import argparse
from pathlib import Path

from halocline.chain.dataset import write_dataset
from halocline.data.store.store import StateStore, open_store
from halocline.report.trials.page import write_judgement
from halocline.report.trials.table import judge_table, within_target
from halocline.runtime.device import set_threads
from halocline.systems.loading import load_model
from halocline.trials.integrate import integrate
from halocline.trials.judgement import TARGET, Judgement
from halocline.trials.ocean.plan import Protocol, plan_runs
from halocline.trials.recoding import Recoding
from ocean_rows import named, row_states

HELD_OUT = ["interior", "end"]


def main() -> None:
    """Draw or read the rows, run them beside their controls, print the table and whether the target is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--row", type=named, action="append", required=True, metavar="NAME=PATH[:CONSTRAINTS]")
    parser.add_argument("--model", help="Its encoding, for encoded truth; the first row's if that is a model.")
    parser.add_argument("--members", type=int, default=8)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--noise", type=float, default=0.1)
    parser.add_argument("--floor", action=argparse.BooleanOptionalAction, default=True, help="Other true states too.")
    parser.add_argument("--role", action="append", help="Held-out members to draw for; interior and end.")
    parser.add_argument("--seed", type=int, default=123)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    store = open_store(arguments.data)
    groups = {
        name: drawn(arguments.out / "states" / f"{name.replace(' ', '-')}.nc", source, store, arguments)
        for name, source in arguments.row
    }
    model = arguments.model or arguments.row[0][1].partition(":")[0]
    codec = None if model.endswith((".nc", ".zarr")) else load_model(Path(model)).codec
    plan = plan_runs(
        groups,
        control=arguments.data,
        members=arguments.members,
        protocol=Protocol(years=arguments.years),
        nearest_forcing=True,
        recode=None if codec is None else Recoding(codec.channels, lambda states: codec.decode(codec.encode(states))),
        noise=arguments.noise,
        floor=arguments.floor,
        seed=arguments.seed,
    )
    judgement = write_judgement(integrate(plan, arguments.out / "runs", jobs=arguments.jobs), arguments.out / "runs")
    print(judge_table(judgement).to_markdown())
    for name in groups:
        print(f"- {name}: {target(judgement, name)}")


def drawn(path: Path, source: str, store: StateStore, arguments: argparse.Namespace) -> Path:
    """Return the file of a row's states; a model draws them once, so that a stopped benchmark continues with them."""
    if source.endswith((".nc", ".zarr")):
        return Path(source)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        roles = arguments.role or HELD_OUT
        write_dataset(row_states(source, store, roles, arguments.members, arguments.seed, arguments.members), path)
    return path


def target(judgement: Judgement, group: str) -> str:
    """Return in words whether a group meets the target."""
    found = [judgement.find(group, figure, 5.0) for figure in ("kinetic_energy", "w_rms")]
    crashes = judgement.find(group, "crashes")
    met = all(within_target(verdict) for verdict in found) and crashes.value == 0
    words = ", ".join(f"{v.figure} {v.value:.2f}" for v in found)
    years = judgement.about["years"]
    return (
        f"{words} on day 5 (target {TARGET[0]} to {TARGET[1]}), {round(crashes.own * crashes.members)} of "
        f"{crashes.members} crashed in {years} years: {'met' if met else 'not met'}"
    )


if __name__ == "__main__":
    main()
