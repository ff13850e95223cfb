"""The training log: one JSON object a line, cut back to the checkpoint on resume."""

import contextlib
import json
from pathlib import Path
from typing import Any

from halocline.runtime import files


class JsonLines:
    """Appends records to a JSON-lines file; each record carries its ``stage`` and ``step``."""

    def __init__(self, path: Path) -> None:
        self._path = Path(path)

    def write(self, record: dict[str, Any]) -> None:
        """Append one record and flush it."""
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def records(self) -> list[dict[str, Any]]:
        """Return all whole records; a last line cut off by a kill is left out."""
        if not self._path.exists():
            return []
        out = []
        for line in self._path.read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                out.append(json.loads(line))
        return out

    def cut_after(self, stage: str, step: int) -> None:
        """Drop the records of ``stage`` beyond ``step``, which a resumed run writes again; a kill loses none."""
        kept = [r for r in self.records() if r.get("stage") != stage or r.get("step", 0) <= step]
        files.write_text(self._path, "".join(json.dumps(r) + "\n" for r in kept))
