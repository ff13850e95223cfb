"""The grid that states are brought to: one of Halocline's, or that of a file or store."""

from pathlib import Path

from halocline.data.files.open import is_store, open_dataset
from halocline.data.grids.grid import Grid
from halocline.data.store.store import read_grid
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import RESOLUTIONS_KM, arctic_grid

NAMED = tuple(f"arctic-{resolution}km" for resolution in RESOLUTIONS_KM)


def target_grid(words: str | Path | Grid) -> Grid:
    """Return a grid by its name, of a file in our form (mask, area, lat, lon, x, y), or of a store.

    Raises:
        InputError: If there is neither such a name nor such a file, or it holds no grid.
    """
    if isinstance(words, Grid):
        return words
    if str(words) in NAMED:
        return arctic_grid(RESOLUTIONS_KM[NAMED.index(str(words))])
    path = Path(words)
    if not path.exists():
        raise InputError(
            f"grid {words}",
            found="no such name and no such file",
            expected=f"{', '.join(NAMED)}, or a NetCDF file, Zarr folder or store with a grid",
            remedy="Check the name or the path.",
        )
    return read_grid(path)[0] if is_store(path) else Grid.from_dataset(open_dataset(path, "grid"))
