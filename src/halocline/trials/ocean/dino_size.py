"""Which size of the DINO basin a grid is: states of any other grid cannot start the ocean model."""

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.runtime.errors import InputError
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.presets import PRESETS, Preset

_DEPTH_M, _LATITUDE_DEG = 0.5, 0.01


def preset_of(grid: Grid, source: str) -> Preset:
    """Return the size of the basin whose cells a grid has.

    Args:
        grid: The grid of some states.
        source: File or dataset, for errors.

    Raises:
        InputError: If the shape, the mask, the depths or the latitudes are those of no size.
    """
    sizes = {preset.shape: preset for preset in PRESETS.values()}
    if grid.wet.shape not in sizes:
        known = ", ".join(f"{p.name} {_cells(p.shape)}" for p in PRESETS.values())
        raise _error(f"grid of {source}", f"{_cells(grid.wet.shape)} cells (level, y, x)", f"a DINO basin: {known}")
    preset = sizes[grid.wet.shape]
    name, geometry = preset.name, make_geometry(preset)
    differ = int(np.count_nonzero(grid.wet != geometry.wet))
    if differ:
        raise _error(
            f"wet cells of {source}",
            f"a mask that differs in {differ} of {grid.wet.size} cells",
            f"the cells of DINO {name}",
        )
    depth = grid.depth.max(axis=(1, 2))
    if np.abs(depth - geometry.depth).max() > _DEPTH_M:
        raise _error(
            f"depth of the levels of {source}",
            f"levels at {depth[0]:g} to {depth[-1]:g} m",
            f"those of DINO {name}, {geometry.depth[0]:g} to {geometry.depth[-1]:g} m",
        )
    if np.abs(grid.lat - geometry.lat[:, None]).max() > _LATITUDE_DEG:
        raise _error(
            f"latitude of {source}",
            f"rows from {grid.lat[0, 0]:g} to {grid.lat[-1, 0]:g} degrees north",
            f"those of DINO {name}, {geometry.lat[0]:g} to {geometry.lat[-1]:g}",
        )
    return preset


def _cells(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _error(field: str, found: str, expected: str) -> InputError:
    remedy = "Use states of a model that was trained on 'halocline simulate dino', or regrid the states to its cells."
    return InputError(field, found=found, expected=expected, remedy=remedy)
