"""The tidy table of scores, and what a report draws."""

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from halocline.data.fields.variables import is_variable, variable
from halocline.evaluate.engine.family import Better, Label
from halocline.evaluate.ice.pictures import Pictures
from halocline.evaluate.ocean.pictures import OceanPictures
from halocline.runtime import files
from halocline.runtime.errors import InputError

SCORECARD_VERSION = 1


@dataclass(frozen=True)
class Row:
    """One score beside its floor.

    Attributes:
        score: What is measured.
        variable: Name of the variable, or ``all``.
        band: Wavelength band, empty if there is none.
        value: Score of the generated states.
        low: Lower end of the value's 90 % interval.
        high: Upper end.
        floor: The same score of real states against other real states, at the same sample size.
        floor_low: Lower end of the floor's 90 % interval.
        floor_high: Upper end.
        unit: SI unit.
        better: What a good value is.
        reference: Value of all held-out real states where ``better`` is ``reference``, else None.
    """

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

    @classmethod
    def of(cls, label: Label, numbers: Sequence[float], reference: float | None) -> "Row":
        """Build a row of a label and its six numbers: value, low, high, and the same of the floor."""
        value, low, high, floor, floor_low, floor_high = numbers
        return cls(
            score=label.score,
            variable=label.variable,
            band=label.band,
            value=value,
            low=low,
            high=high,
            floor=floor,
            floor_low=floor_low,
            floor_high=floor_high,
            unit=label.unit,
            better=label.better,
            reference=reference,
        )

    @property
    def within_floor(self) -> bool:
        """Whether real states of other years score no better: the value lies in the floor's interval.

        Where lower is better, or 0 is asked for, a value below the interval is as good.
        """
        slack = 1e-12 * max(1.0, abs(self.floor_high))
        if self.better in ("lower", "zero"):
            return self.value <= self.floor_high + slack
        return self.floor_low - slack <= self.value <= self.floor_high + slack


@dataclass(frozen=True)
class Scorecard:
    """All scores of one set of generated states.

    Attributes:
        rows: The tidy table.
        about: JSON-able facts: numbers of states, seed, extractor, fingerprints, notes.
        pictures: Maps and curves for the report; None in a scorecard read from a file.
    """

    rows: tuple[Row, ...]
    about: dict[str, Any]
    pictures: Pictures | OceanPictures | None = None

    def row(self, score: str, variable: str = "all", band: str = "") -> Row:
        """Return one row.

        Raises:
            KeyError: If there is none of that name; the message lists the scores.
        """
        for row in self.rows:
            if (row.score, row.variable, row.band) == (score, variable, band):
                return row
        raise KeyError(f"no score ({score}, {variable}, {band}); scores: {', '.join(sorted(self.scores))}")

    @property
    def scores(self) -> tuple[str, ...]:
        """Names of the scores, in order."""
        return tuple(dict.fromkeys(row.score for row in self.rows))

    def to_csv(self, path: Path) -> None:
        """Write the table, one score per line, units in a column of their own."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [f.name for f in fields(Row)] + ["within_floor"], lineterminator="\n")
        writer.writeheader()
        for row in self.rows:
            writer.writerow({**plain(asdict(row)), "within_floor": row.within_floor})
        files.write_text(path, text.getvalue())

    def to_json(self, path: Path) -> None:
        """Write table and facts; what is not a finite number becomes null."""
        rows = [{**plain(asdict(row)), "within_floor": row.within_floor} for row in self.rows]
        content = {"halocline_scorecard": SCORECARD_VERSION, "about": self.about, "rows": rows}
        files.write_text(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")

    @classmethod
    def from_json(cls, path: Path) -> "Scorecard":
        """Read a table back; pictures are not kept in files.

        Raises:
            InputError: If the file is no scorecard of this version.
        """
        try:
            content = json.loads(Path(path).read_text())
            if content["halocline_scorecard"] != SCORECARD_VERSION:
                raise ValueError(f"version {content['halocline_scorecard']}")
            return cls(tuple(_row(entry) for entry in content["rows"]), content["about"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"scorecard {path}",
                found=f"{type(error).__name__}: {error}",
                expected=f"a scores.json of version {SCORECARD_VERSION}",
                remedy="Give a scores.json that 'halocline evaluate' wrote.",
            ) from error


def main_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the rows a person looks at first.

    Those of the whole state, of thickness and concentration, and of the ocean's variables but for single levels.
    """
    whole = [row for row in rows if row.variable == "all" and not row.score.endswith("distribution distance")]
    shown = {id(row) for row in whole} | {id(row) for row in rows if row.variable in ("sit", "sic")}
    ocean = {name for name in {row.variable for row in rows} if is_variable(name) and variable(name).group == "ocean"}
    shown |= {id(row) for row in rows if row.variable in ocean and not row.band.startswith("level ")}
    return [row for row in rows if id(row) in shown]


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values of which those that are not finite numbers are None, as JSON wants them."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def _row(entry: dict[str, Any]) -> Row:
    values = {f.name: entry[f.name] for f in fields(Row)}
    numbers = ("value", "low", "high", "floor", "floor_low", "floor_high")
    values.update({name: math.nan if values[name] is None else float(values[name]) for name in numbers})
    return Row(**values)
