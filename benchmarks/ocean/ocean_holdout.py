"""Ensembles for forcing that no training member had, beside the run itself and what needs no generator.

    python benchmarks/ocean/ocean_holdout.py --data DINO.zarr --model runs/dino [--states 32] \
        [--role interior --role end]

For each held-out member: a conditional model draws --states states for its forcing and for days that cover its seasons
evenly. Their mean is compared with the member's time mean (root mean square over wet cells, by volume), beside that of
the mean training state, the training run nearest in scaled parameter space, and the average of the four nearest,
weighted by inverse distance. "Real states" is as many states of the member's own odd years against its even ones, and
the other way round: what an ensemble drawn from the very distribution would reach. Brackets: 90 % interval over the
states drawn.
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.ocean.states import generated_set, pairs_of
from halocline.report.compare import Comparison
from halocline.report.numbers import number
from halocline.runtime.device import set_threads
from halocline.systems.loading import load_model
from member_holdout import HeldOut, held_out, matching_times, read_member, training_runs
from ocean_rows import cell, conditions_for

VARIABLES = (("thetao", "K"), ("so", "psu"), ("zos", "m"))
CANDIDATES = ("generated", "nearest run", "neighbour average", "mean state", "real states")


def main() -> None:
    """Draw, compare, print one table a variable."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--constraints", nargs="*", help="Obeyed instead of the model's own.")
    parser.add_argument("--states", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--role", action="append")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    store, chain = open_store(arguments.data), load_model(arguments.model, constraints=arguments.constraints)
    runs, table = training_runs(store), np.stack(list(store.parameters.values()), axis=1)
    found: list[tuple[str, HeldOut]] = []
    for member in sorted({member for member, _ in pairs_of(store, arguments.role or ["interior", "end"])}):
        conditions = conditions_for(store, [(member, int(k)) for k in matching_times(store, arguments.states)])
        # A seed of its own: with the same noise, members' errors would not be independent.
        states = chain.generate(arguments.states, arguments.seed + member, conditions=conditions)
        ensemble = generated_set(states, store, arguments.states).values
        found.append((store.roles[member], held_out(ensemble, read_member(store, member), runs, table[member])))
    for k, (name, unit) in enumerate(VARIABLES):
        print(f"**{name}**, {unit}\n\n{errors(found, k).to_markdown()}")
    print(f"**Stratification and spread**\n\n{others(found, store).to_markdown()}")


def errors(found: list[tuple[str, HeldOut]], variable: int) -> Comparison:
    """Return the errors of one variable, a line a member, and their mean over the members of a role."""
    header = ("member (role)", "mean of the ensemble", "single state", *CANDIDATES[1:])
    lines, roles = [], list(dict.fromkeys(role for role, _ in found))
    for role in roles:
        group = [one for name, one in found if name == role]
        for one in group:
            drawn = [_cell(one, name, variable) for name in CANDIDATES]
            lines.append((f"{one.member} ({role})", drawn[0], number(one.single[variable]), *drawn[1:]))
        means = [np.mean([_value(one, name, variable) for one in group]) for name in CANDIDATES]
        single = np.mean([one.single[variable] for one in group])
        lines.append((f"mean of {role}", number(means[0]), number(single), *map(number, means[1:])))
    return Comparison(header, tuple(lines))


def others(found: list[tuple[str, HeldOut]], store: StateStore) -> Comparison:
    """Return distances of profiles, shares of interfaces and spreads, a line a member."""
    header = (
        "member (role)",
        "W1 of temperature profiles, K: generated",
        "nearest run",
        "real states",
        "temperature inversions, %: generated",
        "real",
        "unstable interfaces, %: generated",
        "real",
        "spread of thetao, K: generated",
        "real",
        "spread of so, psu: generated",
        "real",
    )
    lines = []
    for role, one in found:
        profile = [
            one.predictions[n].profile if n in one.predictions else np.nan
            for n in ("generated", "nearest run", "real states")
        ]
        pairs = [*one.inversions, *one.unstable, one.spread[0], one.true_spread[0], one.spread[1], one.true_spread[1]]
        lines.append((f"{one.member} ({role})", *[number(float(x)) for x in (*profile, *pairs)]))
    return Comparison(header, tuple(lines))


def _value(one: HeldOut, name: str, variable: int) -> float:
    return one.predictions[name].rmse[variable] if name in one.predictions else float("nan")


def _cell(one: HeldOut, name: str, variable: int) -> str:
    if name not in one.predictions:
        return "–"
    prediction = one.predictions[name]
    value, low, high = prediction.rmse[variable], prediction.low[variable], prediction.high[variable]
    return number(value) if low == high else cell(value, low, high)


if __name__ == "__main__":
    main()
