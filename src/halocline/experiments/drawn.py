"""States that a generator draws for the forcing of targets, and those of a file that were drawn for it."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from halocline.data.sampling.conditions import OutsideTrainedRange
from halocline.runtime import files
from halocline.runtime.errors import InputError, ModelError
from halocline.runtime.model_folder import read_card
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.spinup.targets import Target
from halocline.systems.shipped import model_path
from halocline.trials.ocean.starts import DAY, StartGroup, TrialStart
from halocline.worlds.dino.parameters import NAMES, RANGES

DRAWS = 8
"""States drawn for each target from a model."""
NEAR = 0.05
"""A state counts as generated for a target if each parameter is nearer than this share of its range."""

SAME_SEASON = 15.0
"""States at most this many days apart are averaged."""


def draw_states(model: str, targets: Sequence[Target], seed: int, out: Path) -> tuple[Path, float]:
    """Draw states of 1 January for the targets' forcing; a file of the same model that is there is kept."""
    from halocline.chain.dataset import write_dataset
    from halocline.systems.loading import load_model

    path, cost = out / f"generated-{len(targets)}-{seed}.nc", out / f"generated-{len(targets)}-{seed}.json"
    fingerprint = read_card(model_path(model))["card_sha256"]
    kept = read_json(cost, "cost of the drawing") if cost.exists() else {}
    if kept.get("model") != fingerprint:
        files.remove(path)
        chain = load_model(model)
        known = () if chain.conditions is None else chain.conditions.names
        values = {name: np.repeat([getattr(t.forcing, name) for t in targets], DRAWS) for name in NAMES}
        conditions = {name: v for name, v in (values | {DAY: np.zeros(DRAWS * len(targets))}).items() if name in known}
        if not set(NAMES) & set(known):
            raise ModelError(
                f"model {model}",
                found="no forcing parameter among its conditions",
                expected="a model conditioned on the forcing",
                remedy="Train one with the preset 'dino'.",
            )
        began = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideTrainedRange)  # a target at the end of the range is meant to be
            dataset = chain.generate(DRAWS * len(targets), seed, conditions=conditions, quiet=True)
        seconds = time.process_time() - began
        # Parameters that are no condition of the model are recorded all the same: each state is meant for its target.
        dataset = dataset.assign_coords({name: ("member", v) for name, v in values.items()})
        write_dataset(dataset, path)
        kept = {"seconds": seconds, "model": fingerprint}
        write_json(cost, kept)
    return path, float(kept.get("seconds", 0.0))


def made_for(found: StartGroup, target: Target, source: Path) -> list[TrialStart]:
    """Return the states whose forcing is the target's, of the first one's time of the year.

    Raises:
        InputError: If there is none; it names the nearest.
    """
    width = np.array([high - low for low, high in RANGES.values()])
    away = [np.abs(np.subtract(s.forcing.values(), target.forcing.values())) / width for s in found.starts]
    near = [s for s, a in zip(found.starts, away, strict=True) if a.max() <= NEAR]
    missing = sorted(set(NAMES) - found.given)
    if missing or not near:
        nearest = min(float(a.max()) for a in away)
        raise InputError(
            f"forcing of the states {source}",
            found=f"no coordinate {', '.join(missing)}"
            if missing
            else f"none for {target.name}; the nearest is {100 * nearest:.0f} % of a parameter's range away",
            expected=f"coordinates with the forcing of {target.name}, at most {100 * NEAR:.0f} % of a range off",
            remedy="Draw them with: halocline generate MODEL "
            + " ".join(f"--condition {name}={value:g}" for name, value in asdict(target.forcing).items()),
        )
    return [s for s in near if abs(s.day - near[0].day) <= SAME_SEASON]


def mean_of(states: Sequence[TrialStart]) -> np.ndarray:
    """Return the mean of states (variable, level, y, x)."""
    return np.asarray(np.mean([np.stack([s.thetao, s.so]) for s in states], axis=0, dtype=np.float64))
