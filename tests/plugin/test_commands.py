"""Import, train, generate, score and forecast with the plug-in's things, by the ordinary commands."""

import json

import numpy as np
import pytest
import xarray as xr

from halocline.data.files.states import open_states
from halocline.data.grids.projection import Plane
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE
from tests.plugin.conftest import PACKAGE

FIELDS = ("sit", "sic", "siu", "siv", "sipl")


@pytest.fixture(scope="module")
def fourth(halocline, south, tmp_path_factory):
    """A model of the plug-in's system and preset, with its network."""
    out = tmp_path_factory.mktemp("fourth") / "model"
    halocline("train", PACKAGE / "antarctic.toml", "--data", south, "--out", out, "--quiet")
    return out


def scored(halocline, states, south, out):
    """Return the rows of a report and its page."""
    halocline("score", states, "--reference", south, "--out", out, "--quiet")
    return json.loads((out / "scores.json").read_text())["rows"], (out / "report.html").read_text()


def test_fourth_system_from_training_to_scores(halocline, south, fourth, tmp_path):
    states, capped = tmp_path / "states.nc", tmp_path / "capped.nc"
    halocline("generate", fourth, "--members", 4, "--condition", "day_of_year=3", "--out", states, "--quiet")
    drawn = xr.open_dataset(states)
    assert set(FIELDS) <= set(drawn.data_vars)
    assert drawn.attrs["halocline_solver"] == "ralston"
    assert (drawn["lat"] < -35).all()
    assert drawn["sipl"].attrs["units"] == "m"
    wanted = ("--constraint", "platelets-under-ice", "--constraint", "ice-bounds")
    halocline("generate", fourth, "--members", 4, "--condition", "day_of_year=3", *wanted, "--out", capped)
    obeying = xr.open_dataset(capped)
    assert (obeying["sipl"] > 0.25 * obeying["sit"]).sum() == 0
    assert (drawn["sipl"] > 0.25 * drawn["sit"]).any(), "unasked, the constraint does nothing"
    moved = json.loads(obeying.attrs["halocline_constraints_moved"])
    assert [row["name"] for row in moved] == ["platelets-under-ice", "ice-bounds"]
    assert moved[0]["residual_before"] > moved[0]["residual_end"] == 0.0
    rows, page = scored(halocline, states, south, tmp_path / "report")
    [row] = [row for row in rows if row["id"] == "sector_area"]
    assert row["value"] > 0
    assert row["unit"] == "m2"
    assert row["floor"] > 0
    assert "ice area by sector" in page
    assert {row["variable"] for row in rows} >= {"sipl"}


def test_sea_ice_generator_takes_variable_network_solver_and_constraint(halocline, south, tmp_path):
    model, states = tmp_path / "model", tmp_path / "states.nc"
    ours = ["space=data", 'variables=["sit", "sic", "sipl"]', "denoiser.network=dilated", "sampler.solver=ralston"]
    sizes = ["denoiser.options.width=8", "denoiser.training.samples=32"]
    changes = [part for change in (*ours, *sizes) for part in ("--set", change)]
    halocline("train", TOY_RECIPE, "--data", south, "--out", model, "--quiet", *changes)
    asked = ("--solver", "ddim", "--constraint", "platelets-under-ice")
    halocline("generate", model, "--members", 2, *asked, "--out", states, "--quiet")
    drawn = xr.open_dataset(states)
    assert drawn.attrs["halocline_solver"] == "ddim"
    assert drawn.attrs["halocline_constraints"] == "platelets-under-ice"
    assert (drawn["sipl"] > 0.25 * drawn["sit"]).sum() == 0


@pytest.mark.slow
def test_surrogate_forecasts_the_south_with_the_variable(halocline, south, tmp_path):
    model, out = tmp_path / "model", tmp_path / "fc.zarr"
    halocline("train", PACKAGE / "antarctic_surrogate.toml", "--data", south, "--out", model, "--quiet")
    asked = ("--days", 2, "--members", 2, "--solver", "ralston", "--quiet")
    halocline("forecast", model, "--start", south, "--out", out, *asked)
    forecast = xr.open_zarr(out, consolidated=False)
    assert "sipl" in forecast
    assert float(forecast["sipl"].min()) >= 0.0
    assert ((forecast["sic"] > 0) | (forecast["sipl"].fillna(0) == 0)).all(), "platelets under ice only"
    rows, _ = scored(halocline, out, south, tmp_path / "report")
    errors = [row["value"] for row in rows if row["variable"] == "sipl" and "crps" in row["id"]]
    assert errors
    assert np.isfinite(errors).all()


def test_free_drift_turns_to_the_left(halocline, south, archives, tmp_path):
    """Seen from above, on the Earth itself: the drift lies 25 degrees counter-clockwise of the wind."""
    out = tmp_path / "fc.zarr"
    asked = ("--at", "2002-01-03", "--days", 1, "--members", 1, "--quiet")
    halocline("forecast", "free-drift", "--start", south, "--out", out, *asked)
    drawn = xr.open_zarr(out, consolidated=False).isel(start=0, member=0, lead=1)
    air = np.load(archives[2])
    ice = drawn["sic"].values > 0
    x, y = np.meshgrid(drawn["x"], drawn["y"])

    def place(east, north):
        lat, lon = np.deg2rad(Plane.of("EPSG:3976").inverse(x + east, y + north))
        return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)[ice]

    here, moved = place(0.0, 0.0), (50 * drawn["siu"].values, 50 * drawn["siv"].values)
    wind, drift = (place(1e3 * u, 1e3 * v) - here for u, v in ((air["u10"][5], air["v10"][5]), moved))
    left = (np.cross(wind, drift) * here).sum(axis=-1)
    angle = np.rad2deg(np.arctan2(left, (wind * drift).sum(axis=-1)))
    np.testing.assert_allclose(angle, 25.0, atol=0.5)


@pytest.mark.slow
def test_a_levelled_variable_of_another_model(halocline, ocean_store_path, tmp_path):
    """Iron on the levels of the ocean, under another name and in mmol m-3: imported, learnt, drawn; scores name it."""
    ocean = open_states(ocean_store_path)
    ocean.attrs = {name: value for name, value in ocean.attrs.items() if name.startswith("grid")}
    iron = (0.1 + 0.01 * np.abs(ocean["thetao"])) * 1e-3
    ocean.assign(Fer=iron.assign_attrs(units="mmol m-3")).to_netcdf(tmp_path / "ocean.nc")
    (tmp_path / "map.toml").write_text('[dfe]\nfrom = "Fer"\nfactor = 1e3\n')
    store, model, states = tmp_path / "s.zarr", tmp_path / "m", tmp_path / "states.nc"
    halocline("import", tmp_path / "ocean.nc", "--map", tmp_path / "map.toml", "--out", store, "--splits", "members")
    fewer = ("--set", "denoiser.training.samples=32", "--set", 'condition=["day_of_year"]')
    halocline("train", OCEAN_RECIPE, "--data", store, "--out", model, "--quiet", *fewer)
    halocline("generate", model, "--members", 4, "--solver", "ralston", "--out", states, "--quiet")
    drawn = xr.open_dataset(states)
    assert drawn["dfe"].dims == drawn["thetao"].dims
    assert drawn["dfe"].attrs["units"] == "umol m-3"
    assert float(drawn["dfe"].mean()) == pytest.approx(1e3 * float(iron.mean()), rel=0.5)
    card = json.loads(halocline("score", states, "--reference", store, "--json"))
    assert {row["variable"] for row in card["rows"]} >= {"thetao", "so"}
    assert any("dfe" in note for note in card["about"]["notes"]), "what the ocean's scores leave out, they name"


def test_names_of_the_plug_in_stand_in_help_and_errors(halocline, south, tmp_path):
    assert "ralston" in halocline("generate", "--help")
    assert "platelets-under-ice" in halocline("constrain", "--help")
    assert "toy-antarctic" in halocline("import", "--list")
    wrong = ("--data", south, "--out", tmp_path / "m", "--set")
    preset = PACKAGE / "antarctic.toml"
    assert "dilated" in halocline("train", preset, *wrong, "denoiser.network=dilatd", fails=True)
    assert "Did you mean 'harmonics'" in halocline("train", preset, *wrong, "around.harmonic=3", fails=True)
    message = halocline("import", south, "--source", "toy-antartic", "--out", tmp_path / "s.zarr", fails=True)
    assert "Did you mean 'toy-antarctic'" in message
