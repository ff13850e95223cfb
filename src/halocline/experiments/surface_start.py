"""Start states for new parameters, from the members of an ensemble: a response surface, with an error bar."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.chain.dataset import to_dataset, write_dataset
from halocline.constraints.named.stability import MinimumChange
from halocline.data.fields.variables import variable
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.response.member_states import member_states
from halocline.data.response.quality import Quality, fit_surface
from halocline.data.response.surface import PATTERNS
from halocline.data.sampling.conditions import ALL_PARAMETERS, DAY, Conditions
from halocline.data.store.store import StateStore, open_store
from halocline.runtime.errors import ConfigError
from halocline.runtime.limits import check_numbers
from halocline.runtime.run_lock import alone
from halocline.runtime.version import __version__


def start_states(
    store: StateStore,
    parameters: Mapping[str, float | Sequence[float]],
    *,
    day: float = 0.0,
    patterns: int = PATTERNS,
) -> tuple[xr.Dataset, Quality]:
    """Return the states that a response surface over a store's training members has for new parameters.

    Where temperature and salinity are on levels, columns are made stable by the smallest change.

    Args:
        store: An ensemble over parameters, best of equilibria.
        parameters: A number, or one a state, for each parameter of the store.
        day: Day of the year, from 0 on; the season is what the members share of it.
        patterns: Most patterns of the surface.

    Returns:
        Dataset with dims (member, [depth,] y, x): the parameters, ``day_of_year``, and for each variable
        ``expected_error_NAME``, in its unit, as coordinates along ``member``: rms over the volume of what the surface
        did not know of the members nearest in parameters when each was left out (Quality.near). And these errors.

    Raises:
        ConfigError: If a parameter is missing, or is none of the store's.
        InputError: If the store has no parameters or too few members.

    Warns:
        OutsideTrainedRange: If a parameter lies beyond the training members': the error bar is too small there.
    """
    conditions = Conditions.of(store, [DAY, ALL_PARAMETERS])
    _check(conditions, parameters)
    count = max(np.size(value) for value in parameters.values())
    numbers = {name: np.asarray(value, np.float64) for name, value in parameters.items()} | {DAY: np.asarray(day)}
    given = conditions.draw(0, range(count), numbers)
    vector = conditions.encode(given)
    layout = GridLayout(store.layout, store.grid)
    members = member_states(store, conditions)
    quality = Quality.of(members, layout, patterns)
    z = vector[:, : len(conditions.parameters)].astype(np.float64)
    states = members.at(fit_surface(members, layout, patterns)(z), vector[:, len(conditions.parameters) :])
    states = np.where(layout.wet, states, np.nan)
    if {"thetao", "so"} <= set(layout.fields.levelled):
        states = MinimumChange(layout, reference="both").project(states)
    dataset = to_dataset(states.astype(np.float32), store.channels, store.grid, range(count), {})
    for name, values in given.items():
        dataset = dataset.assign_coords({name: ("member", values, conditions.attributes[name])})
    bars = [quality.near(each) for each in z]
    for name in layout.fields.names:
        about = {"units": variable(name).unit, "long_name": f"expected rms error of {name} over the volume"}
        dataset = dataset.assign_coords({f"expected_error_{name}": ("member", [bar[name] for bar in bars], about)})
    dataset.attrs |= {
        "title": "Ocean states of a response surface",
        "source": f"regression on {len(members.members)} members of {store.path.name}; not a simulation",
        "halocline_version": __version__,
        "halocline_data_fingerprint": store.fingerprint,
    }
    return dataset, quality


@alone
def write_start_states(
    out: Path,
    data: Path,
    parameters: Mapping[str, float | Sequence[float]],
    *,
    day: float = 0.0,
    patterns: int = PATTERNS,
) -> list[str]:
    """Write start states to a file and return what is to be said of them; see ``start_states``.

    Raises:
        OutputError: If ``out`` exists.
    """
    check_numbers({"patterns": patterns, "day": day})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        dataset, quality = start_states(open_store(data), parameters, day=day, patterns=patterns)
    write_dataset(dataset, out)
    names = GridLayout(quality.layout.fields, quality.layout.grid).fields.names
    bars = ", ".join(
        f"{float(dataset[f'expected_error_{name}'].mean()):.3g} {variable(name).unit} ({name})" for name in names
    )
    found = [f"warning: {warning.message}" for warning in caught]
    return [quality.text(), *found, f"expected error: {bars}"]


def _check(conditions: Conditions, parameters: Mapping[str, float | Sequence[float]]) -> None:
    known = conditions.parameters
    missing, unknown = (sorted(set(a) - set(b)) for a, b in ((known, parameters), (parameters, known)))
    if missing or unknown or not known:
        raise ConfigError(
            "parameters of the new states",
            found=f"none for {', '.join(missing)}" if missing else f"{', '.join(unknown)}, which the store has not",
            expected=f"one number for each of: {', '.join(known) or 'none: the store has no parameters'}",
            remedy="Give all of them: " + " ".join(f"--set {name}=NUMBER" for name in known),
        )
    sizes = {np.size(value) for value in parameters.values()} - {1}
    if len(sizes) > 1:
        found = f"{', '.join(map(str, sorted(sizes)))} values"
        remedy = "Give one number, or as many as there are states."
        raise ConfigError("parameters of the new states", found=found, expected="as many of each", remedy=remedy)
