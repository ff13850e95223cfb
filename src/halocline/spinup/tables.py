"""Files of an experiment: one tidy table of when equilibrium was reached, one of the way there, and JSON of both."""

import csv
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from halocline.data.store.store import StateStore
from halocline.evaluate.engine.table import ScoreTable
from halocline.spinup.criterion import REGIONS
from halocline.spinup.experiment import Result, SpinupPlan
from halocline.spinup.factory.costs import COSTS
from halocline.spinup.methods import METHODS
from halocline.spinup.outcome import Outcome
from halocline.worlds.dino.parameters import NAMES


def write_record(result: Result, plan: SpinupPlan, about: Mapping[str, Any], folder: Path) -> None:
    """Write ``outcomes.csv`` (a line a target, method and region), ``stages.csv`` (a line a block) and ``spinup.json``.

    Args:
        result: What came out.
        plan: What was run.
        about: Further facts for the JSON.
        folder: Where; older files are replaced.
    """
    forcing = {t.name: dict(zip(NAMES, t.forcing.values(), strict=True)) for t in plan.targets}
    outcomes = ScoreTable(
        tuple(line | forcing[line["target"]] for o in result.outcomes for line in outcome_lines(o)), dict(about)
    )
    stages = ScoreTable(tuple(line for o in result.outcomes for line in stage_lines(o)))
    outcomes.to_csv(folder / "outcomes.csv")
    stages.to_csv(folder / "stages.csv")
    outcomes.to_json(
        folder / "spinup.json",
        rows="outcomes",
        criterion=asdict(plan.criterion),
        anderson=asdict(plan.anderson),
        jump=asdict(plan.jump),
        max_years=plan.max_years,
        cold_years=plan.cold_years,
        references={
            name: {r.name: {"years": r.years, "acc": r.acc, "moc": r.moc, **r.drift} for r in found}
            for name, found in result.references.items()
        },
        stages=stages.plain(),
    )


def outcome_lines(outcome: Outcome) -> list[dict[str, Any]]:
    """Return a line a region: model years and CPU seconds until equilibrium, empty if it was not reached."""
    return [
        {
            **_head(outcome),
            "region": region,
            "reached": stage is not None,
            "years": None if stage is None else round(stage.years, 3),
            "cpu_seconds": None if stage is None else round(stage.cpu_seconds, 2),
            "near": None if stage is None else stage.near,
            "years_run": round(outcome.stages[-1].years, 3) if outcome.stages else 0.0,
            "misses_at_the_end": " ".join(outcome.misses),
            "crash": outcome.crash,
        }
        for region, stage in ((region, outcome.reached[region]) for region in REGIONS)
    ]


def stage_lines(outcome: Outcome) -> list[dict[str, Any]]:
    """Return a line a block: years and CPU seconds so far, drift a decade, distance from the nearest equilibrium."""
    return [
        {**_head(outcome), "years": round(s.years, 3), "cpu_seconds": round(s.cpu_seconds, 2)}
        | {"began": s.began, "near": s.near, **s.figures}
        for s in outcome.stages
    ]


def _head(outcome: Outcome) -> dict[str, Any]:
    return {"target": outcome.target, "role": outcome.role, "method": outcome.method}


def seconds_per_year(result: Result) -> float:
    """Return the CPU seconds of a model year, over all plain blocks that were run; NaN if there are none."""
    steps = [
        (after.years - before.years, after.cpu_seconds - before.cpu_seconds)
        for o in result.outcomes
        if METHODS[o.method].start == o.method
        for before, after in zip(o.stages[:-1], o.stages[1:], strict=True)
    ]
    return sum(s for _, s in steps) / sum(y for y, _ in steps) if steps else math.nan


def archive_years(store: StateStore) -> float:
    """Return the model years that the store's simulation took, what came before its states included; NaN if unknown.

    Of an ensemble of equilibria (``simulate dino --equilibrium``) they stand in ``costs.csv`` beside it.
    """
    made = store.attributes["provenance"]
    if "equilibrium" in made:
        costs = store.path.with_name(f"{store.path.name}.equilibria") / COSTS
        if not costs.exists():
            return math.nan
        with costs.open(encoding="utf-8", newline="") as file:
            return sum(float(line["years"]) + float(line["weather_years"]) for line in csv.DictReader(file))
    try:
        return float(made["start_years"] + store.members * (made["branch_years"] + made["years"]))
    except KeyError:
        return math.nan
