"""What the runs say of the states they began from: each figure beside that of the true state it is paired with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from halocline.evaluate.engine.bootstrap import places
from halocline.evaluate.engine.interval import LEVEL, known_interval
from halocline.evaluate.engine.table import ScoreTable
from halocline.runtime import keyed
from halocline.trials.groups import TRUTH
from halocline.trials.protocol import TRIALS
from halocline.trials.run_table import WORDS, RunTable, world_of

REPLICATES = 2000
"""Resamplings of the members."""
TARGET = (0.8, 1.25)
"""Ratios to the true state within which a state counts as accepted."""
Kind = Literal["ratio", "difference", "share", "value"]


@dataclass(frozen=True)
class Verdict:
    """One figure of one group.

    Attributes:
        group: The states.
        figure: What.
        day: When, days since the end of the spin-up; the last year's end for its means; NaN over the whole run.
        kind: How ``value`` compares with the control: ``ratio`` (mean over members of each one's own over its
            control's), ``difference`` (likewise), ``share`` (of the members)
            and ``value`` (mean of the own figures): nothing is compared.
        value: The comparison; NaN without a control.
        low: Lower end of its interval: members resampled with replacement.
        high: Upper end.
        own: Mean of the group's own figures, ``unit``.
        control: Mean of their controls' figures, ``unit``.
        unit: Unit of ``own``, ``control`` and of differences.
        members: Members that count; crashed ones drop out from their crash on.
    """

    group: str
    figure: str
    day: float
    kind: Kind
    value: float
    low: float
    high: float
    own: float
    control: float
    unit: str
    members: int

    @property
    def id(self) -> str:
        """Name of the score that never changes: the figure's."""
        return self.figure


@dataclass(frozen=True, eq=False)
class Judgement:
    """Verdicts on all groups.

    Attributes:
        table: The tidy table; ids are the names of the figures.
    """

    table: ScoreTable[Verdict]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Rows of the table."""
        return self.table.rows

    @property
    def about(self) -> dict[str, Any]:
        """What was run."""
        return self.table.about

    @property
    def groups(self) -> list[str]:
        """Names in order."""
        return list(dict.fromkeys(verdict.group for verdict in self.verdicts))

    def find(self, group: str, figure: str, day: float | None = None) -> Verdict:
        """Return a verdict; ``day`` None for the first of its figure.

        Raises:
            KeyError: If there is none.
        """
        return self.table.row(figure, group=group, **({} if day is None else {"day": day}))

    def write(self, folder: Path) -> None:
        """Write ``judgement.csv`` and ``judgement.json``, in place of older ones."""
        self.table.to_csv(folder / "judgement.csv")
        self.table.to_json(folder / "judgement.json", rows="verdicts")


def judge(table: RunTable) -> Judgement:
    """Compare every group with its controls, by the figures of the world that it was run in; see ``trials/kinds``."""
    runs = table.dataset
    about = {name.removeprefix("about_"): words for name, words in runs.attrs.items() if name.startswith("about_")}
    facts = {name: runs.attrs[name] for name in WORDS if name in runs.attrs}
    about |= {**facts, "years": int(runs.attrs["years"]), "interval": LEVEL}
    return Judgement(ScoreTable(TRIALS[world_of(runs)].judge(runs), about))


@dataclass(frozen=True, eq=False)
class Pairs:
    """The runs of a group, each with its control.

    Attributes:
        runs: All runs.
        group: The group.
        own: Rows of its runs.
        paired: Rows of their controls; -1 for none. True states are their own.
    """

    runs: xr.Dataset
    group: str
    own: np.ndarray
    paired: np.ndarray

    def at(self, name: str, day: float) -> np.ndarray:
        """Return a figure of all runs (run,) on a day of the table."""
        days = self.runs["day"].values
        return np.asarray(self.runs[name].values[:, int(np.flatnonzero(np.abs(days - day) < 1e-6)[0])])

    def verdict(
        self, figure: str, day: float, kind: Kind, every: np.ndarray, unit: str, of_means: bool = False
    ) -> Verdict:
        """Compare a figure of all runs (run,); ratios of the means over members if ``of_means``."""
        x = every[self.own]
        c = np.where(self.paired >= 0, every[self.paired], np.nan)
        if kind == "value":
            return self._own(figure, day, x, c, unit)
        value, low, high = _compare(x, c, kind, of_means, (self.group, figure, str(day)))
        both = np.isfinite(x) & (np.isfinite(c) | (self.paired < 0))
        return Verdict(
            self.group, figure, day, kind, value, low, high, _mean(x[both]), _mean(c[both]), unit, int(both.sum())
        )

    def _own(self, figure: str, day: float, x: np.ndarray, c: np.ndarray, unit: str) -> Verdict:
        there = x[np.isfinite(x)]
        low, high = _interval(there, lambda rows: there[rows].mean(axis=1), (self.group, figure, str(day)))
        mean = _mean(there)
        return Verdict(
            self.group, figure, day, "value", mean, low, high, mean, _mean(c[np.isfinite(c)]), unit, len(there)
        )

    def crashes(self) -> Verdict:
        """Return the share of the runs that crashed."""
        crashed = np.isfinite(self.runs["crash_day"].values[self.own]).astype(float)
        low, high = _interval(crashed, lambda rows: crashed[rows].mean(axis=1), (self.group, "crashes"))
        theirs = np.isfinite(self.runs["crash_day"].values[self.paired[self.paired >= 0]]).astype(float)
        share = float(crashed.mean())
        return Verdict(
            self.group, "crashes", np.nan, "share", share, low, high, share, _mean(theirs), "1", len(crashed)
        )


def pairs_of(runs: xr.Dataset) -> Iterator[Pairs]:
    """Yield the groups of runs, each run with its control."""
    names = list(map(str, runs["run"].values))
    groups = runs["group"].values
    for group in dict.fromkeys(map(str, groups)):
        own = np.flatnonzero(groups == group)
        paired = [names.index(str(c)) if c else -1 for c in runs["control"].values[own]]
        yield Pairs(runs, group, own, own if group == TRUTH else np.array(paired))


def _compare(
    x: np.ndarray, c: np.ndarray, kind: Kind, of_means: bool, key: tuple[str, ...]
) -> tuple[float, float, float]:
    """Return the value and its interval over the pairs that count."""
    both = np.isfinite(x) & np.isfinite(c)
    if not of_means and kind == "ratio":
        both &= c != 0
    x, c, count = x[both], c[both], int(both.sum())
    if not count:
        return np.nan, np.nan, np.nan
    if of_means:

        def statistic(rows: np.ndarray) -> np.ndarray:
            below = c[rows].mean(axis=1)
            return np.where(below > 0, x[rows].mean(axis=1) / np.where(below > 0, below, 1.0), np.nan)

    else:
        each = x / c if kind == "ratio" else x - c

        def statistic(rows: np.ndarray) -> np.ndarray:
            return np.asarray(each[rows].mean(axis=1))

    value = float(statistic(np.arange(count)[None])[0])
    return value, *_interval(x, statistic, key)


def _interval(x: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], key: Sequence[str]) -> tuple[float, float]:
    """Return the central interval of a statistic of resampled members; NaN for fewer than two."""
    if not len(x):
        return float("nan"), float("nan")
    rows = places(len(x), REPLICATES, keyed.generator(0, "judgement", *key))
    low, high = known_interval(statistic(rows)[:, None], enough=len(x) > 1)
    return float(low[0]), float(high[0])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size and np.isfinite(values).any() else float("nan")
