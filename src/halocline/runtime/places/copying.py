"""Copies between file systems and object stores."""

import shutil
from pathlib import Path

from halocline.runtime import files
from halocline.runtime.errors import InputError
from halocline.runtime.places.address import address_of
from halocline.runtime.places.reading import at_hand, fetch_rest
from halocline.runtime.places.writing import upload


def copy(source: Path | str, to: Path | str) -> None:
    """Copy a file or folder from a path or an address to another one.

    Raises:
        InputError: If there is nothing, or not all that was written.
        OutputError: If something is at ``to`` already, or it cannot be written.
    """
    local = at_hand(source)
    if not local.exists():
        raise InputError(
            f"source {source}", found="nothing there", expected="a file or a folder", remedy="Check the path."
        )
    fetch_rest(local)
    if (address := address_of(to)) is not None:
        upload(local, address)
        return
    with files.new_path(Path(to)) as hidden:
        if local.is_dir():
            shutil.copytree(local, hidden)
        else:
            shutil.copyfile(local, hidden)
