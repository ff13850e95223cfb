"""The plain cold start that a reference's runs hold: an experiment takes it over instead of running it again."""

import shutil
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
    folder.parent.mkdir(parents=True, exist_ok=True)
    with files.new_folder(folder) as hidden:
        for number in range(count):
            for kind in ("npz", "json"):
                shutil.copyfile(block_file(source, number, kind), block_file(hidden, number, kind))
        for run in dict.fromkeys(runs):
            shutil.copytree(run, hidden / run.name)
    return count
