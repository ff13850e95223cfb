"""Positions: radians, cells without one, and a projection that is the grid's or not."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.grids.cell_areas import unit_vectors
from halocline.data.grids.projection import Plane
from halocline.data.reading.choices import AS_THE_FILE_SAYS
from halocline.data.reading.positions import fill_positions, fit_plane, in_degrees
from halocline.data.reading.work import Work

PLANE = Plane.of("EPSG:3413")
X, Y = 25e3 * np.arange(9) - 1e5, 25e3 * np.arange(8) + 4e5


@pytest.fixture
def work():
    return Work("file", "seaice", AS_THE_FILE_SAYS, None)


def grid(**coords):
    lat, lon = PLANE.inverse(X[None, :], Y[:, None])
    return xr.Dataset(coords={"lat": (("y", "x"), lat), "lon": (("y", "x"), lon), **coords})


def test_radians(work):
    degrees = grid()
    attrs = {"units": "radians"}
    radians = degrees.assign_coords({n: np.deg2rad(degrees[n]).assign_attrs(attrs) for n in ("lat", "lon")})
    np.testing.assert_allclose(in_degrees(radians, work)["lat"], degrees["lat"])


def test_exchanged_coordinates_are_refused(work):
    exchanged = grid()
    in_degrees(exchanged.assign_coords(lat=exchanged["lon"] * 3), work)
    assert "degrees north" in str(work.problems.found[0])


@pytest.mark.parametrize("nothing", [np.nan, 0.0])
def test_positions_left_out_on_land_are_continued(nothing, work):
    """A block of land of 3 x 3 cells: those around stay to the bit, those within lie near their place."""
    whole = grid()
    holed = {n: whole[n].copy(data=whole[n].values.copy()) for n in ("lat", "lon")}
    for n in holed:
        holed[n].values[2:5, 3:6] = nothing
    filled = fill_positions(whole.assign_coords(holed), work)
    here, there = (unit_vectors(d["lat"].values, d["lon"].values) for d in (filled, whole))
    away = 6371e3 * np.linalg.norm(here - there, axis=-1)
    assert away.max() < 30e3, "about a cell"
    np.testing.assert_allclose(np.delete(away, np.s_[2:5], axis=0), 0.0, atol=1e-3)


@pytest.mark.parametrize(("factor", "words"), [(1.0, ""), (1e-3, "'km'"), (1e-5, "'100 km'")])
def test_the_positions_tell_the_unit_of_x_and_y(factor, words, work):
    dataset = grid(x=("x", factor * X), y=("y", factor * Y))
    found, plane = fit_plane(dataset.assign(projection=0), PLANE, work)
    assert plane is PLANE
    np.testing.assert_allclose(found["x"], X)
    assert bool(work.notes.about("converted")) == bool(words)
    assert words in " ".join(work.notes.about("converted"))


def test_x_and_y_are_made_where_the_file_has_none(work):
    found, plane = fit_plane(grid().assign(projection=0), PLANE, work)
    assert plane is PLANE
    np.testing.assert_allclose(found["y"], Y, atol=1e-3)


def test_a_projection_that_is_not_the_grids_is_set_aside(work):
    other = Plane.of("EPSG:3995")
    found, plane = fit_plane(grid().assign(projection=0), other, work)
    assert plane is None
    assert "projection" not in found
    assert work.notes.about("warning")
