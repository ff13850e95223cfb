"""Several scorecards side by side: one row per model, one column per score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halocline.evaluate.engine.scorecard import Row, Scorecard
from halocline.report.numbers import display, number
from halocline.runtime.errors import InputError

Key = tuple[str, str]
"""(id of the score, variable) of a column."""

MAIN: tuple[Key, ...] = (
    ("frechet", "all"),
    ("frechet_hand", "all"),
    ("map_mean", "sit"),
    ("map_mean", "sic"),
    ("map_sd", "sit"),
    ("w1", "sit"),
    ("w1", "deformation"),
    ("miz_area", "all"),
    ("miz_width", "all"),
    ("zero_mismatch", "sit"),
    ("copies", "all"),
    ("psd_ratio_2_4", "sit"),
    ("pack_psd_ratio_2_4", "sic"),
    ("pack_psd_ratio_2_4", "sid"),
    ("pack_coherence", "log_open_water"),
)
"""The columns shown if none are asked for, those of them that there are."""


@dataclass(frozen=True)
class Comparison:
    """A table: a header, one line of cells per model, and the floor as its first line.

    Attributes:
        header: Names of the columns.
        lines: Cells of each line, the first names the model.
    """

    header: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]

    def to_markdown(self) -> str:
        """Return the table as Markdown."""
        rule = ["---", *["---:"] * (len(self.header) - 1)]
        rows = [self.header, tuple(rule), *self.lines]
        return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows) + "\n"


def compare(scorecards: Mapping[str, Scorecard], columns: Sequence[Key] | None = None) -> Comparison:
    """Build the table of several models that were scored against the same reference.

    Each cell gives the value and its 90 % interval; a star marks a value within the interval of its own floor. The
    line "real states" holds the floor of the first model and its interval.

    Args:
        scorecards: Scorecard of each model, by name.
        columns: Scores to show; default ``MAIN``, those of them that are there.

    Raises:
        InputError: If the scorecards do not share reference, extractor and number of states: their floors and the
            bias of their distances would differ.
    """
    first = next(iter(scorecards.values()))
    for fact in ("reference_fingerprint", "extractor", "generated_states"):
        found = {name: card.about.get(fact) for name, card in scorecards.items()}
        if len(set(found.values())) > 1:
            raise InputError(
                f"scorecards: {fact}",
                found=found,
                expected="the same in all",
                remedy="Evaluate all models with the same reference, extractor and number of states.",
            )
    there = {(row.id, row.variable) for row in first.rows}
    keys = list(columns) if columns is not None else [key for key in MAIN if key in there]
    rows = [_find(first, key) for key in keys]
    header = ("model", *[_heading(row) for row in rows])
    floor = ("real states", *[_cell(row, row.floor, row.floor_low, row.floor_high, star=False) for row in rows])
    lines = [floor]
    for name, card in scorecards.items():
        mine = [_find(card, key) for key in keys]
        lines.append((name, *[_cell(row, row.value, row.low, row.high, star=row.within_floor is True) for row in mine]))
    return Comparison(header, tuple(lines))


def _find(card: Scorecard, key: Key) -> Row:
    try:
        return card.row(*key)
    except KeyError as error:
        raise InputError(
            f"score {key}",
            found="no such score in a scorecard",
            expected="a score all models have",
            remedy=str(error.args[0]),
        ) from None


def _heading(row: Row) -> str:
    unit = display(row.unit, row.id).unit
    parts = [row.score, "" if row.variable == "all" else row.variable, row.band, f"({unit})" if unit else ""]
    return " ".join(part for part in parts if part)


def _cell(row: Row, value: float, low: float, high: float, *, star: bool) -> str:
    factor = display(row.unit, row.id).factor
    text = f"{number(value * factor)} ({number(low * factor)} to {number(high * factor)})"
    return text + (" *" if star else "")
