"""The wind stress that moves the Ekman layer of a NEMO restart: the template's, DINO's own, or a file's.

On the faces of the C grid, tau_x where u is, tau_y where v is: as NEMO's restarts (``utau_b``, ``vtau_b``) and its
grid_U and grid_V files hold it.
"""

from pathlib import Path

import netCDF4
import numpy as np

from halocline.bridge.nemo.files import open_nemo, read
from halocline.bridge.nemo.template import Template
from halocline.physics.flow.faces import middle
from halocline.runtime.errors import ConfigError, InputError
from halocline.worlds.dino.climate import wind_stress
from halocline.worlds.dino.parameters import ForcingParameters

Stress = tuple[np.ndarray, np.ndarray]
"""(tau_x on the eastern faces, tau_y on the northern faces), each (y, x), N m-2."""
NONE, OF_TEMPLATE, OF_DINO = "none", "template", "dino"
_NAMES = {
    "x": ("utau_b", "utau", "sozotaux", "tauuo"),
    "y": ("vtau_b", "vtau", "sometauy", "tauvo"),
}
_LARGEST = 10.0  # N m-2; a hurricane has 5


def stress_of(wind: str | None, template: Template, at_45s: float | None = None) -> tuple[Stress | None, str]:
    """Return the stress, 0 on land, and in words whose it is; None for none.

    Args:
        wind: ``none``, ``template`` (a restart's), ``dino`` (the analytic wind of DINO at the faces' latitudes) or a
            NetCDF file with the stress along the grid's axes. None: the template's if it has one, else none.
        template: The mesh or restart of the run.
        at_45s: DINO's zonal stress at 45S, N m-2; DINO's own if left out.

    Raises:
        ConfigError: If the template is a mesh and its wind is asked for.
        InputError: If a file has no stress, or one that cannot be it.
    """
    if wind == NONE:
        return None, "no wind"
    if wind == OF_DINO:
        parameters = ForcingParameters() if at_45s is None else ForcingParameters(wind_stress=at_45s)
        grid = template.cells.grid
        tau = np.where(grid.wet[0], wind_stress(np.nan_to_num(middle(grid.lat, 1)), parameters), 0.0)
        return (tau, np.zeros_like(tau)), f"DINO's wind, {parameters.wind_stress:.3g} N/m2 at 45S"
    path = template.path if wind in (None, OF_TEMPLATE) else Path(str(wind))
    if path == template.path and template.mesh is not None:
        if wind is None:
            return None, "no wind"
        raise ConfigError(
            "wind",
            found="a mesh as the template",
            expected="a restart, whose utau_b and vtau_b are the wind",
            remedy=f"Give a restart of the run as the template, or --wind {OF_DINO}, {NONE} or a file.",
        )
    with open_nemo(path, "wind stress") as file:
        if wind is None and not all(set(names) & set(file.variables) for names in _NAMES.values()):
            return None, "no wind"
        pair = [_component(file, names, path, template) for names in _NAMES.values()]
    return (pair[0], pair[1]), f"the wind of {path.name}"


def _component(file: netCDF4.Dataset, names: tuple[str, ...], path: Path, template: Template) -> np.ndarray:
    """Return one component (y, x), 0 on land and where the file has its fill value."""
    field = f"wind stress {path}"
    name = next((n for n in names if n in file.variables), names[0])
    values = np.asarray(read(file, name, field), np.float64)
    wet = template.cells.grid.wet[0]
    if values.shape != wet.shape:
        raise InputError(
            f"'{name}' of {path}",
            found=f"{values.shape}",
            expected=f"{wet.shape}, the columns of the template",
            remedy="Give one time of the stress on the mesh that NEMO will run on.",
        )
    fill = getattr(file[name], "_FillValue", None)
    values = np.where(~wet | (values == (np.nan if fill is None else fill)), 0.0, values)
    if not np.isfinite(values).all() or np.abs(values).max() > _LARGEST:
        raise InputError(
            f"'{name}' of {path}",
            found=f"values up to {np.nanmax(np.abs(values)):.3g}, or NaN",
            expected=f"a wind stress in N m-2, at most {_LARGEST:g}, numbers in wet columns",
            remedy="Give the stress on the water, not the wind's speed.",
        )
    return values
