"""A finished member of the factory: its equilibrium, how sure that is, and what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.runtime import files
from halocline.runtime.seals.arrays import read_npz
from halocline.runtime.seals.json_object import damaged, read_json, write_json


def record_file(sweep: int) -> str:
    """Return the name of a member's record of a sweep."""
    return "finished.json" if sweep == 0 else f"finished-{sweep}.json"


def state_file(sweep: int) -> str:
    """Return the name of the file of its equilibrium."""
    return "equilibrium.npz" if sweep == 0 else f"equilibrium-{sweep}.npz"


@dataclass(frozen=True, eq=False)
class Finished:
    """A member at its equilibrium, or as near as it came in a sweep.

    Attributes:
        state: Mean of its last thirty years without weather, for a pilot that of both sides (variable, level, y, x):
            degC and psu.
        end: The model's ``end.npz`` from which it goes on.
        began: Where it began, in words.
        expected: Error of that start as left-out members have it, K; NaN if nothing says.
        begin_distance: Distance of its start from the equilibrium, root mean square over the volume, K; NaN for pilots.
        years: Model years without weather in this sweep.
        cpu_seconds: What they cost.
        jumps: Jumps and other extrapolations.
        blocks: Of its run, those of earlier sweeps included; 0 for pilots from both sides.
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
    blocks: int
    verified: bool
    drift: Mapping[str, float]
    error: Mapping[str, float]
    bound: float

    def write(self, folder: Path, sweep: int = 0) -> None:
        """Write it into the member's folder; it is there once all of it is."""
        files.write_npz(folder / state_file(sweep), {"thetao": self.state[0], "so": self.state[1]})
        words = {
            "end": str(self.end.relative_to(folder)),
            "began": self.began,
            "expected": _plain(self.expected),
            "begin_distance": _plain(self.begin_distance),
            "years": self.years,
            "cpu_seconds": self.cpu_seconds,
            "jumps": self.jumps,
            "blocks": self.blocks,
            "verified": self.verified,
            "drift": dict(self.drift),
            "error": dict(self.error),
            "bound": _plain(self.bound),
        }
        write_json(folder / record_file(sweep), words)

    @classmethod
    def read(cls, folder: Path, sweep: int = 0) -> "Finished | None":
        """Read it back; None if the member is not finished in a sweep.

        Raises:
            InputError: If it was changed on disk.
        """
        path = folder / record_file(sweep)
        if not path.exists():
            return None
        words = read_json(path, "finished member")
        water = read_npz(folder / state_file(sweep), "equilibrium", "thetao", "so")
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
                blocks=int(words["blocks"]),
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
