"""Histories of runs that exist: what the pooled map is fitted to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from halocline.runtime.errors import InputError
from halocline.runtime.seals.json_object import damaged, read_json, write_json
from halocline.spinup.block import histories_of
from halocline.spinup.block_files import read_blocks
from halocline.spinup.jump.history import History
from halocline.worlds.dino.parameters import ForcingParameters

FORCING = "forcing.json"
"""Beside the runs of one forcing: the size of the basin and the parameters."""


@dataclass(frozen=True, eq=False)
class ForcedRuns:
    """The runs of one forcing.

    Attributes:
        folder: Where they lie.
        forcing: Its parameters.
        histories: Of all of them; History.run is ``FORCING'S FOLDER/RUN'S FOLDER``.
    """

    folder: Path
    forcing: ForcingParameters
    histories: tuple[History, ...]


def write_forcing(folder: Path, preset: str, forcing: ForcingParameters) -> None:
    """Say in a folder of runs whose forcing they have."""
    write_json(folder / FORCING, {"preset": preset, "forcing": asdict(forcing)})


def read_forcing(folder: Path) -> tuple[str, ForcingParameters]:
    """Return the size of the basin and the forcing of the runs in a folder.

    Raises:
        InputError: If the file was changed on disk.
    """
    words = read_json(folder / FORCING, "forcing of runs")
    try:
        return str(words["preset"]), ForcingParameters(**words["forcing"])
    except (KeyError, TypeError) as error:
        raise damaged(f"forcing of runs {folder / FORCING}", f"no forcing of DINO ({error})") from error


def read_histories(folder: Path, preset: str) -> list[ForcedRuns]:
    """Return the runs below a folder of ``halocline spinup reference`` or ``halocline reproduce spinup``.

    Args:
        folder: Where; it is searched to any depth.
        preset: Size of the basin; runs of another size are left out.

    Raises:
        InputError: If there are none of this size.
    """
    out = []
    for path in sorted(Path(folder).rglob(FORCING)):
        size, forcing = read_forcing(path.parent)
        if size != preset:
            continue
        runs = sorted(p for p in path.parent.iterdir() if p.is_dir())
        found = [(f"{path.parent.name}/{run.name}", row) for run in runs for row in read_blocks(run)]
        histories = [h for name, row in found for h in histories_of(name, row)]
        if histories:
            out.append(ForcedRuns(path.parent, forcing, tuple(histories)))
    if not out:
        raise InputError(
            f"histories in {folder}",
            found=f"no runs of DINO {preset} with a file {FORCING}",
            expected="runs of 'halocline spinup reference' or of 'halocline reproduce spinup'",
            remedy="Make some with: halocline spinup reference --data DATA.zarr --member K --out DIR; the runs of an "
            "older experiment get the file when its command is given again.",
        )
    return out


def of_others(every: Sequence[ForcedRuns], forcing: ForcingParameters, folder: Path) -> list[ForcedRuns]:
    """Return the runs of all forcings but one.

    Args:
        every: What ``read_histories`` found.
        forcing: Whose own runs are left out.
        folder: Where they were found, for the error.

    Raises:
        InputError: If there are none.
    """
    others = [runs for runs in every if not np.allclose(runs.forcing.values(), forcing.values(), atol=1e-6)]
    if not others:
        raise InputError(
            f"histories in {folder}",
            found="only the target's own runs",
            expected="runs of other forcings",
            remedy="Give the runs of training members.",
        )
    return others
