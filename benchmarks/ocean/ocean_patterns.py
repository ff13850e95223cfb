"""How many patterns: what real states lose by the projection, and what the ocean model makes of the projected ones.

    python benchmarks/ocean/ocean_patterns.py --data DINO.zarr --model runs/dino-R4 --out runs/patterns 15 30 60 120 240

Draws eight states for the forcing of the validation members, projects them on that many leading patterns of the
training states (at the end, before contents and stability; with --where both also inside the sampler), and runs Veros
for ten days from them, beside validation states untouched. The number is chosen here; the test members are not used.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from halocline.chain.dataset import write_dataset
from halocline.chain.placed import Placed
from halocline.constraints.named.patterns import OnPatterns
from halocline.constraints.pattern_basis import PatternBasis
from halocline.data.store.splits import samples_of
from halocline.data.store.store import open_store
from halocline.report.trials.page import write_judgement
from halocline.runtime.device import set_threads
from halocline.systems.loading import load_model
from halocline.trials.integrate import integrate
from halocline.trials.judgement import Verdict
from halocline.trials.ocean.plan import Protocol, plan_runs
from ocean_rows import cell, conditions_for, drawn_pairs


def main() -> None:
    """Fit once, draw for each number of patterns, integrate all, print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", type=int, nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--where", choices=("end", "both"), default="end")
    parser.add_argument("--members", type=int, default=8)
    parser.add_argument("--seed", type=int, default=123)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    set_threads(1)
    store, chain = open_store(arguments.data), load_model(arguments.model)
    others = tuple(c for c in chain.chain.constraints if c.name != "patterns")
    training = (store.read(*pair) for pair in samples_of(store, "train"))
    whole = PatternBasis.fit(training, store.wet, max(arguments.patterns))
    held = np.stack([store.read(*pair) for pair in samples_of(store, "validation")[::4]])
    conditions = conditions_for(store, drawn_pairs(store, ["validation"], arguments.members, arguments.seed))
    arguments.out.mkdir(parents=True, exist_ok=True)

    groups, lost = {}, {}
    for count in [0, *arguments.patterns]:
        name = f"{count} patterns" if count else "no patterns"
        groups[name] = arguments.out / f"{arguments.where}-{count}.nc"
        basis = OnPatterns(PatternBasis.from_arrays(whole.wet, whole.arrays() | {"patterns": whole.patterns[:count]}))
        if count:
            lost[name] = float(np.sqrt((basis.residual(held) ** 2).mean()))
        if not groups[name].exists():
            on = Placed("patterns", lambda draw, basis=basis: basis, arguments.where, from_noise=10.0)
            constraints = (on, *others) if count else others
            drawn = replace(chain, chain=replace(chain.chain, constraints=constraints))
            states = drawn.generate(arguments.members, arguments.seed, batch=arguments.members, conditions=conditions)
            write_dataset(states, groups[name])
    plan = plan_runs(
        groups,
        control=arguments.data,
        members=arguments.members,
        protocol=Protocol(years=0),
        floor=True,
        seed=arguments.seed,
        split="validation",
    )
    runs = arguments.out / f"runs-{arguments.where}"
    judgement = write_judgement(integrate(plan, runs, jobs=arguments.jobs), runs)

    def ratio(group: str, figure: str) -> str:
        verdict: Verdict = judgement.find(group, figure, 5.0)
        return cell(verdict.value, verdict.low, verdict.high)

    print("| states | lost by real validation states (rms anomaly) | kinetic energy, day 5 | w_rms, day 5 |")
    print("|---|---:|---:|---:|")
    for group in [*groups, "another true state", "mean state"]:
        given = f"{lost[group]:.3f}" if group in lost else ""
        print(f"| {group} | {given} | {ratio(group, 'kinetic_energy')} | {ratio(group, 'w_rms')} |")


if __name__ == "__main__":
    main()
