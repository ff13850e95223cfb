"""Splits of a store: which states train, validate and test. Everything that asks for them asks here.

They are the attribute ``splits`` of the store, a list of entries for each of ``train``, ``validation`` and ``test``::

    [member, year]          one of the store's years, from 0 (see ``StateStore.years``)
    [member, first, last]   a stretch of time, hours since 2000-01-01, both ends included

Whole years or whole members are the rule, so that no test state is a day away from a training state.
"""

from collections.abc import Iterable
from typing import Literal, cast

import numpy as np

from halocline.data.fields.calendar import date_of
from halocline.data.fields.season import days_to_nearest, season_share
from halocline.data.store.store import StateStore
from halocline.data.store.years import whole_years
from halocline.runtime.errors import InputError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
MemberYear = tuple[int, int]
Entry = tuple[int, ...]
"""(member, year) or (member, first hour, last hour)."""
Sample = tuple[int, int]
"""(member, time index)."""
_SEASON_DAYS = 31.0
"""A season that is farther than this from every test state is not tested."""


def samples_of(store: StateStore, split: Split, *, every: int = 1) -> list[Sample]:
    """Return the (member, time index) pairs of a split, in order, taking every ``every``-th time of an entry.

    Raises:
        InputError: If there is none.
    """
    if not has_split(store, split):
        raise InputError(
            f"split '{split}'",
            found="no states in it",
            expected="at least one whole year, or a block of time",
            remedy="Simulate at least 3 years a member, or write shorter data with splits='blocks' "
            "(halocline import --splits blocks).",
        )
    years, samples = store.years(), list[Sample]()
    for member, *when in _entries(store, split):
        inside = years == when[0] if len(when) == 1 else (when[0] <= store.hours) & (store.hours <= when[-1])
        samples += [(int(member), int(index)) for index in np.flatnonzero(inside)[::every]]
    return samples


def has_split(store: StateStore, split: Split) -> bool:
    """Tell whether there are states in a split."""
    return bool(_entries(store, split))


def in_years(store: StateStore) -> bool:
    """Tell whether the splits are of whole years or members, and not of blocks of time."""
    return all(len(entry) == 2 for split in SPLITS for entry in _entries(store, split))


def by_member_year(store: StateStore, samples: Iterable[Sample]) -> dict[MemberYear, np.ndarray]:
    """Return the time indices of samples by their (member, year), in the order of the samples."""
    years, found = store.years(), dict[MemberYear, list[int]]()
    for member, index in samples:
        found.setdefault((member, int(years[index])), []).append(index)
    return {key: np.array(indices) for key, indices in found.items()}


def training_samples(store: StateStore, without: Iterable[MemberYear] = ()) -> list[Sample]:
    """Return the samples of ``train``, without those of some (member, year) pairs."""
    years, left_out = store.years(), set(without)
    return [(m, i) for m, i in samples_of(store, "train") if (m, int(years[i])) not in left_out]


def members_of(store: StateStore, split: Split) -> list[int]:
    """Return the numbers of the members that have states in a split."""
    return sorted({int(entry[0]) for entry in _entries(store, split)})


def limits_of(store: StateStore) -> list[str]:
    """Return sentences on what the splits of a store cannot tell; none where they hold out whole years or members."""
    there = {split: samples_of(store, split) for split in SPLITS if has_split(store, split)}
    total, notes = store.members * len(store.hours), list[str]()
    taken = {sample for samples in there.values() for sample in samples}
    if len(taken) < total:
        whole = np.isin(store.years(), whole_years(store.hours, store.calendar, store.years_begin))
        left = [index for member in range(store.members) for index in range(len(whole)) if (member, index) not in taken]
        words = "years, or times between years, that belong to none" if whole[left].any() else "an incomplete year"
        words = words if in_years(store) else "gaps between blocks of time, or dates outside them"
        notes.append(f"{len(left)} of {total} states lie in no split: {words}.")
    if missing := [split for split in SPLITS if split not in there]:
        notes.append(
            f"No states in the split {' and '.join(missing)}: training needs a validation, scores need a test. Data "
            "too short for whole years can be shared out in blocks of time: splits='blocks' (--splits blocks)."
        )
    if "test" not in there:
        return notes
    tested = np.array([index for _, index in there["test"]])
    shares = season_share(store.hours, store.calendar)
    if (days_to_nearest(shares, shares[tested]) > _SEASON_DAYS).any():
        first, last = (date_of(int(store.hours[at]), store.calendar)[:10] for at in (tested.min(), tested.max()))
        notes.append(f"The test states lie within {first} to {last}: scores tell nothing of other seasons.")
    years = [set(by_member_year(store, there.get(split, []))) for split in ("train", "test")]
    if years[0] & years[1]:
        notes.append(
            "Test and training states lie in the same year: scores tell nothing of another year, and climatologies "
            "and floors that would need one are left out."
        )
    return notes


def _entries(store: StateStore, split: Split) -> list[list[int]]:
    splits = cast(dict[str, list[list[int]]], store.attributes.get("splits", {}))
    return splits.get(split, [])
