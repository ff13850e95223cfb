"""What must hold of the horizontal coordinates of a grid."""

import numpy as np

from halocline.runtime.errors import InputError

_WANTED = {
    "area": (
        "'area' or 'areacello' in m2, or 'e1t' and 'e2t' in m, with dimensions (y, x)",
        "Add the cell area to the dataset.",
    ),
    "latitude": (
        "'lat', 'nav_lat' or 'gphit' in degrees north",
        "Add the true latitude (in NEMO meshes gphit, never y) to the dataset.",
    ),
}


def known(values: np.ndarray, what: str) -> np.ndarray:
    """Return the area or the latitude (y, x), or raise InputError if it is unknown (NaN throughout)."""
    if np.isnan(values).all():
        expected, remedy = _WANTED[what]
        raise InputError(f"{what} of the ocean cells", found="none beside the states", expected=expected, remedy=remedy)
    return values


def check_latitude(lat: np.ndarray | None, shape: tuple[int, int], source: str) -> None:
    """Raise InputError if something given as latitude (y, x) is none: row numbers, another shape, other units."""
    if lat is None:
        return
    rows = np.broadcast_to(np.arange(shape[0])[:, None], shape)
    if lat.shape != shape:
        found = f"shape {lat.shape}"
    elif not (np.abs(lat) <= 90).all():
        found = f"values from {np.min(lat):g} to {np.max(lat):g}"
    elif shape[0] > 2 and np.array_equal(lat, rows):
        found = "the row numbers 0, 1, 2, …"
    else:
        return
    raise InputError(
        f"latitude of {source}",
        found=found,
        expected=f"degrees north within -90 to 90, shape {shape}",
        remedy="Use the true latitude (in NEMO meshes gphit); a renamed coordinate can turn into row numbers.",
    )
