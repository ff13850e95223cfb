"""Start from a given state: a restart, a store, or a file of states such as a generated ensemble."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from halocline.data.fields.season import season_share
from halocline.data.files.state_day import share_of_year
from halocline.data.files.states import open_state_file
from halocline.data.grids.grid import Grid
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.notes import Notes
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.forcing import Atmosphere
from halocline.worlds.arctic.model import MODEL_STEP_HOURS
from halocline.worlds.arctic.momentum import corner_mean
from halocline.worlds.arctic.parameters import THERMODYNAMICS
from halocline.worlds.arctic.restart import read_restart, state_from
from halocline.worlds.arctic.state import IceState, empty_state

STATE = ("sit", "sic", "sid", "siu", "siv", "snt")
REQUIRED = ("sit", "sic")


def start_state(
    path: Path, index: int, domain: Domain, air: Atmosphere, choices: Choices = AS_THE_FILE_SAYS
) -> tuple[IceState, bool, Notes]:
    """Return (state, whether it has velocities, what the reader did) read from ``path``.

    Args:
        path: A restart (``.safetensors``), or states of any origin with sit and sic, optionally sid, siu, siv, snt.
        index: Which state, counted over members, then times.
        domain: The domain.
        air: The atmosphere at the start: gives open water and ice surface their temperatures.
        choices: What the file does not say.

    Raises:
        InputError: If the file, its grid, units or values do not fit; it lists all that is wrong.
    """
    if path.suffix == ".safetensors":
        return state_from(read_restart(path, domain.grid)), True, Notes()
    file = open_state_file(path, "start", choices)
    found = file.names
    reading = file.read([n for n in STATE if n in (*found, *REQUIRED)], index=index, target=domain.grid)
    fields = {
        name: np.where(domain.ocean, np.asarray(reading.dataset[name].values, np.float64), 0.0)
        for name in reading.names
    }
    return assemble(fields, domain, air), "siu" in fields and "siv" in fields, reading.notes


def begin_hours(
    path: Path, index: int, grid: Grid, interval: int, year_hours: int, choices: Choices = AS_THE_FILE_SAYS
) -> int:
    """Return the hours since 1 January at which a run begins: the state's place in its year, or 0 if none is given.

    Args:
        path: As in ``start_state``. States with neither dates nor ``day_of_year`` start on 1 January.
        index: Which state.
        grid: The grid of the run.
        interval: Hours between stored states; the answer is a multiple of it.
        year_hours: Length of the year.
        choices: What the file does not say.

    Raises:
        InputError: If there is no such file or state, or its day is none of the year.
    """
    if path.suffix == ".safetensors":
        passed = int(read_restart(path, grid)["step"][0]) * MODEL_STEP_HOURS % year_hours
        return interval * math.floor(passed / interval + 0.5) % year_hours
    file = open_state_file(path, "start", choices)
    share, own = None, file.hour(index, file.calendar)
    if own is not None:
        share = float(season_share(np.array([own]), file.calendar)[0])
    elif file.names:
        share = share_of_year(file.dataset, ours_of(file.dataset, "seaice")[file.names[0]][0], index, f"start {path}")
    return 0 if share is None else interval * math.floor(share * year_hours / interval + 0.5) % year_hours


def assemble(fields: Mapping[str, np.ndarray], domain: Domain, air: Atmosphere) -> IceState:
    """Return the model's state made of fields; all that they do not say is at its start: stress 0, water at freezing.

    Args:
        fields: ``sit`` and ``sic``, and of ``sid siu siv snt`` what there is, each (y, x), land 0; others are 0.
        domain: The domain.
        air: The atmosphere at the start: gives open water and ice surface their temperatures.
    """
    p = THERMODYNAMICS
    state = empty_state(domain, air.sst)
    zero = np.zeros(domain.ocean.shape)
    state.sit[...] = np.maximum(fields["sit"], 0.0)
    state.sic[...] = np.clip(fields["sic"], 0.0, 1.0)
    state.damage[...] = np.clip(fields.get("sid", zero), 0.0, 1.0 - 1e-6)
    state.snow[...] = np.maximum(fields.get("snt", zero), 0.0)
    # Less ice than the model itself would keep: its own cut-off, applied once to the start.
    state.clear_where(~domain.inner | (state.sic < p.least_concentration) | (state.sit == 0.0))
    icy = state.sic > 0.0
    state.ocean[icy] = p.freezing
    state.surface[...] = np.where(icy, np.minimum(air.t2m, p.freezing), p.freezing)
    weight = corner_mean(icy.astype(np.float64))
    for name, corner in (("siu", state.u), ("siv", state.v)):
        mean = corner_mean(np.where(icy, fields.get(name, zero), 0.0)) / np.maximum(weight, 0.25)
        corner[...] = np.where(domain.corner_free, mean, 0.0)
    state.u_mean[...] = state.u
    state.v_mean[...] = state.v
    return state
