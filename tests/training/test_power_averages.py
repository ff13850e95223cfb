"""Power-function averages: the profile, its least squares, and a training whose width is chosen at its end."""

import json
import signal

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import nn

from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ModelError
from halocline.runtime.model_folder import read_card
from halocline.systems.base_config import trained_part
from halocline.systems.config import load_config
from halocline.systems.training import train
from halocline.training.averages.power_averages import CANDIDATES, KEPT, PowerAverages
from halocline.training.averages.power_profile import coefficients, decay, exponent, products
from halocline.training.loop import fit
from halocline.training.settings import TrainingSettings
from halocline.training.stop import StopRequested
from tests.conftest import TOY_RECIPE
from tests.training.test_training import Quadratic

CPU = choose_compute("cpu", "fp32")


@pytest.mark.parametrize("sigma_rel", [0.02, 0.05, 0.10, 0.25])
def test_the_exponent_gives_the_width(sigma_rel):
    gamma = exponent(sigma_rel)
    mean, square = ((gamma + 1) / (gamma + 1 + k) for k in (1, 2))  # moments of (gamma + 1) tau^gamma on 0..1
    assert np.sqrt(square - mean**2) == pytest.approx(sigma_rel, rel=1e-6)
    assert gamma > 0


def test_the_published_exponents_come_out():
    """Table of arXiv 2312.02696, section 3.1: sigma_rel 0.05 and 0.10 are gamma 16.97 and 6.94."""
    assert exponent(0.05) == pytest.approx(16.97, abs=5e-3)
    assert exponent(0.10) == pytest.approx(6.94, abs=5e-3)


@pytest.mark.parametrize(("t_a", "gamma_a", "t_b", "gamma_b"), [(3.0, 6.9, 5.0, 17.0), (4.0, 2.0, 1.5, 7.0)])
def test_products_are_integrals(t_a, gamma_a, t_b, gamma_b):
    def profile(tau, t, gamma):
        return (gamma + 1) * tau**gamma / t ** (gamma + 1) if tau <= t else 0.0

    expected, _ = quad(lambda tau: profile(tau, t_a, gamma_a) * profile(tau, t_b, gamma_b), 0, min(t_a, t_b))
    assert float(products(*(np.array(v) for v in (t_a, gamma_a, t_b, gamma_b)))) == pytest.approx(expected, rel=1e-6)


def test_an_average_that_is_stored_is_found_again():
    t, gamma = np.array([4.0, 4.0, 8.0, 8.0]), np.tile([exponent(0.05), exponent(0.10)], 2)
    np.testing.assert_allclose(coefficients(t, gamma, 8.0, exponent(0.10)), [0, 0, 0, 1], atol=1e-9)


def _trajectory(step):
    """Weights that fall, swing and jitter, as weights in training do; three numbers."""
    noise = np.random.default_rng(step).standard_normal()
    return np.array([np.exp(-step / 300), np.sin(step / 90), 0.3 * noise])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Averages over 1000 steps of a known trajectory, and the folder of their snapshots."""
    folder, module = tmp_path_factory.mktemp("power"), nn.Linear(3, 1, bias=False)
    averages = PowerAverages(module, 1000, 16)
    for step in range(1000):
        with torch.no_grad():
            module.weight.copy_(torch.from_numpy(_trajectory(step))[None])
        averages.update(step)
        averages.keep(folder, step + 1)
    return averages, folder


@pytest.mark.parametrize("sigma_rel", [0.04, 0.05, 0.075, 0.10, 0.15, 0.20])
def test_any_width_is_reconstructed_from_the_snapshots(trained, sigma_rel):
    averages, folder = trained
    known = np.zeros(3)
    for step in range(1000):
        beta = decay(step, exponent(sigma_rel))
        known = beta * known + (1 - beta) * _trajectory(step)
    np.testing.assert_allclose(averages.fill(folder, sigma_rel).weight[0].numpy(), known, atol=0.012)


def test_the_average_of_the_last_step_alone_is_not_near(trained):
    """What the bound above could not tell apart would be no test of it."""
    averages, folder = trained
    wide, narrow = (averages.fill(folder, sigma_rel).weight[0].numpy().copy() for sigma_rel in (0.20, 0.04))
    assert np.abs(wide - narrow).max() > 0.1


POWER = TrainingSettings(
    samples=400, batch=1, learning_rate=0.05, weight_decay=0, checkpoint_every=50, ema_profile="power", ema_snapshots=8
)


class Judged(Quadratic):
    """The quadratic, which says what it is judged by."""

    def error(self, figures):
        return figures["error"]


def test_the_width_with_the_least_error_is_chosen(tmp_path):
    module, figures = fit(Judged(), POWER, tmp_path, CPU, quiet=True)
    assert figures["ema_sigma_rel"] in CANDIDATES
    averages = PowerAverages(module, 400, 8)
    errors = {s: Judged().validate(averages.fill(tmp_path, s))["error"] for s in CANDIDATES}
    assert figures["ema_sigma_rel"] == min(errors, key=errors.get)
    assert figures["error"] == pytest.approx(min(errors.values()), abs=1e-7)


def test_a_stopped_training_ends_on_the_same_bits(tmp_path):
    with pytest.raises(StopRequested):
        fit(Judged(stop_at=177), POWER, tmp_path / "stopped", CPU, quiet=True)
    pointer = json.loads((tmp_path / "stopped" / "checkpoint.json").read_text())
    assert list(pointer["snapshots"]) == [f"snapshot-{n:08d}.safetensors" for n in (50, 100, 150)]
    resumed, ours = fit(Judged(), POWER, tmp_path / "stopped", CPU, quiet=True)
    whole, theirs = fit(Judged(), POWER, tmp_path / "whole", CPU, quiet=True)
    assert ours == theirs
    assert torch.equal(resumed.weight, whole.weight)
    for file in (tmp_path / "whole").glob("snapshot-*"):
        assert file.read_bytes() == (tmp_path / "stopped" / file.name).read_bytes()


@pytest.mark.parametrize("damage", ["remove", "change"])
def test_a_checkpoint_knows_its_snapshots(tmp_path, damage):
    with pytest.raises(StopRequested):
        fit(Judged(stop_at=177), POWER, tmp_path, CPU, quiet=True)
    file = tmp_path / "snapshot-00000100.safetensors"
    if damage == "remove":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    with pytest.raises(ModelError, match=r"snapshot .*00000100.*train again"):
        fit(Judged(), POWER, tmp_path, CPU, quiet=True)


def test_an_older_training_is_the_same_recipe_in_every_section():
    plain = trained_part(load_config(str(TOY_RECIPE)))
    assert "ema_profile" not in plain["denoiser"]["training"]
    changed = trained_part(load_config(str(TOY_RECIPE), ["denoiser.training.ema_profile=power"]))
    assert changed["denoiser"]["training"]["ema_profile"] == "power"
    assert "ema_profile" not in changed["autoencoder"]["training"]


def test_a_model_is_trained_resumed_and_leaves_nothing_behind(store, tmp_path):
    keys = [f"{part}.training.ema_profile=power" for part in ("autoencoder", "denoiser")]
    config = load_config(str(TOY_RECIPE), [*keys, *(f"{p}.training.samples=32" for p in ("autoencoder", "denoiser"))])
    whole = train(config, store, tmp_path / "whole", CPU, quiet=True)
    card = read_card(whole)
    assert {card["metrics"][stage]["ema_sigma_rel"] for stage in ("autoencoder", "denoiser")} <= set(CANDIDATES)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["whole"]
    assert set(KEPT.values()) == {0.05, 0.10}

    def stop_in_the_denoiser(file, *rest, write=torch.nn.utils.clip_grads_with_norm_, calls=[]):  # noqa: B006
        calls.append(1)
        if len(calls) == 6:
            signal.raise_signal(signal.SIGINT)
        return write(file, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.nn.utils.clip_grads_with_norm_", stop_in_the_denoiser)
        with pytest.raises(StopRequested):
            train(config, store, tmp_path / "again", CPU, quiet=True)
    again = train(config, store, tmp_path / "again", CPU, quiet=True, resume=True)
    assert (again / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
