"""Ensembles for EnKF-C and DART, observations for JEDI: names, numbers, values, what is refused."""

import json
import tracemalloc

import netCDF4
import numpy as np
import pytest
import xarray as xr

from halocline.bridge.ensembles.ioda import MISSING
from halocline.data.reading.read import read_states
from halocline.runtime.errors import ConfigError, InputError, OutputError
from tests.bridge.exports.ice_start import cice_grid, export, states
from tests.bridge.imports.truth import truth

VARIABLES = ("sit", "sic", "snt", "sid", "siu", "siv")


def ocean():
    return ~truth(times=1).land


def test_a_static_ensemble_is_numbered_from_one_and_holds_the_states(tmp_path):
    data, out = states(3, odd=False), tmp_path / "ens"
    told = "\n".join(export("enkf", data, out))
    wanted = {f"mem{k:03d}_{n}.nc" for k in (1, 2, 3) for n in VARIABLES} | {f"bg_{n}.nc" for n in VARIABLES}
    assert {p.name for p in out.iterdir()} == wanted | {"grid.nc", "export.json"}
    for k in range(3):
        parts = [xr.open_dataset(out / f"mem{k + 1:03d}_{n}.nc") for n in VARIABLES]
        assert {int(p.attrs["halocline_member"]) for p in parts} == {3 + k}
        whole = xr.merge([p.load() for p in parts], combine_attrs="drop_conflicts")
        whole = whole.merge(xr.open_dataset(out / "grid.nc"))
        found = read_states(whole, group="seaice", wanted=VARIABLES).dataset
        for name in VARIABLES:
            values = data[name].values[k][ocean()]
            np.testing.assert_allclose(found[name].values[ocean()], values, rtol=1e-7, err_msg=name)
    with netCDF4.Dataset(out / "bg_sit.nc") as f, netCDF4.Dataset(out / "grid.nc") as g:
        np.testing.assert_allclose(f["sit"][:][ocean()], data["sit"].mean("member").values[ocean()], rtol=1e-6)
        np.testing.assert_array_equal(g["mask"][:], ocean())
    for line in ("ENSSIZE = 3", "NAME = ice", "MASKVARNAME = mask", "ENSDIR_STATIC = ens", "GEOGRAPHIC = yes"):
        assert line in told
    assert json.loads((out / "export.json").read_text())["halocline_seed"] == "7"


def test_a_member_can_be_the_background(tmp_path):
    data = states(3, odd=False)
    export("enkf", data, tmp_path / "ens", (0, 2), background="2")
    with netCDF4.Dataset(tmp_path / "ens" / "bg_sic.nc") as f, netCDF4.Dataset(tmp_path / "ens" / "mem002_sic.nc") as g:
        np.testing.assert_array_equal(f["sic"][:], g["sic"][:])
    with pytest.raises(ConfigError, match=r"background.*mean, or one of 0, 2"):
        export("enkf", data, tmp_path / "other", (0, 2), background="1")
    with pytest.raises(InputError, match="2 more than once"):
        export("enkf", data, tmp_path / "other", (2, 0, 2))
    with pytest.raises(OutputError, match="folder"):
        export("enkf", data, tmp_path / "ens.nc")
    with pytest.raises(OutputError, match="exists already"):
        export("enkf", data, tmp_path / "ens")
    assert not (tmp_path / "other").exists()


def test_concentration_alone_is_an_ensemble_with_its_weights(tmp_path):
    data = states(2, odd=False)[["sic", "mask", "area", "projection"]]
    data = data.assign_coords(weight=("member", [0.25, 0.75]))
    told = export("enkf", data, tmp_path / "ens")
    assert not [line for line in told if "not among the states" in line], "nothing is written of what is not there"
    with netCDF4.Dataset(tmp_path / "ens" / "mem002_sic.nc") as f:
        assert f.halocline_weight == 0.75
    with netCDF4.Dataset(tmp_path / "ens" / "bg_sic.nc") as f:
        assert not {"halocline_weight", "halocline_member"} & set(f.ncattrs()), "of no member"


def test_dart_reads_restarts_from_a_list(tmp_path):
    out = tmp_path / "dart"
    options = {"template": cice_grid(tmp_path / "grid.nc"), "date": "2011-03-01T06:00"}
    told = "\n".join(export("dart", states(2), out, **options))
    names = (out / "cice_input_list.txt").read_text().split()
    assert names == ["cice_m003.nc", "cice_m004.nc"]
    assert (out / "cice_output_list.txt").read_text().split() == [f"analysis_{n}" for n in names]
    for name in (names[1], f"analysis_{names[1]}"):
        with netCDF4.Dataset(out / name) as f:
            assert {"qice008", "sice008", "qsno003", "Tsfcn"} <= set(f.variables), "which dart_to_cice reads"
            assert not {"qice009", "qsno004"} & set(f.variables)
            assert (f.nyr, f.month, f.mday, f.sec) == (2011, 3, 1, 21600), "as read_model_time takes them"
            assert f.halocline_member == 4
    assert (out / "cice.r.nc").read_bytes() == (out / names[0]).read_bytes()
    for words in ("ens_size = 2", "input_state_file_list  = 'cice_input_list.txt'", "nilyr = 8, nslyr = 3"):
        assert words in told
    assert "not these restarts" not in told
    other = export("dart", states(2), tmp_path / "seven", **options, ice_layers=7, snow_layers=1)
    assert "not these restarts" in "\n".join(other)


def test_dart_asks_for_a_date_of_its_calendar(tmp_path):
    template = cice_grid(tmp_path / "grid.nc")
    for date, words in ((None, "only a day of the year"), ("1066-10-14", "1066")):
        with pytest.raises(ConfigError, match=words):
            export("dart", states(1), tmp_path / "dart", template=template, date=date)
    several = states(2).drop_vars("day_of_year").rename(member="time").drop_vars("time")
    several = several.assign_coords(time=np.array(["2020-03-01", "2020-03-02"], "datetime64[ns]"))
    with pytest.raises(ConfigError, match="2 dates"):
        export("dart", several, tmp_path / "dart", template=template)
    assert not (tmp_path / "dart").exists()
    export("dart", several, tmp_path / "dart", (1,), template=template)
    manifest = json.loads((tmp_path / "dart" / "export.json").read_text())
    assert manifest["export"] == "dart"
    assert {*manifest["files"], "export.json"} == {p.name for p in (tmp_path / "dart").iterdir()}


def test_observations_are_the_cells_of_a_state(tmp_path):
    data = states(1, odd=False)
    errors = ["sic=0.1", "sit=0.25"]
    told = export(
        "ioda",
        data,
        tmp_path / "obs.nc",
        error=errors,
        name=["sit=seaIceThickness"],
        date="1970-01-02T03:00+02:00",
        thickness_of="ice",
    )
    sic, sit = (data[n].values[0][ocean()] for n in ("sic", "sit"))
    with netCDF4.Dataset(tmp_path / "obs.nc") as f:
        f.set_auto_mask(False)
        assert len(f.dimensions["Location"]) == ocean().sum()
        np.testing.assert_allclose(f["MetaData/latitude"][:], data["lat"].values[ocean()], rtol=1e-6)
        assert (f["MetaData/dateTime"][:] == 90000).all()
        np.testing.assert_allclose(f["ObsValue/seaIceFraction"][:], sic, rtol=1e-6)
        np.testing.assert_allclose(f["ObsError/seaIceFraction"][:], 0.1, rtol=1e-6)
        assert (f["PreQC/seaIceThickness"][:] == 0).all()
        thickness, there = f["ObsValue/seaIceThickness"][:], sic >= 0.01
        np.testing.assert_allclose(thickness[there], (sit / np.where(there, sic, 1))[there], rtol=1e-6)
        assert (thickness[~there] == MISSING).all()
    assert np.float32(-3.4028234663852886e38 * 0.99) == MISSING, "as oops rounds it"
    lines = "\n".join(told)
    for words in ("[seaIceFraction]", "[seaIceThickness]", "{name: SeaIceFraction}", "{name: Identity, observation"):
        assert words in lines, "one variable to an operator"


def test_observations_are_thinned_and_take_the_thickness_of_the_cell(tmp_path):
    data = states(1, odd=False)
    told = export("ioda", data, tmp_path / "obs.nc", error=["sit=1"], every=3, date="2020-03-01")
    assert "  obs operator: {name: SeaIceThickness}" in told
    thin = ocean()[::3, ::3]
    with netCDF4.Dataset(tmp_path / "obs.nc") as f:
        found = np.asarray(f["ObsValue/iceThickness"][:])
        np.testing.assert_allclose(found, data["sit"].values[0][::3, ::3][thin], rtol=1e-6)
        assert list(f["ObsValue"].variables) == ["iceThickness"]


def test_all_that_is_wrong_with_observations_is_told_at_once(tmp_path):
    data = states(1, odd=False).drop_vars("snt")
    with pytest.raises(InputError) as caught:
        export("ioda", data, tmp_path / "obs.nc", error=["snt=-1", "siu=1"], thickness_of="grid", every=0)
    for words in ("thickness-of", "every", "error of snt", "variable with an error", "variable snt", "--date"):
        assert words in str(caught.value)
    with pytest.raises(InputError, match="NAME=VALUE"):
        export("ioda", data, tmp_path / "obs.nc", error=["sic"], date="2020-03-01")
    with pytest.raises(InputError, match="a date, UTC"):
        export("ioda", data, tmp_path / "obs.nc", error=["sic=1"], date="March")
    assert list(tmp_path.iterdir()) == []


def test_members_are_read_and_written_one_by_one(tmp_path):
    """Memory in use at most while six members are written is hardly more than for two."""
    peaks = []
    for count in (2, 6):
        data = states(count, odd=False)[["sic", "mask"]].drop_vars(["x", "y", "day_of_year"])
        large = data.isel(y=np.repeat(np.arange(14), 6), x=np.repeat(np.arange(12), 6))
        cells = np.arange(84)[:, None], np.arange(72)[None, :]
        large["lat"], large["lon"] = (
            (("y", "x"), 60 + 0.1 * cells[0] + 0 * cells[1]),
            (("y", "x"), 0.1 * cells[1] + 0 * cells[0]),
        )
        large["lat"].attrs, large["lon"].attrs = {"units": "degrees_north"}, {"units": "degrees_east"}
        large.to_netcdf(tmp_path / f"{count}.nc")
        del data, large
        tracemalloc.start()
        export("enkf", tmp_path / f"{count}.nc", tmp_path / f"ens{count}")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0], peaks
