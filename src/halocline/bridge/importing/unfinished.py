"""An import that stopped goes on: what it was begun with, what was noted of each slab, and the store so far.

They lie in a folder ``.NAME.import`` beside the store to be, which takes its name at the end.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from halocline.data.reading.notes import Note, Notes
from halocline.data.store.store import open_store
from halocline.runtime import files
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import OutputError
from halocline.runtime.log import JsonLines
from halocline.runtime.seals.json_object import read_json, write_json

_LISTED = 3


class Unfinished:
    """The folder of an import.

    Args:
        out: The store to be.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self.folder = out.parent / f".{out.name}.import"
        self.store = self.folder / "store"

    @property
    def is_named(self) -> bool:
        """Whether a run was killed after the store had got its name: only the folder is to be removed then."""
        if not self._whole.exists() or self.store.exists() or not self._out.exists():
            return False
        return open_store(self._out).fingerprint == self._whole.read_text(encoding="utf-8")

    def tidy(self) -> None:
        """Remove the folder."""
        files.remove(self.folder)

    def begin(self, settings: Mapping[str, Any], parts: Mapping[str, Sequence[float]]) -> None:
        """Make the folder, or go on with it.

        Args:
            settings: What the command was given, JSON-able.
            parts: Size and time of change of each file, by path.

        Raises:
            OutputError: If it was begun by another command, with other files, or with files that have changed since.
        """
        clear_inside(self.folder)
        now = json.loads(json.dumps({"settings": settings, "files": parts}))
        if not self.store.exists():
            files.remove(self.folder)
            self.folder.mkdir(parents=True, exist_ok=True)
            write_json(self._plan, now)
            return
        self._notes.replace(self._notes.records("notes of an import", OutputError))  # what a kill cut off goes
        before = read_json(self._plan, "plan of an import", OutputError)
        remedy = f"Give the same command with the same files to go on, or remove {self.folder} to begin anew."
        files.require_same(f"import to {self._out}", before["settings"], now["settings"], remedy)
        if different := _differences(before["files"], now["files"]):
            more = f" and {len(different) - _LISTED} more" if len(different) > _LISTED else ""
            raise OutputError(
                f"import to {self._out}",
                found=", ".join(different[:_LISTED]) + more,
                expected="the files that it was begun with, unchanged",
                remedy=remedy,
            )

    def note(self, at: int, notes: Notes) -> None:
        """Keep the notes of a slab, before its states are written; ``at`` names the slab."""
        self._notes.write({"at": at, "notes": notes.table()})

    def note_apart(self, at: int, notes: Notes) -> None:
        """Do the same in a file of its own, beside other processes that do so."""
        self._apart.mkdir(exist_ok=True)
        write_json(self._apart / f"{at}.json", {"at": at, "notes": notes.table()})

    def notes(self) -> Notes:
        """Return the notes of all slabs, each once."""
        by_slab: dict[int, list[dict[str, Any]]] = {}
        apart = (read_json(path, "notes of an import", OutputError) for path in self._apart.glob("*.json"))
        for record in [*self._notes.records("notes of an import", OutputError), *apart]:
            by_slab[record["at"]] = record["notes"]
        whole = Notes()
        for at in sorted(by_slab):
            for row in by_slab[at]:
                note = Note(row["kind"], row["field"], row["text"])
                whole.add(note.kind, note.field, note.text, row.get("values", 0))
        return whole

    def finish(self) -> None:
        """Give the store its name and remove the rest."""
        files.write_text(self._whole, open_store(self.store).fingerprint)
        with files.explain_write_errors(self._out):
            files.give_name(self.store, self._out)
        self.tidy()

    def discard_if_empty(self) -> None:
        """Remove everything unless a state has been written: nothing would be gained by going on."""
        if not (self.store / "states" / "c").exists():
            files.remove(self.folder)

    @property
    def _whole(self) -> Path:
        return self.folder / "whole"

    @property
    def _plan(self) -> Path:
        return self.folder / "plan.json"

    @property
    def _apart(self) -> Path:
        return self.folder / "notes"

    @property
    def _notes(self) -> JsonLines:
        return JsonLines(self.folder / "notes.jsonl")


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    words = {True: "that has changed", False: "that was not among them"}
    found = [f"{name} {words[name in before]}" for name in now if now[name] != before.get(name)]
    return found + [f"no {name}" for name in before if name not in now]
