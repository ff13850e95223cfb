"""Ways to share out a store's states to train, validate and test: by years, by members, by blocks of time, by dates."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import numpy as np

from halocline.data.fields.calendar import date_of, hour_of
from halocline.data.store.members import MemberTable
from halocline.data.store.splits import SPLITS, Entry, MemberYear, Split
from halocline.runtime.errors import ConfigError, InputError, require_choice

Splits = Literal["years", "members", "blocks"] | Mapping[str, Sequence[Any]]
"""A way to share out; or (member, year) pairs of each split; or dates of each: ("2001-01-01", "2004-12-31")."""
WAYS = ("years", "members", "blocks")
GAP_DAYS = 10.0
"""Days between two blocks of time that belong to none."""
SHARES = {"train": 0.70, "validation": 0.15, "test": 0.15}
_ROUNDING = 1e-6  # hours


class ThinSplits(UserWarning):
    """The splits of a store leave states out, or cannot tell what whole years could."""


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
    elif members >= 4 and years:
        test = [p for p in pairs if p[0] >= members - 2]
        validation = [p for p in pairs if p[0] == members - 3]
    else:
        raise InputError(
            "years",
            found=f"{members} member(s) of {years} whole year(s)",
            expected="at least 3 years a member, or 4 members",
            remedy="Training, validation and test need whole years of their own: simulate more years, or write short "
            "data with splits='blocks' (halocline import --splits blocks).",
        )
    train = [p for p in pairs if p not in test and p not in validation]
    return {"train": train, "validation": validation, "test": test}


def shared_out(
    splits: Splits,
    hours: np.ndarray,
    calendar: str,
    members: int,
    years: int,
    *,
    table: MemberTable | None = None,
    gap_days: float | None = None,
) -> dict[Split, list[Entry]] | None:
    """Return the entries of each split (see data/store/splits.py); None for ``years``, which ``finish_store`` finds.

    Args:
        splits: How.
        hours: Times of the store.
        calendar: Their calendar.
        members: Number of members.
        years: Number of years, whole or not.
        table: Roles of the members, for ``members``.
        gap_days: For ``blocks``; ``GAP_DAYS`` if None.

    Raises:
        ConfigError: If there is no such way, or a gap is given for another one.
        InputError: If there are too few states, or dates that overlap or hold none.
    """
    if gap_days is not None and splits != "blocks":
        raise ConfigError(
            "gap_days",
            found="given for splits without blocks",
            expected="splits='blocks'",
            remedy="Leave it out, or share out by blocks.",
        )
    if not isinstance(splits, str):
        for name in splits:
            require_choice("split", name, SPLITS)
        dated = any(isinstance(part, str) for ranges in splits.values() for part in _flat(ranges))
        if dated:
            return by_dates(splits, hours, calendar, members)
        return {cast(Split, name): [(int(m), int(y)) for m, y in pairs] for name, pairs in splits.items()}
    require_choice("splits", splits, WAYS)
    if splits == "years":
        return None
    if splits == "blocks":
        return by_blocks(hours, members, GAP_DAYS if gap_days is None else gap_days)
    return _by_members(members, years, table)


def by_blocks(hours: np.ndarray, members: int, gap_days: float = GAP_DAYS) -> dict[Split, list[Entry]]:
    """Share out short data by time: 70 % train, then 15 % validate, then 15 % test, with gaps that belong to none.

    Args:
        hours: Times (time,), hours since 2000-01-01.
        members: Number of members; all are cut at the same times.
        gap_days: Least time between states of two blocks, days.

    Raises:
        InputError: If a block would hold fewer than two states.
    """
    gap, begin, end = 24.0 * gap_days, float(hours[0]), float(hours[-1])
    usable = end - begin - 2 * gap
    edges = np.cumsum([begin, SHARES["train"] * usable, gap, SHARES["validation"] * usable, gap])
    spans = {"train": (begin, edges[1]), "validation": (edges[2], edges[3]), "test": (edges[4], end)}
    found: dict[Split, list[Entry]] = {}
    for split in SPLITS:
        first, last = spans[split]
        inside = hours[(first - _ROUNDING <= hours) & (hours <= last + _ROUNDING)] if usable > 0 else hours[:0]
        if len(inside) < 2:
            raise InputError(
                f"splits 'blocks', block '{split}'",
                found=f"{len(inside)} of {len(hours)} states, which span {(end - begin) / 24:g} days with two gaps of "
                f"{gap_days:g} days",
                expected="at least two",
                remedy="Give more states, or a smaller gap (gap_days, --gap-days).",
            )
        found[split] = [(m, int(inside[0]), int(inside[-1])) for m in range(members)]
    return found


def by_dates(
    ranges: Mapping[str, Sequence[Any]], hours: np.ndarray, calendar: str, members: int
) -> dict[Split, list[Entry]]:
    """Share out by dates: of each split one (first, last) or several; a last day without a clock counts whole.

    Raises:
        InputError: If a date is none, a range holds no state, or two ranges overlap.
    """
    found: dict[Split, list[Entry]] = {}
    taken: list[tuple[int, int, str]] = []
    for name, given in ranges.items():
        entries: list[Entry] = []
        for first_day, last_day in _pairs(name, given):
            first, last = hour_of(first_day, calendar), hour_of(last_day, calendar)
            last += 23 if len(last_day.strip()) <= len("2001-12-31") else 0
            words = f"dates {first_day} to {last_day} of '{name}'"
            if not ((first <= hours) & (hours <= last)).any():
                span = " to ".join(date_of(int(edge), calendar) for edge in hours[[0, -1]])
                raise InputError(
                    words, found="no state within them", expected=f"dates within {span}", remedy="Correct the dates."
                )
            for other_first, other_last, other in taken:
                if first <= other_last and other_first <= last:
                    raise InputError(
                        words,
                        found=f"dates that overlap those of '{other}'",
                        expected="each date in one split only",
                        remedy="Let one end before the other begins, some days before for data that remember.",
                    )
            taken.append((first, last, name))
            entries += [(m, first, last) for m in range(members)]
        found[cast(Split, name)] = sorted(entries)
    return found


def _pairs(name: str, given: Sequence[Any]) -> list[tuple[str, str]]:
    """Return the (first, last) dates of a split, of which one or several are given."""
    ranges: list[Any] = [given] if given and isinstance(given[0], str) else list(given)
    for dates in ranges:
        if isinstance(dates, str) or len(dates) != 2 or not all(isinstance(date, str) for date in dates):
            raise InputError(
                f"dates of '{name}'",
                found=str(given),
                expected="(first, last), e.g. ('2001-01-01', '2004-12-31'), or several of these",
                remedy="Give the first and the last day.",
            )
    return [(dates[0], dates[1]) for dates in ranges]


def _by_members(members: int, years: int, table: MemberTable | None) -> dict[Split, list[Entry]]:
    if table is not None:
        return cast(dict[Split, list[Entry]], table.splits(years))
    if members < 3:
        raise InputError(
            "splits",
            found=f"'members' with {members} member(s)",
            expected="at least 3 members",
            remedy="Take splits='years' or 'blocks', or give more members.",
        )
    held = max(1, members // 5)
    part = ["train"] * (members - 2 * held) + ["validation"] * held + ["test"] * held
    return {name: [(m, y) for m in range(members) if part[m] == name for y in range(years)] for name in SPLITS}


def _flat(ranges: Sequence[Any]) -> list[Any]:
    return [part for entry in ranges for part in ([entry] if isinstance(entry, str) else entry)]
