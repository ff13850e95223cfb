"""Observations in other programs' forms: files as their manuals have them, units and flags, and round trips."""

import netCDF4
import numpy as np
import pytest
import xarray as xr

from halocline.data.fields.calendar import date_of, hour_of
from halocline.observations.errors import topaz_2017, topaz_2019
from halocline.observations.exchange import read_form, write_form
from halocline.observations.forms.base import FORMS
from halocline.observations.table import Observations, concatenate
from halocline.runtime.errors import ConfigError, InputError, OutputError

DART_SAMPLE = """ obs_sequence
obs_kind_definitions
           1
           1 SAT_SEAICE_AGREG_CONCENTR
  num_copies:            2  num_qc:            1
  num_obs:            1  max_num_obs:            1
observations
truth
Quality Control
  first:            1  last:            1
 OBS            1
  0.575540031166791
  0.590036820601243
  0.000000000000000E+000
          -1          -1          -1
obdef
loc3d
     5.759586531581287        -1.291543646475804         1.000000000000000      1
kind
           1
     0     145732
  2.000000000000000E-003
"""


def mixed():
    """Rows of several variables and kinds, whole hours, one of them flagged."""
    hour = hour_of("2010-03-02 06:00", "standard")
    rows = [
        ("sic", 0.93, 0.05, np.nan, "concentration"),
        ("sic", -0.02, 0.04, np.nan, "concentration"),
        ("sit_ice", 1.7, 0.3, np.nan, "thickness-track"),
        ("thetao", 2.5, 0.2, 100.0, "profile"),
        ("so", 34.9, 0.05, 100.0, "profile"),
        ("zos", -0.4, 0.03, np.nan, "altimeter"),
    ]
    variable, value, error, depth, kind = zip(*rows, strict=True)
    return Observations.of(
        time=hour + np.arange(6.0), latitude=80 + np.arange(6.0), longitude=[0, 90, 179, -179, -90, -1], depth=depth,
        variable=variable, value=value, error=error, kind=kind, flag=[0, 0, 0, 1, 0, 0],
        representativeness=[0, 0, 0.4, 0, 0, 0],
    )  # fmt: skip


def aligned(table):
    order = np.lexsort((table.time, table.variable))
    return table.select(order)


@pytest.mark.parametrize(("form", "name"), [("dart", "obs_seq.out"), ("ioda", "obs.nc"), ("enkf-c", "obs")])
def test_a_table_comes_back_from_each_form_that_is_written(form, name, tmp_path):
    made = mixed()
    told = write_form(form, made, tmp_path / name)
    assert any("measurement and representativeness" in line for line in told)
    files = sorted((tmp_path / name).glob("*.nc")) if form == "enkf-c" else [tmp_path / name]
    again, made = aligned(read_form(form, files)), aligned(made)
    assert again.variable.tolist() == made.variable.tolist()
    for column, tolerance in (
        ("time", 1e-6),
        ("latitude", 1e-4),
        ("longitude", 1e-4),
        ("value", 1e-6),
        ("depth", 1e-5),
    ):
        np.testing.assert_allclose(getattr(again, column), getattr(made, column), atol=tolerance)
    np.testing.assert_allclose(again.error, made.sigma, rtol=1e-5)
    np.testing.assert_array_equal(again.flag, made.flag)
    if form != "dart":
        assert again.kind.tolist() == made.kind.tolist()
    with pytest.raises(OutputError):
        write_form(form, made, tmp_path / name)


def test_the_sample_of_dart_is_read_as_degrees_and_standard_deviation(tmp_path):
    path = tmp_path / "obs_seq.out"
    path.write_text(DART_SAMPLE)
    table = read_form("dart", [path])
    assert (table.variable[0], table.flag[0]) == ("sic", 0)
    np.testing.assert_allclose(table.value, 0.575540031166791)
    np.testing.assert_allclose(table.error, np.sqrt(0.002))
    np.testing.assert_allclose([table.latitude[0], table.longitude[0]], [-74.0, -30.0], atol=1e-9)
    assert date_of(table.time[0], "standard") == "2000-01-02 00:00"
    assert np.isnan(table.depth[0])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("num_obs:            1  max", "num_obs:            2  max", "1 observations where its head says 2"),
        ("loc3d", "loc1d", "of another form"),
        (" obs_sequence", " obs_seq", "at its beginning"),
        ("observations\n", "prior\n", "none of them observations"),
        ("SAT_SEAICE_AGREG_CONCENTR", "SAT_SEAICE_MAGIC", "dart.names=SAT_SEAICE_MAGIC=sit_ice"),
    ],
)
def test_a_damaged_or_unknown_sequence_is_refused(old, new, words, tmp_path):
    path = tmp_path / "obs_seq.out"
    path.write_text(DART_SAMPLE.replace(old, new, 1))
    with pytest.raises(InputError, match=words):
        read_form("dart", [path])


def test_salinity_of_dart_as_a_fraction_is_found(tmp_path):
    path = tmp_path / "obs_seq.out"
    text = DART_SAMPLE.replace("SAT_SEAICE_AGREG_CONCENTR", "FLOAT_SALINITY")
    text = text.replace("0.575540031166791", "0.035").replace("1.000000000000000      1", "-50.0   3")
    path.write_text(text.replace("2.000000000000000E-003", "1e-10"))
    with pytest.raises(InputError, match=r"dart\.salinity_factor=1000"):
        read_form("dart", [path])
    table = read_form("dart", [path], {"dart.salinity_factor": 1000})
    np.testing.assert_allclose([table.value[0], table.error[0], table.depth[0]], [35.0, 0.01, 50.0])


def osisaf(path, *, raw=True, spread="total_standard_uncertainty"):
    """A day of OSI-450 as its manual has it: per cent, status flag as bits, xc and yc in km."""
    conc = np.array([[[0.0, 100.0, 60.0], [30.0, np.nan, 0.0]]])
    data = {
        "ice_conc": (("time", "yc", "xc"), conc, {"units": "%"}),
        spread: (("time", "yc", "xc"), np.array([[[2.0, 0.1, 9.0], [12.0, np.nan, 3.0]]]), {"units": "%"}),
        "status_flag": (
            ("time", "yc", "xc"),
            np.array([[[4, 0, 0], [32, 1, 0]]], np.int16),
            {
                "flag_masks": np.array([1, 2, 4, 8, 16, 32, 64, 128], np.int16),
                "flag_meanings": "land lake open_water_filter land_spill_over high_t2m spatial_interp temporal_interp "
                "max_ice_climatology",
            },
        ),
        "lat": (("yc", "xc"), np.full((2, 3), 85.0), {"units": "degrees_north"}),
        "lon": (("yc", "xc"), np.arange(6.0).reshape(2, 3), {"units": "degrees_east"}),
        "time": ("time", [15401.5], {"units": "days since 1978-01-01 00:00:00", "calendar": "standard"}),
    }
    if raw:
        values = np.array([[[-4.0, 103.0, np.nan], [np.nan, np.nan, np.nan]]])
        data["raw_ice_conc_values"] = (("time", "yc", "xc"), values, {"units": "%"})
    xr.Dataset(data).to_netcdf(path)
    return path


def test_osisaf_gives_raw_retrievals_and_censors_what_was_cut_off(tmp_path):
    table = read_form("osisaf", [osisaf(tmp_path / "ice.nc")])
    assert len(table) == 5  # land is left out
    np.testing.assert_allclose(table.value, [-0.04, 1.03, 0.6, 0.3, 0.0])
    assert table.censored.tolist() == [0, 0, 0, 0, -1]
    assert table.flag.tolist() == [0, 0, 0, 1, 0]  # interpolated in space
    np.testing.assert_allclose(table.error, [0.02, 0.01, 0.09, 0.12, 0.03])  # the second raised to the least
    assert date_of(table.time[0], "standard") == "2020-03-02 12:00"
    filtered = read_form("osisaf", [osisaf(tmp_path / "old.nc", raw=False, spread="total_standard_error")])
    np.testing.assert_allclose(filtered.value, [0.0, 1.0, 0.6, 0.3, 0.0])
    assert filtered.censored.tolist() == [-1, 1, 0, 0, -1]
    with pytest.raises(InputError, match="no uncertainty"):
        read_form("osisaf", [osisaf(tmp_path / "none.nc", spread="other")])


def cs2smos(path, *, old=False):
    names = ("analysis_ice_thickness", "analysis_thickness_unc", "ice_conc") if old else (
        "analysis_sea_ice_thickness", "analysis_sea_ice_thickness_unc", "sea_ice_concentration")  # fmt: skip
    dims = ("time", "yc", "xc")
    values = (
        np.array([[[1.0, 3.5, np.nan, 0.5]]]),
        np.array([[[0.2, 0.4, np.nan, 0.3]]]),
        np.array([[[98, 100, 90, 5]]]),
    )
    xr.Dataset(
        {
            **{n: (dims, v, {"units": u}) for n, v, u in zip(names, values, ("m", "m", "%"), strict=True)},
            "lat": (("yc", "xc"), np.full((1, 4), 85.0)),
            "lon": (("yc", "xc"), np.arange(4.0)[None]),
            "time": ("time", [1456272000.0], {"units": "seconds since 1970-01-01"}),
        }
    ).to_netcdf(path)
    return path


@pytest.mark.parametrize("old", [False, True])
def test_cs2smos_has_the_error_of_topaz_under_old_and_new_names(old, tmp_path):
    path = cs2smos(tmp_path / "week.nc", old=old)
    table = read_form("cs2smos", [path])
    assert set(table.variable) == {"sit_ice"}
    np.testing.assert_allclose(table.value, [1.0, 3.5])  # nothing where the concentration is 5 %
    np.testing.assert_allclose(table.error, np.array([0.2, 0.4]) + topaz_2019(np.array([1.0, 3.5])))
    before = read_form("cs2smos", [path], {"cs2smos.error": "topaz-2017"})
    np.testing.assert_allclose(before.error, np.array([0.2, 0.4]) + topaz_2017(np.array([1.0, 3.5])))
    assert date_of(table.time[0], "standard") == "2016-02-24 00:00"
    with pytest.raises(InputError, match="cryosat_sea_ice_thickness"):
        read_form("cs2smos", [path], {"cs2smos.which": "cryosat"})


def test_en4_profiles_are_flagged_by_level_and_profile(tmp_path):
    path = tmp_path / "EN.4.2.2.f.profiles.g10.201003.nc"
    levels = ("N_PROF", "N_LEVELS")
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("N_PROF", 2), ("N_LEVELS", 3)):
            file.createDimension(name, size)
        for name, values in (("LATITUDE", [50.0, -60.0]), ("LONGITUDE", [-30.0, 20.0]), ("JULD", [21974.25, 21975.0])):
            file.createVariable(name, "f8", ("N_PROF",))[:] = values
        for name, values in (
            ("DEPH_CORRECTED", [[5.0, 10.0, 99999.0], [5.0, 50.0, 100.0]]),
            ("POTM_CORRECTED", [[12.0, 11.0, 99999.0], [1.0, 0.5, -1.0]]),
            ("PSAL_CORRECTED", [[35.0, 35.1, 99999.0], [34.0, 34.2, 34.5]]),
        ):
            file.createVariable(name, "f4", levels)[:] = values
            file.createVariable(f"{name}_QC", "S1", levels)[:] = np.array([[b"1", b"4", b"0"], [b"1", b"1", b"1"]])
        for name, values in (
            ("PROFILE_POTM_QC", [b"1", b"1"]),
            ("PROFILE_PSAL_QC", [b"1", b"4"]),
            ("POSITION_QC", [b"1"] * 2),
        ):
            file.createVariable(name, "S1", ("N_PROF",))[:] = np.array(values)
    table = read_form("en4", [path])
    warm, salt = (table.select(table.variable == n) for n in ("thetao", "so"))
    np.testing.assert_allclose(warm.value, [12.0, 11.0, 1.0, 0.5, -1.0])
    assert warm.flag.tolist() == [0, 1, 0, 0, 0]
    assert salt.flag.tolist() == [0, 1, 1, 1, 1]
    np.testing.assert_allclose(warm.depth, [5.0, 10.0, 5.0, 50.0, 100.0])
    assert date_of(warm.time[0], "standard") == "2010-03-01 06:00"
    np.testing.assert_allclose(warm.sigma, np.hypot(0.02, 0.5))


def prep(path, types):
    """An observations.nc as EnKF-C's PREP writes it."""
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("nobs", 4)
        for name, kind, values in (
            ("type", "i2", [0, 0, 1, 2]), ("product", "i2", [0, 0, 1, 1]), ("value", "f4", [0.8, 0.1, 1.5, 3.0]),
            ("estd", "f4", [0.1, 0.1, 0.4, 0.3]), ("lon", "f4", [10.0, 350.0, 20.0, 30.0]),
            ("lat", "f4", [80.0, 81.0, 82.0, 60.0]), ("depth", "f4", [0.0, 0.0, 0.0, 50.0]),
            ("time", "f4", [0.0, -0.5, 0.25, 1.0]), ("status", "i1", [0, 2, 0, 4]),
        ):  # fmt: skip
            file.createVariable(name, kind, ("nobs",))[:] = values
        file["time"].units = "days from 6565.5 days since 1990-01-01"
        for k, name in enumerate(types):
            file["type"].setncattr(name, np.int32(k))
        for k, name in enumerate(("OSISAF", "CS2")):
            file["product"].setncattr(name, np.int32(k))
        for name, number in (("STATUS_OK", 0), ("STATUS_LAND", 2), ("STATUS_RANGE", 4)):
            file["status"].setncattr(name, np.int32(number))
    return path


def test_superobservations_of_enkf_c_are_read_with_their_names_times_and_status(tmp_path):
    path = prep(tmp_path / "observations.nc", ["SIC", "HICE", "TEM"])
    with pytest.raises(InputError, match=r"enkf-c\.names=HICE=sit_ice"):
        read_form("enkf-c", [path])
    table = read_form("enkf-c", [path], {"enkf-c.names": "HICE=sit_ice"})
    assert table.variable.tolist() == ["sic", "sic", "sit_ice", "thetao"]
    assert table.kind.tolist() == ["OSISAF", "OSISAF", "CS2", "CS2"]
    assert table.flag.tolist() == [0, 2, 0, 3]
    assert date_of(table.time[0], "standard") == "2007-12-23 12:00"
    np.testing.assert_allclose(np.diff(table.time), [-12.0, 18.0, 18.0])
    np.testing.assert_array_equal(table.depth, [np.nan, np.nan, np.nan, 50.0])


def test_units_of_ioda_are_converted_and_thickness_of_another_meaning_is_told(tmp_path):
    path = tmp_path / "ioda.nc"
    write_form("ioda", mixed().select(np.array([0, 2])), path)
    with netCDF4.Dataset(path, "r+") as file:
        for group in ("ObsValue", "ObsError"):
            file[group]["iceThickness"].units = "cm"
            file[group]["iceThickness"][:] = np.ma.filled(file[group]["iceThickness"][:], np.nan) * 100
    table = read_form("ioda", [path], {"ioda.names": "iceThickness=sit"})
    thick = table.select(table.variable == "sit")
    np.testing.assert_allclose([thick.value[0], thick.error[0]], [1.7, 0.5], rtol=1e-6)


def test_temperatures_measured_at_a_depth_become_potential_where_they_are_in_situ(tmp_path):
    deep = Observations.of(
        time=0.0, latitude=45.0, longitude=-20.0, depth=[10.0, 4000.0], variable="thetao", value=[2.0, 2.0], error=0.1,
        kind="profile",
    )  # fmt: skip
    write_form("dart", deep, tmp_path / "o.out")
    as_written = read_form("dart", [tmp_path / "o.out"], {"dart.temperature": "potential"})
    assert 0.3 < as_written.value[1] - 2.0 < 0.4  # adiabatic heating over 4000 m
    np.testing.assert_allclose(read_form("dart", [tmp_path / "o.out"]).value, deep.value, atol=1e-4)
    write_form("ioda", deep, tmp_path / "o.nc", {"ioda.names": "waterTemperature=thetao"})
    np.testing.assert_allclose(read_form("ioda", [tmp_path / "o.nc"]).value, deep.value, atol=1e-6)
    write_form("ioda", deep, tmp_path / "p.nc")
    np.testing.assert_allclose(read_form("ioda", [tmp_path / "p.nc"]).value, deep.value)


def test_what_no_form_can_take_is_refused(tmp_path):
    drift = Observations.of(
        time=0.0, latitude=80.0, longitude=[1.0, 2.0], variable=["ice_eastward", "ice_northward"], value=0.1,
        error=0.01, kind="buoy",
    )  # fmt: skip
    with pytest.raises(InputError, match="no name of it"):
        write_form("ioda", drift, tmp_path / "drift.nc")
    assert not (tmp_path / "drift.nc").exists()
    write_form("dart", drift, tmp_path / "drift.out")
    assert set(read_form("dart", [tmp_path / "drift.out"]).variable) == {"ice_eastward", "ice_northward"}
    for form, words in (("osisaf", "read only"), ("grib", "Valid names")):
        with pytest.raises(ConfigError, match=words):
            write_form(form, drift, tmp_path / "x.nc")
    with pytest.raises(InputError, match="no such file"):
        read_form("dart", [tmp_path / "absent"])
    with pytest.raises(InputError, match="observe --list"):
        read_form("en4", [osisaf(tmp_path / "not-en4.nc")])
    assert {"osisaf", "cs2smos", "en4", "enkf-c", "ioda", "dart"} <= set(FORMS)


def test_days_that_the_standard_calendar_lacks_and_censored_rows_are_told(tmp_path):
    rows = Observations.of(
        time=[hour_of("2001-02-28", "360_day"), hour_of("2001-02-30", "360_day")], latitude=80.0, longitude=0.0,
        variable="sic", value=[0.0, 0.5], error=0.1, censored=[-1, 0], kind="concentration", calendar="360_day",
    )  # fmt: skip
    told = write_form("dart", concatenate([rows]), tmp_path / "o.out")
    assert any("1 rows of days" in line for line in told)
    assert any("cut off at a bound" in line for line in told)
