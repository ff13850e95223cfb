"""Training a surrogate: all objectives, interrupted and resumed to the bit, recipes that do not fit."""

import json

import pytest

from halocline.data.codecs.residual import ResidualCodec
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.variables import variable
from halocline.data.store.store import open_store
from halocline.runtime import files
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, InputError, ModelError
from halocline.runtime.model_folder import read_model
from halocline.systems.config import load_config
from halocline.systems.loading import load_surrogate
from halocline.systems.published.surrogate import make_denoiser
from halocline.systems.training import train
from halocline.training.denoiser_task import DenoiserTask
from tests.surrogate_toy import SURROGATE_RECIPE, surrogate_store, toy_surrogate

CPU = choose_compute("cpu", "fp32")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return surrogate_store(tmp_path_factory.mktemp("toy") / "s.zarr", steps=8)


@pytest.fixture(scope="module")
def model(store, tmp_path_factory):
    return toy_surrogate(store, tmp_path_factory.mktemp("model") / "flow")


def test_the_folder_tells_what_it_is(model):
    card = json.loads((model / "card.json").read_text())
    assert card["recipe"] == "surrogate"
    assert set(card["metrics"]["surrogate"]) == {"validation_loss", "explained"}
    assert card["codec"]["change"]["sit"] > 0
    assert card["parameters"]["surrogate"] > 1000
    assert len((model / "log.jsonl").read_text().splitlines()) == 2
    assert not model.with_name("flow.training").exists()


@pytest.mark.parametrize("at", [3, 11])
def test_killed_and_resumed_ends_on_the_same_bits(store, model, tmp_path, monkeypatch, at):
    loss, steps = DenoiserTask.loss, []

    def killed(self, batch):
        steps.append(batch)
        if len(steps) > at:
            raise KeyboardInterrupt
        return loss(self, batch)

    out = tmp_path / "killed"
    monkeypatch.setattr(DenoiserTask, "loss", killed)
    with pytest.raises(KeyboardInterrupt):
        toy_surrogate(store, out)
    assert not out.exists()
    monkeypatch.setattr(DenoiserTask, "loss", loss)
    config = load_config(str(SURROGATE_RECIPE))
    train(config, open_store(store), out, CPU, command="toy", resume=True, quiet=True)
    assert files.sha256_of(out / "model.safetensors") == files.sha256_of(model / "model.safetensors")


def test_batches_made_ahead_by_other_processes_train_to_the_same_bits(store, model, tmp_path):
    out = tmp_path / "ahead"
    compute = choose_compute("cpu", "fp32", workers=2)
    train(load_config(str(SURROGATE_RECIPE)), open_store(store), out, compute, command="toy", quiet=True)
    assert files.sha256_of(out / "model.safetensors") == files.sha256_of(model / "model.safetensors")


@pytest.mark.parametrize("objective", ["regression", "crps"])
def test_twin_and_one_pass_head_train_on_the_same_network(store, model, tmp_path, objective):
    out = toy_surrogate(store, tmp_path / "m", [f"objective={objective}", "training.samples=48"])
    one, two = (json.loads((m / "card.json").read_text()) for m in (model, out))
    assert one["parameters"] == two["parameters"]
    two = load_surrogate(out)
    assert (two.one_pass, two.noisy, two.chain.passes) == (True, objective == "crps", 1)
    assert load_surrogate(model).one_pass is False


def test_a_training_can_start_from_another_models_weights(store, model, tmp_path):
    """A head that starts from the flow reads its output as the flow does, and is at once better than nothing."""
    more = ["objective=crps", f"initial={model}", "training.samples=6"]
    head = toy_surrogate(store, tmp_path / "head", more)
    two = [read_model(folder)[0] for folder in (model, head)]
    assert 0 < max(float((two[0][k] - two[1][k]).abs().max()) for k in two[0]) < 0.05
    assert load_surrogate(head).denoiser.prediction == "velocity"
    with pytest.raises(ModelError, match="network = "):
        toy_surrogate(store, tmp_path / "wider", [*more, "network.width=32"])
    with pytest.raises(ModelError, match="weights that do not fit the recipe"):
        toy_surrogate(store, tmp_path / "fewer", [*more, "season=false"])
    with pytest.raises(ModelError, match="nowhere"):
        toy_surrogate(store, tmp_path / "none", ["initial=nowhere"])


def test_a_training_that_goes_on_draws_other_patches_and_noise(store, model, tmp_path, monkeypatch):
    """With the same seed, too: those of the model that it starts from would be learned by heart."""

    def loss(self, batch):
        seen.append((float(batch.x0.sum()), float(batch.eps.sum())))
        return kept(self, batch)

    kept, seen = DenoiserTask.loss, []
    monkeypatch.setattr(DenoiserTask, "loss", loss)
    first = {}
    for name, more in (("fresh", []), ("on", [f"initial={model}"]), ("again", [f"initial={model}"])):
        seen.clear()
        toy_surrogate(store, tmp_path / name, ["training.samples=8", *more])
        first[name] = seen[0]
    assert first["on"] == first["again"]
    assert first["on"][0] != first["fresh"][0]
    assert first["on"][1] != first["fresh"][1]


def test_a_share_of_the_patches_can_be_trained_at_pure_noise(store, tmp_path, monkeypatch):
    seen = []

    def loss(self, batch):
        seen.append(batch.t.tolist())
        return kept(self, batch)

    kept = DenoiserTask.loss
    monkeypatch.setattr(DenoiserTask, "loss", loss)
    toy_surrogate(store, tmp_path / "m", ["training.batch=8", "training.samples=16", "pure_noise=0.25"])
    steps = [times for times in seen if len(times) == 8]
    assert len(steps) == 2
    for times in steps:
        rest = sorted(times[2:])
        assert times[:2] == [1.0, 1.0]
        assert [b - a for a, b in zip(rest, rest[1:], strict=False)] == pytest.approx([1 / 6] * 5, abs=1e-6)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("patches.inner=9", "multiple of network.patch"),
        ("network.heads=3", "multiple of 4"),
        ("network.heads=4", "at least 8"),
        ("forecast.blend=5", "at most patches.overlap"),
        ("patches.iner=8", "Did you mean 'inner'"),
        ("objective=flows", "'flow', 'regression' or 'crps'"),
    ],
)
def test_a_recipe_that_does_not_fit_is_explained(override, message):
    with pytest.raises(ConfigError, match=message):
        load_config(str(SURROGATE_RECIPE), [override])


def test_a_store_without_weather_or_with_other_steps_is_refused(store, store_path, tmp_path):
    with pytest.raises(InputError, match="'snt'"):
        toy_surrogate(store_path, tmp_path / "a")
    with pytest.raises(InputError, match="no two states 18 h apart"):
        toy_surrogate(store, tmp_path / "b", ["step_hours=18"])


def test_the_papers_sizes():
    """28 million weights: the paper has 28.1 in the network, of which 2.1 are never used, and 1.6 in its scales."""
    config = load_config("finn2025")
    names = (*config.variables, *config.forcing, *DegreeDays(config.degree_days).names)
    ones = dict.fromkeys(names, 1.0)
    codec = ResidualCodec(
        tuple(map(variable, config.variables)),
        config.forcing,
        DegreeDays(config.degree_days),
        False,
        False,
        12,
        ones,
        ones,
        ones,
    )
    assert len(codec.given) == 18
    network = make_denoiser(config, codec).network
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(28e6, rel=0.08)
