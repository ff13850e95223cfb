"""What the ocean benchmarks share: rows given as NAME=PATH, drawn for the forcing of members of a store, as sets."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.files.open import read_dataset
from halocline.data.store.store import StateStore
from halocline.evaluate.ocean.states import pairs_of
from halocline.report.numbers import number
from halocline.runtime.keyed import generator
from halocline.runtime.words import named_values
from halocline.systems.loading import load_model


def named(text: str) -> tuple[str, str]:
    """Return (name, path[:constraint,constraint]) of "name=path", for argparse."""
    return next(iter(named_values([text], "'paper constraint=runs/meunier2025:paper'").items()))


def row_states(source: str, store: StateStore, roles: Sequence[str], count: int, seed: int, batch: int) -> xr.Dataset:
    """Return states of a row: read from a file, or drawn by a model folder.

    Args:
        source: A file of states; or a model folder, behind a colon the constraints it shall obey instead of its own.
        store: The reference.
        roles: Members whose forcing and days a conditional model gets, drawn at random.
        count: States to draw.
        seed: Seed.
        batch: States a pass.
    """
    path, _, constraints = source.partition(":")
    if path.endswith((".nc", ".zarr")):
        return read_dataset(path)
    chain = load_model(Path(path), constraints=constraints.split(",") if constraints else None)
    conditions = None if chain.conditions is None else conditions_for(store, drawn_pairs(store, roles, count, seed))
    return chain.generate(count, seed, batch=batch, conditions=conditions)


def drawn_pairs(store: StateStore, roles: Sequence[str], count: int, seed: int) -> list[tuple[int, int]]:
    """Return ``count`` (member, time index) pairs of some roles, drawn with replacement, as many of each member."""
    pairs = pairs_of(store, roles)
    members = sorted({member for member, _ in pairs})
    random = generator(seed, "benchmark", "conditions")
    found = []
    for k in range(count):
        own = [pair for pair in pairs if pair[0] == members[k % len(members)]]
        found.append(own[int(random.integers(len(own)))])
    return found


def conditions_for(store: StateStore, pairs: Sequence[tuple[int, int]]) -> dict[str, np.ndarray]:
    """Return the conditions under which a model draws states like those of some (member, time index) pairs."""
    members, times = np.array(pairs).T
    conditions = {name: values[members] for name, values in store.parameters.items()}
    return conditions | {"day_of_year": np.array([store.day_of_year(int(index)) for index in times])}


def cell(value: float, low: float, high: float) -> str:
    """Return a value and its interval."""
    return f"{number(value)} ({number(low)} to {number(high)})"
