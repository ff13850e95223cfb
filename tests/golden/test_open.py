"""What version 0.1.0 wrote still opens, and its models draw what they drew (README.md tells how it was made)."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import halocline
from halocline.cli import main

HERE = Path(__file__).parent
ICE = ["sit", "sic", "sid", "siu", "siv"]
FP32 = ["--device", "cpu", "--precision", "fp32", "--quiet"]


@pytest.fixture
def typed(monkeypatch, tmp_path):
    """Run the command line with words in which OUT is a new path; return that path."""

    def run(*words, out=""):
        path = tmp_path / out
        monkeypatch.setattr(sys, "argv", ["halocline", *(str(path) if w == "OUT" else str(w) for w in words)])
        with pytest.raises(SystemExit) as done:
            main()
        assert done.value.code in (0, None)
        return path

    return run


def raw(path):
    if path.suffix == ".zarr":
        return xr.open_zarr(path, consolidated=False, decode_times=False, chunks=None).load()
    return xr.open_dataset(path, decode_times=False).load()


def assert_same(made, expected, names):
    """Equal to rounding: other processors and libraries sum in another order."""
    for name in names:
        assert np.nanstd(expected[name]) > 0, name
        np.testing.assert_allclose(made[name], expected[name], rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    ("name", "fingerprint", "channels", "shape", "mean"),
    [
        ("seaice", "c7283914641e4c97", 5, (1, 37, 16, 16), {"sit": 0.33512127, "sid": 0.14997843}),
        ("ocean", "bc323a41b93123a1", 11, (6, 8, 8, 8), {"thetao": 12.9786015, "so": 35.0301972, "zos": 0.19825798}),
        ("arctic", "9f68046b4a8ac8f5", 10, (1, 18, 16, 16), {"snt": 0.04062752, "t2m": 267.687195}),
    ],
)
def test_stores(name, fingerprint, channels, shape, mean, typed):
    path = HERE / "stores" / f"{name}.zarr"
    store, states = halocline.open_store(path), halocline.open_states(path)
    assert store.fingerprint == fingerprint
    assert len(store.channels) == channels
    for variable, value in mean.items():
        assert tuple(states[variable].sizes[d] for d in ("member", "time", "y", "x")) == shape
        np.testing.assert_allclose(float(states[variable].mean()), value, rtol=1e-5)
    typed("inspect", path, "--verify")


@pytest.mark.parametrize(
    ("file", "model", "names", "words"),
    [
        ("seaice-latent.nc", "seaice-latent", ICE, []),
        ("seaice-data.zarr", "seaice-data", ICE, []),
        ("ocean.nc", "ocean", ["thetao", "so", "zos"], ["--condition", "day_of_year=90"]),
    ],
)
def test_generators_draw_what_they_drew(file, model, names, words, typed):
    golden = HERE / "states" / file
    out = typed(
        "generate", HERE / "models" / model, "--members", 2, "--seed", 1, *words, "--out", "OUT", *FP32, out=file
    )
    opened = halocline.open_states(golden)
    assert opened.sizes["member"] == 2
    assert_same(raw(out), raw(golden), names)
    assert_same(halocline.open_states(out), opened, names)


@pytest.mark.parametrize(
    ("model", "file"),
    [
        ("surrogate-flow", "forecast.zarr"),
        ("surrogate-onepass", "surrogate-onepass.nc"),
        ("surrogate-twin", "surrogate-twin.nc"),
    ],
)
def test_surrogates_step_as_they_stepped(model, file, typed):
    words = ["--start", HERE / "stores" / "arctic.zarr", "--members", 2, "--days", 1, "--seed", 1]
    out = typed("forecast", HERE / "models" / model, *words, "--out", "OUT", *FP32, out="made.zarr")
    assert_same(raw(out), raw(HERE / "states" / file), [*ICE, "snt"])


def test_a_forecast_is_scored_and_is_a_start(typed):
    forecast, store = HERE / "states" / "forecast.zarr", HERE / "stores" / "arctic.zarr"
    words = ["--forecast", "--reference", store, "--out", "OUT", "--quiet"]
    scores = typed("evaluate", forecast, *words, out="scores") / "scores.json"
    error = {
        row["source"]: row["value"]
        for row in json.loads(scores.read_text())["rows"]
        if (row["score"], row["variable"], row["band"], row["lead_hours"]) == ("RMSE", "sit", "ocean", 24)
    }
    np.testing.assert_allclose([error["forecast"], error["persistence"]], [0.0100966, 0.00729367], rtol=1e-4)
    words = ["--start", forecast, "--members", 2, "--days", 1, "--out", "OUT", "--quiet"]
    on = typed("forecast", "persistence", *words, out="on.zarr")
    assert_same(raw(on).isel(lead=0), raw(forecast).isel(lead=-1), [*ICE, "snt"])


def test_models_through_the_public_names():
    assert halocline.load_model(HERE / "models" / "ocean").card["name"] == "ocean"
    assert halocline.load_surrogate(HERE / "models" / "surrogate-flow").card["name"] == "surrogate-flow"


def test_a_restart_for_nemo(typed):
    template, states = HERE / "nemo" / "restart.nc", HERE / "nemo" / "ocean.nc"
    out = typed("export", "nemo", states, "--template", template, "--member", 1, "--out", "OUT", out="made.nc")
    water, made = raw(states), raw(out)
    for name, source in {"tn": "thetao", "tb": "thetao", "sn": "so", "sshn": "zos"}.items():
        expected = np.nan_to_num(water[source].values[1])
        assert np.std(expected) > 0
        np.testing.assert_array_equal(made[name].values.squeeze(), expected)
    assert not made["un"].any()


def test_shipped_models_keep_their_names():
    for name in ("arctic-100km", "dino-R4"):
        assert halocline.load_model(name).card["name"] == name
    for name in ("arctic-surrogate-100km", "arctic-onepass-100km"):
        assert halocline.load_surrogate(name).card["name"] == name
