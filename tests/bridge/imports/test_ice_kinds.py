"""What each kind computes: categories, staggering, components, uncertainty, dates; and what a mapping says."""

import numpy as np
import pytest
import xarray as xr

from halocline.bridge.mapping import apply_mapping, read_mapping
from halocline.bridge.sources.base import SOURCES, Part
from halocline.data.files.open import open_dataset
from halocline.data.reading.axes import name_axes
from halocline.data.reading.choices import AS_THE_FILE_SAYS
from halocline.data.reading.read import read_states
from halocline.data.reading.times import time_axis
from halocline.data.reading.work import Work
from halocline.runtime.errors import InputError
from tests.bridge.imports import products
from tests.bridge.imports.test_ice_traps import check
from tests.bridge.imports.truth import NX, NY, read, truth


@pytest.mark.parametrize("kind", ["cice", "si3"])
def test_restarts_have_categories_and_their_grid_beside(kind, tmp_path):
    files = tmp_path / "restart.nc", tmp_path / "grid.nc"
    truth = getattr(products, f"{kind}_restart")(*files)
    for order in (files, files[::-1]):
        reading = read(kind, order)
        check(reading, truth, exact=1e-6)
    assert "5 categories summed" in reading.notes.about("converted", "sic")
    np.testing.assert_allclose(reading.dataset["lat"], truth.lat, atol=0.02)


def test_a_restart_of_cice_is_dated_by_its_attributes(tmp_path):
    files = tmp_path / "restart.nc", tmp_path / "grid.nc"
    products.cice_restart(*files)
    (date,) = read("cice", files).dataset["time"].values
    assert (date.isoformat(), date.calendar) == ("2020-03-01T12:00:00", "noleap")


@pytest.mark.parametrize(
    ("kind", "calendar", "first"),
    [
        ("nextsim", "standard", "2020-02-28T12:00:00"),
        ("cice", "noleap", "2020-02-28T12:00:00"),
        ("si3", "standard", "2020-02-28T12:00:00"),
        ("cs2smos", "standard", "2020-02-28T12:00:00"),
        ("nextsim-dg", "standard", "2020-02-28T12:00:00"),
    ],
)
def test_records_are_dated_by_the_middle_of_their_mean_in_their_calendar(kind, calendar, first, tmp_path):
    getattr(products, kind.replace("-", "_"))(tmp_path / "file.nc")
    (part,) = SOURCES[kind].parts([tmp_path / "file.nc"])
    work = Work("file", "seaice", AS_THE_FILE_SAYS, None)
    axis = time_axis(name_axes(SOURCES[kind].open(part).load(), work), work)
    assert axis.calendar == calendar
    assert axis.dates[0].isoformat() == first
    if axis.hours.size == 3:
        leap = calendar == "standard"
        assert axis.dates[1].isoformat()[5:10] == ("02-29" if leap else "03-01")


def test_the_uncertainty_of_a_thickness_is_kept_per_cell(tmp_path):
    truth = products.cs2smos(tmp_path / "file.nc")
    reading = read("cs2smos", [tmp_path / "file.nc"])
    ocean = np.asarray(reading.dataset["mask"]) > 0.5
    found = reading.dataset["sit_uncertainty"].values[..., ocean]
    np.testing.assert_allclose(found, 0.1 * truth.fields["sit"][..., ocean], atol=1e-3)


def test_raw_retrievals_are_left_out_by_the_kind_and_asked_for_without(tmp_path):
    products.osisaf(tmp_path / "file.nc")
    assert read("osisaf", [tmp_path / "file.nc"]).names == ("sic",)
    with pytest.raises(InputError, match="raw_ice_conc_values"):
        read("cf", [tmp_path / "file.nc"])


@pytest.mark.parametrize("degree", [1, 2])
def test_velocities_on_nodes_and_files_without_groups(degree, tmp_path):
    """A velocity that is linear in row and column is the same at the centres, whatever the degree."""
    t = truth(times=1)
    ny, nx = NY, NX
    j, i = np.meshgrid(np.arange(degree * ny + 1) / degree, np.arange(degree * nx + 1) / degree, indexing="ij")
    field, nodes = ("ydim", "xdim"), ("y_cg", "x_cg")
    xr.Dataset(
        {
            "cice": (field, np.where(t.land, 0.0, 1.0)),
            "hice": (field, np.where(t.land, 0.0, t.fields["sit"][0])),
            "u": (nodes, 0.01 * i + 0.002 * j),
            "v": (nodes, 0.003 * i - 0.01 * j),
            "mask": (field, (~t.land).astype(float)),
            "latitude": (field, t.lat),
            "longitude": (field, t.lon),
        },
        attrs={"structure_name": "parametric_rectangular"},
    ).to_netcdf(tmp_path / "init.nc")
    found = read("nextsim-dg", [tmp_path / "init.nc"]).dataset
    row, column = np.meshgrid(np.arange(ny) + 0.5, np.arange(nx) + 0.5, indexing="ij")
    np.testing.assert_allclose(found["siu"].values[~t.land], (0.01 * column + 0.002 * row)[~t.land])
    np.testing.assert_allclose(found["siv"].values[~t.land], (0.003 * column - 0.01 * row)[~t.land])


def test_drift_of_a_restart_on_a_sphere_is_turned_back_from_the_pole_in_greenland(tmp_path):
    """Ice that goes due north by the model's pole goes, on the earth, straight to 75 N, 40 W."""
    t, field = truth(times=1), ("ydim", "xdim")
    ice = np.where(t.land, 0.0, 1.0)
    data = {"cice": ice, "hice": ice, "u": 0.0 * ice, "v": 0.2 * ice, "mask": (~t.land).astype(float)}
    corners = np.zeros((NY + 1, NX + 1, 2))
    restart = xr.Dataset({n: (field, v) for n, v in (data | {"latitude": t.lat, "longitude": t.lon}).items()})
    restart["coords"] = (("yvertex", "xvertex", "ncoords"), corners)
    restart.assign_attrs(structure_name="parametric_rectangular").to_netcdf(tmp_path / "sphere.nc")
    slab = SOURCES["nextsim-dg"].tidy(SOURCES["nextsim-dg"].open(Part((tmp_path / "sphere.nc",))))
    assert slab["siu"].attrs["standard_name"] == "eastward_sea_ice_velocity"
    east, north = slab["siu"].values, slab["siv"].values
    lat, lon = np.deg2rad(t.lat), np.deg2rad(t.lon)
    place = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    to_east = np.stack([-np.sin(lon), np.cos(lon), 0 * lon])
    to_north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])
    high, west = np.deg2rad(75), np.deg2rad(-40)
    pole = np.array([np.cos(high) * np.cos(west), np.cos(high) * np.sin(west), np.sin(high)])[:, None, None]
    straight = pole - (place * pole).sum(axis=0) * place
    straight /= np.linalg.norm(straight, axis=0)
    drift = east * to_east + north * to_north
    np.testing.assert_allclose(drift[:, ~t.land], 0.2 * straight[:, ~t.land], atol=1e-6)


MAPPING = """
[sit]
from = "thick"
thickness = "ice"
missing = -999.0
[sid]
from = "dmg"
damage = "intact"
[siu]
from = "u"
vectors = "east"
unit = "cm/s"
[siv]
from = "v"
vectors = "east"
unit = "cm/s"
factor = -1
[mask]
from = "m"
ones = "land"
[time]
from = "step"
unit = "days since 2020-02-28 12:00"
calendar = "noleap"
"""


def mapped(tmp_path, text=MAPPING):
    """The truth as a file that says next to nothing, read with a mapping that does."""

    def bare(ds):
        t = truth()
        dims = ("time", "y", "x")
        out = ds.drop_vars(["mask", "sisnvol", "sivol", "usi", "vsi", "time"])
        out = out.assign(
            thick=(dims, np.where(t.land, -999.0, t.per_ice("sit")), {"units": "m"}),
            dmg=(dims, 1.0 - t.on_land("sid"), {"units": "1"}),
            u=(dims, 100 * np.where(t.land, np.nan, t.east)),
            v=(dims, -100 * np.where(t.land, np.nan, t.north)),
            m=(("y", "x"), t.land.astype(np.int8)),
            step=("time", np.arange(3)),
        )
        return out.rename(time="step")

    state = products.cf(tmp_path / "file.nc", bare=bare)
    (tmp_path / "map.toml").write_text(text)
    dataset = open_dataset(tmp_path / "file.nc", times="cftime").load()
    return apply_mapping(dataset, read_mapping(tmp_path / "map.toml"), "file.nc"), state


def test_a_mapping_says_what_the_file_does_not(tmp_path):
    dataset, truth = mapped(tmp_path)
    check(read_states(dataset, group="seaice"), truth, exact=1e-6)
    assert [d.isoformat()[:10] for d in dataset["time"].values] == ["2020-02-28", "2020-03-01", "2020-03-02"]


@pytest.mark.parametrize(
    ("left_out", "option"),
    [
        ('thickness = "ice"\n', "--thickness ice"),
        ('damage = "intact"\n', "--damage intact"),
        ('vectors = "east"\n', "--vectors east"),
        ('unit = "cm/s"\n', "--unit siu="),
        ('ones = "land"\n', "--mask-ones land"),
    ],
)
def test_what_a_mapping_leaves_out_is_asked_for(left_out, option, tmp_path):
    dataset, _ = mapped(tmp_path, MAPPING.replace(left_out, "").replace("factor = -1\n", ""))
    with pytest.raises(InputError, match=option):
        read_states(dataset, group="seaice")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[sit]\nfrom = "a"\nthickness = "volume"', "'thickness' of 'sit'.*cell or ice"),
        ('[sic]\nfrom = "a"\nvectors = "east"', "'vectors' of 'sic'.*no component"),
        ('[sic]\nfrom = "a"\nmissing = "x"', "'missing' of 'sic'.*a finite number"),
    ],
)
def test_wrong_words_of_a_mapping(text, words, tmp_path):
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(InputError, match=words):
        read_mapping(tmp_path / "map.toml")
