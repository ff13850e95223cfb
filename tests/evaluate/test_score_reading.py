"""Sea-ice and ocean states are scored as they come: under anybody's axes, coordinates and units."""

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import halocline as hl
from halocline.cli.main import app
from halocline.data.files.states import open_state_file
from halocline.data.reading.choices import Choices
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime.errors import InputError
from tests.bridge.nemo.toy_nemo import field_data
from tests.evaluate.ocean.test_ocean_scores import drawn
from tests.evaluate.toy_arctic import as_dataset, perfect
from tests.ocean_toy import toy_dino_store
from tests.toy import CHANNELS, toy_sample

QUICK = {"replicates": 2}
FILES = [field_data(f"users-files/{name}.nc") for name in ("E01_time", "E08_lon360")]


@pytest.fixture(scope="module")
def plain():
    """Six states with dims (member, y, x)."""
    return as_dataset(perfect(6))


@pytest.fixture(scope="module")
def plain_card(plain, reference):
    return hl.score(plain, reference, **QUICK)


def single(states):
    names = [name for name in ("lat", "lon", "x", "y") if name in states.variables]
    small = states.assign_coords({name: states[name].astype(np.float32) for name in names})
    return small.assign(area=states["area"].astype(np.float32))


FORMS = {
    "times without members": lambda states: states.rename(member="time"),
    "realizations": lambda states: states.rename(member="realization"),
    "cells first": lambda states: states.transpose("y", "x", "member"),
    "longitudes from 0 to 360": lambda states: states.assign_coords(lon=states["lon"] % 360.0),
    "single precision": single,
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_states_have_the_same_scores_in_any_form(form, plain, plain_card, reference, tmp_path):
    states = FORMS[form](plain)
    assert hl.score(states, reference, **QUICK).rows == plain_card.rows
    states.to_netcdf(tmp_path / "s.nc")
    assert hl.score(tmp_path / "s.nc", reference, **QUICK).rows == plain_card.rows


def test_dates_of_times_without_members_tell_the_season(plain, reference, tmp_path):
    times = xr.date_range("2003-03-05", periods=6, freq="3D", calendar="noleap", use_cftime=True)
    plain.rename(member="time").assign_coords(time=times).to_netcdf(tmp_path / "s.nc")
    card = hl.score(tmp_path / "s.nc", reference, **QUICK)
    assert (card.about["season"], card.about["generated_states"]) == ("March", 6)
    assert sum(card.about["held_out_states"]) < 24


def test_one_state_is_no_set(plain, reference):
    with pytest.raises(InputError, match="1 state"):
        hl.score(plain.isel(member=0), reference)


def test_what_a_file_does_not_say_is_asked_and_answered(plain, plain_card, reference, tmp_path):
    states = plain.assign(sit=(plain["sit"] * 100).assign_attrs(units=""))
    with pytest.raises(InputError, match="sit"):
        hl.score(states, reference, **QUICK)
    card = hl.score(states, reference, choices=Choices(units={"sit": "cm"}), **QUICK)
    np.testing.assert_allclose([r.value for r in card.rows], [r.value for r in plain_card.rows], rtol=1e-4, atol=1e-6)
    states.to_netcdf(tmp_path / "s.nc")
    command = ["score", str(tmp_path / "s.nc"), "--reference", str(reference.path), "--quiet", "--unit", "sit=cm"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output


def test_answers_are_heard_for_ocean_states(tmp_path):
    store = open_store(toy_dino_store(tmp_path / "dino.zarr"))
    states = drawn(store, [0, 1], per_member=4)
    kelvin = states.assign(thetao=(states["thetao"] + 273.15).assign_attrs(units=""))
    with pytest.raises(InputError, match="thetao"):
        hl.score(kelvin, store, **QUICK)
    card = hl.score(kelvin, store, choices=Choices(units={"thetao": "K"}), **QUICK)
    wanted = hl.score(states, store, **QUICK)
    assert card.row("energy").value == pytest.approx(wanted.row("energy").value, rel=1e-2, abs=1e-3)


@pytest.fixture(scope="module")
def arctic(tmp_path_factory):
    """A store of toy states on the grid of the users' files."""
    path = tmp_path_factory.mktemp("arctic") / "data.zarr"
    grid, hours = open_state_file(FILES[0]).read().grid, np.arange(0, 3 * 8760, 24 * 15)
    create_store(path, grid, CHANNELS, 2, hours, {"world": "toy"})
    writer = StoreWriter(path)
    for member in range(2):
        for index, hour in enumerate(hours):
            writer.write(member, index, toy_sample(grid, int(hour) // 24 % 365, member, index))
    finish_store(path)
    return open_store(path)


@pytest.mark.skipif(None in FILES, reason="the files of users are not here")
@pytest.mark.parametrize(("file", "season"), list(zip(FILES, ("January", "not known"), strict=True)))
def test_files_of_users_are_scored(file, season, arctic):
    card = hl.score(file, arctic, **QUICK)
    assert card.about["generated_states"] == 4
    assert card.about["variables"] == list(CHANNELS)
    assert card.about["season"] == season
