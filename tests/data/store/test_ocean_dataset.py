"""Ocean datasets as users bring them: what is read, and what is refused with a remedy."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.files.ocean import ocean_states
from halocline.data.reading.choices import Choices
from halocline.runtime.errors import InputError
from tests.ocean_toy import toy_ocean, toy_ocean_dataset, toy_ocean_grid


def test_round_trip_keeps_values_dimensions_and_types():
    dataset = toy_ocean_dataset(dtype=np.float32)
    ocean = ocean_states(dataset)
    assert ocean.states.shape == (3, 17, 6, 5)
    np.testing.assert_array_equal(ocean.states, toy_ocean(toy_ocean_grid(), dtype=np.float32))
    back = ocean.into(dataset, ocean.states)
    xr.testing.assert_identical(back, dataset)
    assert back["thetao"].dtype == np.float32


def test_the_cells_are_those_of_the_grid():
    grid, read = toy_ocean_grid(), ocean_states(toy_ocean_dataset()).layout.grid
    np.testing.assert_array_equal(read.wet, grid.wet)
    np.testing.assert_allclose(read.thickness, grid.thickness)
    np.testing.assert_allclose(read.depth, grid.depth)
    np.testing.assert_allclose(read.volume, grid.volume)
    np.testing.assert_array_equal(read.lat, grid.lat)


def test_other_shapes_of_the_same_ocean():
    dataset = toy_ocean_dataset()
    reference = ocean_states(dataset)
    lev = dataset.rename(depth="lev").isel(member=0)
    lev["lev"].attrs = {"standard_name": "depth"}
    edges = np.concatenate([[0], np.cumsum(dataset["e3t"].values)])
    lev["lev_bnds"] = (("lev", "bnds"), np.stack([edges[:-1], edges[1:]], axis=1))
    lev = lev.drop_vars(["e3t", "area", "zos"])
    lev["e1t"] = (("y", "x"), np.sqrt(reference.layout.grid.area))
    lev["e2t"] = lev["e1t"]
    read = ocean_states(lev)
    np.testing.assert_array_equal(read.states, reference.states[:1, :16])
    np.testing.assert_allclose(read.layout.grid.volume, reference.layout.grid.volume)
    times = xr.concat([dataset, dataset], "time", data_vars=["thetao", "so", "zos"])
    assert ocean_states(times).states.shape[0] == 6


def test_a_mask_variable_beats_nan():
    dataset = toy_ocean_dataset()
    mask = toy_ocean_grid().wet
    filled = dataset.fillna(0.0)
    filled["tmask"] = (("depth", "y", "x"), mask.astype(np.int8))
    np.testing.assert_array_equal(ocean_states(filled).states, ocean_states(dataset).states)


def reversed_levels(d):
    return d.isel(depth=slice(None, None, -1))


def heights(d):
    turned = d.isel(depth=slice(None, None, -1))
    return turned.assign_coords(depth=("depth", -turned["depth"].values, {"positive": "up"}))


def change(name, function, **attrs):
    def broken(d):
        d = d.copy()
        d[name] = function(d[name]).assign_attrs(d[name].attrs | attrs)
        return d

    return broken


def undirected(d):
    return d.assign_coords(depth=("depth", d["depth"].values, {"units": "m"}))


def hole(d):
    d = d.copy(deep=True)
    d["so"][1, 1, 3, 3] = np.nan
    return d


def kilometres(d):
    d["depth"].attrs = {"units": "km", "positive": "down"}
    return d


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (undirected, "no attribute 'positive'"),
        (change("thetao", lambda v: v + 273.15), "--unit thetao=K"),
        (change("thetao", lambda v: v, units="K"), "values from -264"),
        (change("thetao", lambda v: v, units="m"), "expected 'degC'"),
        (change("thetao", lambda v: v, standard_name="sea_water_conservative_temperature"), "conservative temperature"),
        (change("so", lambda v: v / 1000), "multiply by 1000"),
        (change("so", lambda v: v / 10), "multiply by 10"),
        (change("so", lambda v: v, units="g kg-1"), "absolute salinity.*--teos10 convert"),
        (change("zos", lambda v: v * 100), "divide by 100"),
        (hole, "NaN or infinite"),
        (lambda d: d.drop_vars("so"), "no such variable"),
        (lambda d: d.drop_vars("e3t"), "cell thickness"),
        (lambda d: d.drop_vars("depth"), "without a coordinate"),
        (lambda d: d.isel(member=0, depth=0, drop=True), "a depth dimension of length 1"),
        (lambda d: d.assign(zos=d["zos"].isel(member=0, drop=True)), "dimensions of 'zos'"),
        (lambda d: d.isel(depth=[0, 2, 1, 3, 4, 5, 6, 7]), "neither rise nor fall"),
        (lambda d: d.assign(tmask=(("y", "x"), np.zeros((6, 5)), {"long_name": "1 = ocean"})), "no wet cell"),
        (lambda d: d.rename(depth="nav_lev").drop_vars("nav_lev"), r"dataset\['nav_lev'\]"),
    ],
)
def test_bad_datasets_are_refused(broken, words):
    with pytest.raises(InputError, match=words) as caught:
        ocean_states(broken(toy_ocean_dataset()))
    assert caught.value.remedy


def test_zeros_on_land_are_asked_for():
    dataset, asked = toy_ocean_dataset(), Choices(land="zero")
    with pytest.raises(InputError, match=r"--mesh FILE if .*--land zero if"):
        ocean_states(dataset.fillna(0.0))
    read = ocean_states(dataset.fillna(0.0), choices=asked)
    np.testing.assert_array_equal(read.states, ocean_states(dataset).states)
    assert any("are land, as asked" in line for line in read.notes.told())


def test_zeros_on_ocean_cells_are_refused():
    dataset = toy_ocean_dataset()
    dataset["level_mask"] = (("depth", "y", "x"), toy_ocean_grid().wet.astype(np.int8))
    dataset["so"].values[:, 1, 3, 3] = 0.0
    with pytest.raises(InputError, match="Zeros look like land"):
        ocean_states(dataset)


@pytest.mark.parametrize(
    ("other", "done"),
    [
        (reversed_levels, "levels from the bottom"),
        (heights, "heights to depths"),
        (lambda d: d.rename(thetao="votemper", so="vosaline", zos="sossheig"), None),
        (lambda d: d.rename(thetao="tn", so="sn", zos="sshn", depth="nav_lev"), None),
        (lambda d: d.assign(zos=d["zos"].T), None),
        (lambda d: d.transpose("x", "y", "depth", "member"), "(x, y) to (y, x)"),
        (lambda d: d.assign(tmask=(("y", "x"), np.ones((6, 5)))), None),
        (change("thetao", lambda v: v + 273.15, units="K"), "'K' to 'degC'"),
        (change("so", lambda v: v / 1000, units="kg/kg"), "'kg/kg' to '1e-3'"),
        (lambda d: d.assign_coords(depth=d["depth"] / 1000).pipe(kilometres), "'km' to 'm'"),
    ],
)
def test_the_same_states_in_other_forms(other, done):
    dataset = toy_ocean_dataset()
    read, expected = ocean_states(other(dataset)), ocean_states(dataset)
    np.testing.assert_allclose(read.states, expected.states, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(read.layout.grid.depth, expected.layout.grid.depth)
    np.testing.assert_allclose(read.layout.grid.volume, expected.layout.grid.volume)
    assert done is None or any(done in line for line in read.notes.told()), read.notes.told()


def test_the_direction_can_be_said():
    assert ocean_states(undirected(toy_ocean_dataset()), positive="down").states.shape == (3, 17, 6, 5)


def test_the_registry_says_which_temperature_and_salinity():
    assert [variable(n).unit for n in ("thetao", "so", "zos")] == ["degC", "1e-3", "m"]
    assert "potential" in variable("thetao").standard_name
    assert "practical" in variable("so").long_name
