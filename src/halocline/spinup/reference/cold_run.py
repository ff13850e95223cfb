"""The plain cold start that a reference's runs hold: an experiment takes it over instead of running it again."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from halocline.runtime import files
from halocline.spinup.block import stretches
from halocline.spinup.block_files import block_file, read_blocks
from halocline.spinup.reference.extrapolate import SIDES
from halocline.spinup.run import SHARED


def take_over(case: Path, folder: Path) -> int:
    """Copy the cold side of a reference, up to its first extrapolation, into the folder of a run.

    The run can go on from there. A folder that is there is left alone.

    Args:
        case: Folder of the reference.
        folder: Of the cold start's run, to be made whole or not at all.

    Returns:
        Blocks that were copied.
    """
    source = case / SIDES[0]
    rows = [] if folder.exists() or not source.is_dir() else read_blocks(source)
    if not rows:
        return 0
    count = len(stretches(rows[0])[0])
    runs = [source / f"run-{number:03d}" for number in (*range(min(SHARED, count)), count - 1)]
    if not all(run.is_dir() for run in runs):  # of earlier versions, which kept no end to go on from
        return 0
    copy_run([source] * count, runs, folder)
    return count


def copy_run(homes: Sequence[Path], ends: Sequence[Path], folder: Path) -> None:
    """Copy a run into a folder of its own, whole or not at all, so that it can go on from there.

    Args:
        homes: Where each of its blocks lies, in order.
        ends: Folders of the model's runs that are copied as well, the last block's among them.
        folder: To be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with files.new_folder(folder) as hidden:
        for number, home in enumerate(homes):
            for kind in ("npz", "json"):
                shutil.copyfile(block_file(home, number, kind), block_file(hidden, number, kind))
        for run in dict.fromkeys(ends):
            shutil.copytree(run, hidden / run.name)
