"""A simulation's store as a record of the command that made it: only that command continues it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from halocline.data.store.seen import still_whole
from halocline.data.store.store import open_store
from halocline.runtime import files
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import HaloclineError, OutputError
from halocline.runtime.seals.zarr_group import settle_seal

LEARNED = "forcing_notes"
"""What the provenance tells of the files that were read: no setting of the command."""


def already_complete(out: Path, provenance: Mapping[str, Any], quiet: bool) -> bool:
    """Tell whether the store ``out`` is finished and whole; what a killed run left in it is removed.

    Args:
        out: A path at which something lies.
        provenance: What the store has to say of how it was made.
        quiet: Do not say so.

    Raises:
        OutputError: If it is no store, or was begun with other settings.
    """
    try:
        store = open_store(out, require_complete=False)
    except HaloclineError as error:
        raise OutputError(
            f"output {out}",
            found=f"something that is no store of states that can go on ({error.found})",
            expected="a path that does not exist yet, or a simulation to continue",
            remedy="Choose another path, or move the old one away.",
        ) from error
    before = {key: value for key, value in store.attributes["provenance"].items() if key != LEARNED}
    remedy = "A store continues with the command that began it; choose another --out for other settings."
    files.require_same(f"output {out}", before, provenance, remedy)
    clear_inside(out)
    settle_seal(out)
    if not store.attributes["complete"]:
        return False
    whole = still_whole(out)
    if not quiet:
        print(f"{out} is " + ("complete already; nothing to do." if whole else "damaged; what is bad is made again."))
    return whole
