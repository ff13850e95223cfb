"""What the reader did to a file: found, converted, filled, dropped or assumed; for the summary and the provenance."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["found", "converted", "filled", "dropped", "assumed", "warning"]


@dataclass(frozen=True)
class Note:
    """One thing that the reader saw or did.

    Attributes:
        kind: What sort of thing.
        field: The variable or coordinate, under our name.
        text: What, in words, without the count.
    """

    kind: Kind
    field: str
    text: str


class Notes:
    """Notes with the number of values each concerns; equal notes of several slabs become one."""

    def __init__(self) -> None:
        self._counts: dict[Note, int] = {}

    def add(self, kind: Kind, field: str, text: str, count: int = 0) -> None:
        """Add a note, or add ``count`` values to the one that says the same."""
        note = Note(kind, field, text)
        self._counts[note] = self._counts.get(note, 0) + count

    def extend(self, other: "Notes") -> None:
        """Add the notes of another slab."""
        for note, count in other._counts.items():
            self._counts[note] = self._counts.get(note, 0) + count

    def about(self, kind: Kind, field: str | None = None) -> list[str]:
        """Return the texts of a kind, of one field or of all."""
        return [note.text for note in self._counts if note.kind == kind and field in (None, note.field)]

    def lines(self) -> list[str]:
        """Return one line a note: ``converted sic: % to 1``, with the count of values where there is one."""
        words = [(f"{n.kind} {n.field}: {n.text}", count) for n, count in self._counts.items()]
        return [f"{text} ({count} values)" if count else text for text, count in words]

    def told(self) -> list[str]:
        """Return the lines of what was changed or taken for granted: all but what was merely found."""
        return [line for note, line in zip(self._counts, self.lines(), strict=True) if note.kind != "found"]

    def show(self, source: str) -> None:
        """Print one line a note, after the name of what was read."""
        for line in self.lines():
            print(f"{source}: {line}")

    def table(self) -> list[dict[str, str | int]]:
        """Return the notes for a store's provenance."""
        return [
            {"kind": n.kind, "field": n.field, "text": n.text, **({"values": count} if count else {})}
            for n, count in self._counts.items()
        ]
