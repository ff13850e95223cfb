"""Members that are done, kept beside the output until all are: an analysis that was killed goes on."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from halocline.constraints.project_all import ProjectionReport
from halocline.runtime import files
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.seals.arrays import read_arrays, write_arrays
from halocline.runtime.seals.json_object import read_json, write_json

_SETTINGS = "settings.json"


def begun(out: Path) -> bool:
    """Tell whether an analysis for an output was begun and not brought to its end."""
    return _folder(out).exists()


def _folder(out: Path) -> Path:
    return out.with_name(f".{out.name}.members")


class KeptMembers:
    """States (channel, y, x) by member, and what constraints did to them; on disk if there is an output.

    Args:
        out: The output they are for; None to keep them in memory.
        settings: What they depend on; members of other settings are not taken for these.
        joins: Whether the first process of this run has looked at the folder already.
    """

    def __init__(self, out: Path | None, settings: Mapping[str, Any], *, joins: bool = False) -> None:
        self._held: dict[tuple[str, int], tuple[np.ndarray, list[ProjectionReport]]] = {}
        self._folder = None if out is None else _folder(out)
        if self._folder is None or joins:
            return
        if self._folder.exists():
            clear_inside(self._folder)
            remedy = f"Give the same command to go on with it, or remove {self._folder}."
            path = self._folder / _SETTINGS
            before = read_json(path, "settings of an analysis") if path.is_file() else {}
            if before:
                files.require_same(f"analysis begun for {out}", before, settings, remedy)
        self._folder.mkdir(exist_ok=True)
        write_json(self._folder / _SETTINGS, settings)

    def has(self, which: str, number: int) -> bool:
        """Tell whether a member is there."""
        return (which, number) in self._held if self._folder is None else self._path(which, number).is_file()

    def keep(self, which: str, number: int, state: np.ndarray, reports: list[ProjectionReport]) -> None:
        """Keep a member."""
        if self._folder is None:
            self._held[which, number] = (state, reports)
            return
        told = {"reports": json.dumps([asdict(r) for r in reports])}
        write_arrays(self._path(which, number), {"state": np.asarray(state, np.float32)}, told)

    def read(self, which: str, number: int) -> tuple[np.ndarray, list[ProjectionReport]]:
        """Return a member (channel, y, x), and what constraints did to it."""
        if self._folder is None:
            return self._held[which, number]
        arrays, told, _ = read_arrays(self._path(which, number), "member of an analysis")
        return arrays["state"], [ProjectionReport(**row) for row in json.loads(told["reports"])]

    def states(self, which: str, numbers: list[int]) -> np.ndarray:
        """Return members (member, channel, y, x)."""
        return np.stack([self.read(which, number)[0] for number in numbers])

    def remove(self) -> None:
        """Remove them: the output is whole."""
        if self._folder is not None:
            files.remove(self._folder)

    def _path(self, which: str, number: int) -> Path:
        assert self._folder is not None
        return self._folder / f"{which}-{number:07d}.safetensors"
