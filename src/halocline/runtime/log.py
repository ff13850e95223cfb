"""Records as JSON lines, each with its own seal: the training log, and other files that grow line by line."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from halocline.runtime import files
from halocline.runtime.errors import HaloclineError, InputError
from halocline.runtime.seals.json_object import damaged, fits, sealed, unsealed


class JsonLines:
    """Appends records to a JSON-lines file; each record of a training carries its ``stage`` and ``step``."""

    def __init__(self, path: Path) -> None:
        self._path = Path(path)

    def write(self, record: Mapping[str, Any]) -> None:
        """Append one record and flush it."""
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(sealed(record)) + "\n")

    def records(self, what: str = "records", error: type[HaloclineError] = InputError) -> list[dict[str, Any]]:
        """Return all whole records; a last line cut off by a kill is left out. See ``read_lines``."""
        return read_lines(self._path, what, error) if self._path.exists() else []

    def replace(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Write all records anew, atomically."""
        files.write_text(self._path, "".join(json.dumps(sealed(record)) + "\n" for record in records))

    def cut_after(self, stage: str, step: int) -> None:
        """Drop the records of ``stage`` beyond ``step``, which a resumed run writes again; a kill loses none."""
        if self._path.exists():
            self.replace(r for r in self.records() if r.get("stage") != stage or r.get("step", 0) <= step)


def read_lines(path: Path, what: str, error: type[HaloclineError] = InputError) -> list[dict[str, Any]]:
    """Return the records of a file of JSON lines, without their seals.

    A last line without its end is left out: a kill cut it off. Lines without a seal are of an older version; they stand
    before all that have one.

    Args:
        path: The file.
        what: What it is, for errors.
        error: The class to raise.

    Raises:
        HaloclineError: If the file cannot be read, or a line is no record or was changed; it names the line.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as problem:
        raise damaged(f"{what} {path}", f"a file that cannot be read ({problem})", error) from problem
    records, any_sealed = list[dict[str, Any]](), False
    for number, line in enumerate(lines[:-1], 1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as problem:
            raise damaged(f"{what} {path}, line {number}", f"no record ({problem})", error) from problem
        has = isinstance(record, dict) and unsealed(record) != record
        if not isinstance(record, dict) or not fits(record) or (any_sealed and not has):
            raise damaged(f"{what} {path}, line {number}", "a record that was changed", error)
        any_sealed |= has
        records.append(unsealed(record))
    return records


def has_seals(path: Path) -> bool:
    """Tell whether the last whole record of a file that can be read carries a seal; a file without records does."""
    lines = path.read_bytes().split(b"\n")[:-1]
    return not lines or unsealed(record := json.loads(lines[-1])) != record
