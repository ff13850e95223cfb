"""``inspect`` on anybody's file: how each command would read it, or what it would refuse."""

import json

import numpy as np
import pytest

from halocline.chain.dataset import to_dataset
from halocline.report.how_read import small_map
from tests.cli.test_cli import run
from tests.toy import CHANNELS, toy_grid, toy_sample


@pytest.fixture
def dataset():
    grid = toy_grid()
    states = np.where(grid.mask, np.stack([toy_sample(grid, d) for d in (10, 200)]), np.nan).astype(np.float32)
    return to_dataset(states, CHANNELS, grid, [0, 1], {})


def test_what_is_converted_is_told_with_grid_dates_and_map(dataset, tmp_path):
    theirs = dataset.rename(sic="siconc", member="time").isel(y=slice(None, None, -1))
    theirs["siconc"] = (theirs["siconc"] * 100).assign_attrs(units="%")
    theirs["time"] = ("time", [30.0, 31.0], {"units": "days since 2001-02-28", "calendar": "360d"})
    theirs.to_netcdf(tmp_path / "s.nc")
    about = json.loads(run("inspect", tmp_path / "s.nc", "--json").stdout)
    assert about["times"] == "2 from 2001-03-28 00:00:00 to 2001-03-29 00:00:00, calendar 360_day, instants"
    ((role, found),) = about["readings"].items()
    assert "forecast and simulate --start" in role
    assert found["variables"]["sic"].startswith("from 'siconc', 0 to 1")
    assert {"converted grid: y decreasing: reversed", "converted sic: '%' to '1'"} <= set(found["notes"])
    assert found["mask"] == f"{int(toy_grid().mask.sum())} ocean cells, {int((~toy_grid().mask).sum())} land"
    shown = run("inspect", tmp_path / "s.nc").stdout
    assert "\n".join(about["map"]) in shown
    assert "along the axes of the grid" in shown


def test_what_would_be_refused_is_said_and_nothing_raised(dataset, tmp_path):
    dataset["sit"].attrs["units"] = "K"
    dataset.to_netcdf(tmp_path / "s.nc")
    (found,) = json.loads(run("inspect", tmp_path / "s.nc", "--json").stdout)["readings"].values()
    assert "unit of 'sit'" in found["refused"]
    assert "'K'" in found["refused"]


def test_the_map_has_north_up_land_and_ice(dataset):
    lines = small_map(dataset.isel(member=0))
    assert len(lines) == dataset.sizes["y"]
    top, ocean = dataset["mask"].values[-1], dataset["mask"].values
    assert lines[0].ljust(ocean.shape[1]).count("#") == int((top == 0).sum())
    assert sum(line.count("#") for line in lines) == int((ocean == 0).sum())
