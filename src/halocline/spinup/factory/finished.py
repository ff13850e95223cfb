"""A finished member of the factory: its equilibrium, how sure that is, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.runtime import files
from halocline.runtime.seals.arrays import read_npz
from halocline.runtime.seals.json_object import damaged, read_json, write_json

RECORD, STATE = "finished.json", "equilibrium.npz"


@dataclass(frozen=True, eq=False)
class Finished:
    """A member at its equilibrium, or as near as it came.

    Attributes:
        state: Mean of its last thirty years without weather, for a pilot that of both sides (variable, level, y, x):
            degC and psu.
        end: The model's ``end.npz`` from which it goes on.
        began: Where it began, in words.
        expected: Error of that start as left-out members have it, K; NaN if nothing says.
        begin_distance: Distance of its start from the equilibrium, root mean square over the volume, K; NaN for pilots.
        years: Model years without weather.
        cpu_seconds: What they cost.
        jumps: Jumps and other extrapolations.
        verified: Whether the limits held.
        drift: Of the level means, ``thetao`` (K) and ``so`` (psu) a decade, the larger side's for pilots.
        error: What is still ahead by the map of changes, and what would be if the part of the last change that the map
            does not know belonged to its slowest mode; for pilots what is ahead or the sides' distance, whichever is
            more: ``thetao`` (K) and ``so`` (psu).
        bound: The same, K, if all of the change belonged to the slowest mode.
    """

    state: np.ndarray
    end: Path
    began: str
    expected: float
    begin_distance: float
    years: float
    cpu_seconds: float
    jumps: int
    verified: bool
    drift: Mapping[str, float]
    error: Mapping[str, float]
    bound: float

    def write(self, folder: Path) -> None:
        """Write it into the member's folder; it is there once all of it is."""
        files.write_npz(folder / STATE, {"thetao": self.state[0], "so": self.state[1]})
        words = {
            "end": str(self.end.relative_to(folder)),
            "began": self.began,
            "expected": _plain(self.expected),
            "begin_distance": _plain(self.begin_distance),
            "years": self.years,
            "cpu_seconds": self.cpu_seconds,
            "jumps": self.jumps,
            "verified": self.verified,
            "drift": dict(self.drift),
            "error": dict(self.error),
            "bound": _plain(self.bound),
        }
        write_json(folder / RECORD, words)

    @classmethod
    def read(cls, folder: Path) -> "Finished | None":
        """Read it back; None if the member is not finished.

        Raises:
            InputError: If it was changed on disk.
        """
        path = folder / RECORD
        if not path.exists():
            return None
        words = read_json(path, "finished member")
        water = read_npz(folder / STATE, "equilibrium", "thetao", "so")
        try:
            return cls(
                state=np.stack([water["thetao"], water["so"]]),
                end=folder / words["end"],
                began=str(words["began"]),
                expected=_number(words["expected"]),
                begin_distance=_number(words["begin_distance"]),
                years=float(words["years"]),
                cpu_seconds=float(words["cpu_seconds"]),
                jumps=int(words["jumps"]),
                verified=bool(words["verified"]),
                drift=dict(words["drift"]),
                error=dict(words["error"]),
                bound=_number(words["bound"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(f"finished member {path}", f"no {error}") from error


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
