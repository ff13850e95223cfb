"""What an evaluation of states found: its table, and beside it what a page draws."""

import importlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from halocline.data.fields.variables import is_variable, variable
from halocline.evaluate.engine.family import Better, Label
from halocline.evaluate.engine.table import ScoreTable
from halocline.runtime import files
from halocline.runtime.errors import InputError
from halocline.runtime.seals.json_object import read_json
from halocline.runtime.version import __version__

if TYPE_CHECKING:
    import pandas as pd

SCORECARD_VERSION = 1
NO_FLOOR = "none"
"""The fact ``floor`` of a table whose scores have no floor."""
_NUMBERS = ("value", "low", "high", "floor", "floor_low", "floor_high")
_DETAIL = re.compile(r"_level_\d+$|_distribution$")
"""Ids of scores that short tables leave out."""


@dataclass(frozen=True)
class Row:
    """One score beside its floor.

    Attributes:
        score: What is measured, in words.
        variable: Name of the variable, or ``all``.
        band: Wavelength band or the like, in words, empty if there is none.
        value: Score of the generated states.
        low: Lower end of the value's 90 % interval.
        high: Upper end.
        floor: The same score of real states against other real states, at the same sample size; NaN if there are too
            few of them.
        floor_low: Lower end of the floor's 90 % interval.
        floor_high: Upper end.
        unit: SI unit.
        better: What a good value is.
        reference: Value of all held-out real states where ``better`` is ``reference``, else None.
        id: Name of the score that never changes; with ``variable`` it tells the row from all others.
    """

    DERIVED: ClassVar[tuple[str, ...]] = ("within_floor",)

    score: str
    variable: str
    band: str
    value: float
    low: float
    high: float
    floor: float
    floor_low: float
    floor_high: float
    unit: str
    better: Better
    reference: float | None
    id: str

    @classmethod
    def of(cls, label: Label, numbers: Sequence[float], reference: float | None) -> "Row":
        """Build a row of a label and its six numbers: value, low, high, and the same of the floor."""
        columns = label.columns() | dict(zip(_NUMBERS, numbers, strict=True))
        return cls(**columns, reference=reference)

    @property
    def within_floor(self) -> bool | None:
        """Whether real states of other years score no better: the value lies in the floor's interval.

        Where lower is better, or 0 is asked for, a value below the interval is as good. None if there is no floor.
        """
        if math.isnan(self.floor):
            return None
        slack = 1e-12 * max(1.0, abs(self.floor_high))
        if self.better in ("lower", "zero"):
            return self.value <= self.floor_high + slack
        return self.floor_low - slack <= self.value <= self.floor_high + slack


R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Evaluation(Generic[R]):
    """What an evaluation found.

    Attributes:
        table: The tidy table.
        pictures: Maps and curves for the page; None in what was read from a file.
        kind: ``ice``, ``ocean`` or ``forecast``: which page shows it.
    """

    FORMAT: ClassVar[tuple[str, int]] = ("halocline", 0)

    table: ScoreTable[R]
    pictures: Any = None
    kind: str = "ice"

    @property
    def rows(self) -> tuple[R, ...]:
        """Rows of the table."""
        return self.table.rows

    @property
    def about(self) -> dict[str, Any]:
        """JSON-able facts: numbers of states, seed, fingerprints, notes."""
        return self.table.about

    def to_dataframe(self) -> "pd.DataFrame":
        """Return the table as a pandas DataFrame."""
        return self.table.to_dataframe()

    def to_csv(self, path: Path) -> None:
        """Write the table, one score per line, units in a column of their own."""
        self.table.to_csv(path)

    def to_json(self, path: Path) -> None:
        """Write table and facts; what is not a finite number becomes null."""
        head: dict[str, Any] = dict([self.FORMAT])
        self.table.to_json(path, **head)

    def report(self, folder: Path | str, title: str | None = None, provenance: Mapping[str, Any] | None = None) -> Path:
        """Make a folder with ``report.html``, ``scores.csv`` and ``scores.json``; return the page's path.

        Args:
            folder: A folder that is not there yet.
            title: Heading of the page.
            provenance: What was compared with what, for the end of the page.

        Raises:
            OutputError: If the folder is there or cannot be written.
        """
        write = importlib.import_module("halocline.report.page").write_report  # pictures are imported only here
        folder = Path(folder)
        with files.new_path(folder) as hidden:
            hidden.mkdir()
            write(self, hidden, title or "Evaluation", provenance or {"made by": f"halocline {__version__}"})
        return folder / "report.html"


@dataclass(frozen=True, eq=False)
class Scorecard(Evaluation[Row]):
    """All scores of one set of generated states."""

    FORMAT = ("halocline_scorecard", SCORECARD_VERSION)

    def row(self, id: str, variable: str = "all") -> Row:
        """Return the row of a score; KeyError with the ids there are if there is none."""
        return self.table.row(id, variable=variable)

    @classmethod
    def from_json(cls, path: Path) -> "Scorecard":
        """Read a table back; pictures are not kept in files, and tables of old have words for ids.

        Raises:
            InputError: If the file is no scorecard of this version.
        """
        try:
            content = read_json(Path(path), "scorecard")
            if content["halocline_scorecard"] != SCORECARD_VERSION:
                raise ValueError(f"version {content['halocline_scorecard']}")
            table = ScoreTable(tuple(_row(entry) for entry in content["rows"]), content["about"])
            return cls(table, kind=table.about.get("kind", "ice"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"scorecard {path}",
                found=f"{type(error).__name__}: {error}",
                expected=f"a scores.json of version {SCORECARD_VERSION}",
                remedy="Give a scores.json that 'halocline evaluate' wrote.",
            ) from error


def main_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows a person looks at first.

    Those of the whole state, of thickness and concentration, and of the ocean's variables; no single levels, no
    distributions of integrals.
    """
    names = {row.variable for row in rows}
    shown = {"all", "sit", "sic"} | {name for name in names if is_variable(name) and variable(name).group == "ocean"}
    return [row for row in rows if row.variable in shown and not _DETAIL.search(row.id)]


def _row(entry: dict[str, Any]) -> Row:
    words = " ".join(part for part in (entry["score"], entry["band"]) if part)
    values = {f.name: entry[f.name] for f in fields(Row) if f.name != "id"} | {"id": entry.get("id", words)}
    values.update({name: math.nan if values[name] is None else float(values[name]) for name in _NUMBERS})
    return Row(**values)
