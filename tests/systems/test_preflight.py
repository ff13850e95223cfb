"""The pre-flight: what a recipe's loss pays for the smallest scales of a store."""

import json

import numpy as np
import pytest

from halocline.cli.main import app
from halocline.data.codecs.standard import Codec
from halocline.runtime.device import choose_compute
from halocline.runtime.model_folder import read_card
from halocline.systems.config import load_config
from halocline.systems.preflight import Place, preflight
from halocline.systems.published.ocean_generator import OceanGenerator
from halocline.systems.published.seaice_generator import SeaIceGenerator
from halocline.systems.training import train
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE

STEEP = ["denoiser.times=lognormal", "denoiser.weighting=edm", "denoiser.prediction=karras"]
NAMES = ("sit", "sic", "siu")


def _fields(slopes):
    """Random fields whose power falls as wavelength to the power of the slope, variance 1."""
    k = np.hypot(np.fft.fftfreq(64)[:, None], np.fft.fftfreq(64)[None])
    noise = np.fft.fft2(np.random.default_rng(0).standard_normal((24, len(slopes), 64, 64)))
    shaped = np.stack([np.maximum(k, 1 / 64) ** (-slope / 2) for slope in slopes])
    fields = np.fft.ifft2(noise * shaped).real
    return (fields / fields.std(axis=(0, 2, 3), keepdims=True)).astype(np.float32)


def _looked(overrides, slopes=(2.0, 5.0, 4.0)):
    config = load_config(str(TOY_RECIPE), ["space=data", *overrides])
    statistics = {name: {"mean": 0.0, "std": 1.0} for name in NAMES}
    codec = Codec.from_statistics(NAMES, statistics, np.ones((64, 64), bool), "clip")
    return preflight(config, codec, _fields(slopes), [Place("interior", np.ones((1, 1, 64, 64), bool))])


def test_a_steep_variable_is_warned_of_and_the_remedy_helps():
    found = _looked([])
    assert found.small == ("sic", "siu")
    assert "--set denoiser.times=lognormal" in found.text()
    assert (found.share[0, :, 0] > found.share[0, 1, 0])[[0, 2]].all()
    steep = _looked(STEEP)
    assert (steep.share[0, :, 0] > 5 * found.share[0, :, 0]).all()
    assert "warning" not in steep.text() or "channel_weights=auto" in steep.text()


def test_weights_multiply_what_a_band_is_worth_beside_the_loss_of_all():
    plain, weighed = _looked([]), _looked(['denoiser.channel_weights={"sic": 4.0}'])
    ratio = weighed.share[0, :, 0] / plain.share[0, :, 0]
    assert ratio[1] / ratio[0] == pytest.approx(4.0)
    assert ratio[0] == pytest.approx(ratio[2])
    assert ratio[0] < 1.0 < ratio[1] < 4.0


def test_auto_brings_all_variables_within_a_factor_of_three():
    share = _looked([*STEEP, "denoiser.channel_weights=auto"]).share[0, :, 0]
    plain = _looked(STEEP).share[0, :, 0]
    assert plain.max() / plain.min() > 3.0
    assert share.max() / share.min() == pytest.approx(3.0)


def test_an_ice_store_is_looked_at_in_its_pack(store):
    found = SeaIceGenerator().preflight(load_config(str(TOY_RECIPE), ["space=data"]), store)
    assert found.places == ("pack", "everywhere")
    assert found.variables == ("sit", "sic", "sid", "siu", "siv")
    assert found.text().count("\n") >= 6
    assert SeaIceGenerator().preflight(load_config(str(TOY_RECIPE)), store) is None


def test_an_ocean_store_is_looked_at_inside(ocean_store):
    found = OceanGenerator().preflight(load_config(str(OCEAN_RECIPE)), ocean_store)
    assert found.places == ("interior",)
    assert {"thetao", "so"} <= set(found.variables)


def test_weights_of_the_preflight_stand_in_the_card(store, tmp_path):
    overrides = ["space=data", "denoiser.channel_weights=auto", "denoiser.training.samples=16"]
    config = load_config(str(TOY_RECIPE), overrides)
    model = train(config, store, tmp_path / "auto", choose_compute("cpu", "fp32"), quiet=True)
    assert set(read_card(model)["channel_weights"]) == {"sit", "sic", "sid", "siu", "siv"}


def test_inspect_prints_it(store_path):
    from typer.testing import CliRunner

    shown = CliRunner().invoke(app, ["inspect", str(store_path), "--preset", str(TOY_RECIPE), "--set", "space=data"])
    assert "everywhere 4-8 cells" in shown.output
    as_json = CliRunner().invoke(
        app, ["inspect", str(store_path), "--preset", str(TOY_RECIPE), "--set", "space=data", "--json"]
    )
    assert json.loads(as_json.output)["pre-flight"][0]["variable"] == "sit"
    latent = CliRunner().invoke(app, ["inspect", str(store_path), "--preset", str(TOY_RECIPE)])
    assert "autoencoder" in latent.output
