"""Close-ups of the pack: open water and damage in log scale, generated beside held-out."""

import numpy as np
from matplotlib.figure import Figure

from halocline.evaluate.ice.pack import LEAST_OPEN, field, log_names, pack_cells
from halocline.evaluate.ice.pictures import Pictures
from halocline.physics.sea_ice import ICE_EDGE, PACK_ICE
from halocline.physics.tiles import count_in_tiles
from halocline.report.map_grid import Column, Sheet

_ROWS = {
    "log_open_water": ("open water, log10", float(np.log10(LEAST_OPEN)), float(np.log10(1.0 - PACK_ICE))),
    "log_damage": ("damage, -log10(1 - sid)", 0.0, 2.5),
}
"""Title and range of colours of each field."""


def close_ups(pictures: Pictures) -> Figure | None:
    """Draw the examples' log fields in the half of the grid with the most pack; None without concentration or pack."""
    shown = np.concatenate([pictures.generated, pictures.real])
    names, mask = log_names(pictures.channels), pictures.grid.mask
    if "sic" not in pictures.channels or not (packed := pack_cells(shown, pictures.channels, mask).sum(axis=0)).any():
        return None
    window = _densest(packed, max(4, min(mask.shape) // 2))
    ice = mask & (shown[:, pictures.channels.index("sic")] > ICE_EDGE)
    count = len(pictures.generated)
    block: list[Column] = ["map"] * count
    columns: list[Column] = [*block, "gap", *block, "bar"]
    places = [k for k, column in enumerate(columns) if column == "map"]
    sheet = Sheet(len(names), columns)
    for k, column in enumerate(places):
        sheet.title(column, f"generated {k + 1}" if k < count else f"held-out {k - count + 1}")
    for row, name in enumerate(names):
        title, low, high = _ROWS[name]
        sheet.label(row, title)
        fields = np.where(ice, field(name, shown, pictures.channels), np.nan)
        for values, column in zip(fields, places, strict=True):
            image = sheet.map(row, column, values[window], name, low, high)
        sheet.bar(row, len(columns) - 1, image, "")
    return sheet.figure


def _densest(counts: np.ndarray, size: int) -> tuple[slice, slice]:
    """Return the square of ``size`` cells, of those a quarter of it apart, that holds most."""
    held = count_in_tiles(counts, size)
    row, column = (int(k) * (size // 4) for k in np.unravel_index(int(held.argmax()), held.shape))
    return slice(row, row + size), slice(column, column + size)
