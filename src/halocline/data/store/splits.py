"""Splits of a store by whole years, so that no test state is a day away from a training state."""

from typing import Literal, cast

import numpy as np

from halocline.data.store.store import StateStore
from halocline.runtime.errors import InputError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
MemberYear = tuple[int, int]


def default_splits(members: int, years: int) -> dict[Split, list[MemberYear]]:
    """Share out (member, year) pairs: each member's last year tests, the one before validates, the rest trains.

    With fewer than three years a member, whole members are shared out instead: the last two test, the one before
    validates.

    Raises:
        InputError: If there are too few years to fill all three.
    """
    pairs = [(m, y) for m in range(members) for y in range(years)]
    if years >= 3:
        test = [(m, years - 1) for m in range(members)]
        validation = [(m, years - 2) for m in range(members)]
    elif members >= 4:
        test = [p for p in pairs if p[0] >= members - 2]
        validation = [p for p in pairs if p[0] == members - 3]
    else:
        raise InputError(
            "years",
            found=f"{members} member(s) of {years} year(s)",
            expected="at least 3 years a member, or 4 members",
            remedy="Training, validation and test need whole years of their own: simulate more years.",
        )
    train = [p for p in pairs if p not in test and p not in validation]
    return {"train": train, "validation": validation, "test": test}


def samples_of(store: StateStore, split: Split, *, every: int = 1) -> list[tuple[int, int]]:
    """Return the (member, time index) pairs of a split, in order, taking every ``every``-th time."""
    splits = cast(dict[str, list[list[int]]], store.attributes["splits"])
    if not splits.get(split):
        raise InputError(
            f"split '{split}'",
            found="no years in it",
            expected="at least one whole year",
            remedy="Simulate at least 3 years a member, so that each split has years of its own.",
        )
    years = store.years()
    return [(member, int(index)) for member, year in splits[split] for index in np.flatnonzero(years == year)[::every]]


def store_years(store: StateStore) -> int:
    """Return the number of whole years in a store."""
    return int(store.years().max()) + 1
