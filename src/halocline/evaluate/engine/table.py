"""The tidy table of scores: one score a row, its id and what tells it apart in columns, SI units, labels beside."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from halocline.runtime import files
from halocline.runtime.seals.json_object import write_json

if TYPE_CHECKING:
    import pandas as pd

R = TypeVar("R")


@dataclass(frozen=True)
class ScoreTable(Generic[R]):
    """Rows of scores, the same columns in each.

    Attributes:
        rows: Dataclasses, one a score (or mappings, of tables that hold no scores).
        about: JSON-able facts: numbers of states, seed, fingerprints, notes.
    """

    rows: tuple[R, ...]
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the scores, each once, in order."""
        return tuple(dict.fromkeys(record["id"] for record in self.records()))

    def find(self, **columns: Any) -> list[R]:
        """Return the rows that have these values in these columns, e.g. ``find(id="w1", variable="sit")``."""
        return [row for row in self.rows if all(getattr(row, name) == value for name, value in columns.items())]

    def row(self, id: str, **columns: Any) -> R:
        """Return the first row of an id that has these values in these columns.

        Raises:
            KeyError: If there is none; the message lists the ids.
        """
        found = self.find(id=id, **columns)
        if not found:
            wanted = ", ".join(f"{name}={value}" for name, value in columns.items())
            raise KeyError(f"no score '{id}' ({wanted}); scores: {', '.join(self.ids)}")
        return found[0]

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries, column to value."""
        return [dict(row) if isinstance(row, Mapping) else _record(row) for row in self.rows]

    def to_dataframe(self) -> "pd.DataFrame":
        """Return the table as a pandas DataFrame, a column for each fact of a row."""
        import pandas as pd

        return pd.DataFrame.from_records(self.records())

    def to_csv(self, path: Path) -> None:
        """Write the table, one score per line, units in a column of their own; what is no finite number is empty."""
        text, records = io.StringIO(), self.plain()
        if records:
            writer = csv.DictWriter(text, list(records[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(records)
        files.write_text(path, text.getvalue())

    def to_json(self, path: Path, *, rows: str = "rows", **head: Any) -> None:
        """Write ``head``, facts and table; what is not a finite number becomes null.

        Args:
            path: The file.
            rows: Key of the list of rows.
            head: What stands before, e.g. the version of the format.
        """
        write_json(path, {**head, "about": self.about, rows: self.plain()})

    def plain(self) -> list[dict[str, Any]]:
        """Return the records, numbers that are not finite as None."""
        return [
            {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in record.items()}
            for record in self.records()
        ]


def _record(row: Any) -> dict[str, Any]:
    """Return a row's fields, then the properties that it names as columns, then its id."""
    fields = asdict(row)
    last = {name: getattr(row, name) for name in getattr(row, "DERIVED", ())}
    return {**{k: v for k, v in fields.items() if k != "id"}, **last, "id": row.id}
