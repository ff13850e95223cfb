"""What of a store is there: looked at sample by sample, not counted."""

from pathlib import Path

from halocline.data.store.statistics import verify_store
from halocline.data.store.store import StateStore
from halocline.runtime.errors import StoreError
from halocline.runtime.seals.zarr_group import change_attributes


def are_there(store: StateStore, member: int, count: int) -> bool:
    """Tell whether the first ``count`` samples of a member can be read; their checksums are looked at."""
    try:
        for first, block in store.blocks(member, count):
            del first, block
    except StoreError:
        return False
    return True


def still_whole(path: Path) -> bool:
    """Read a finished store; one that has lost a sample, or holds a damaged one, is marked as unfinished again.

    Raises:
        InputError: If what decides was changed, too: then nothing can be made again.
    """
    try:
        verify_store(path)
    except StoreError:
        change_attributes(path, {"complete": False}, open_again=["states"])
        return False
    return True
