"""An ocean generator on a response surface: the network draws what parameters and season do not decide."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from halocline.chain.tensor_space import tensor_space
from halocline.constraints.level_means import means_of
from halocline.data.codecs.response import ResponseCodec
from halocline.data.codecs.told import there_and_back, told_codec
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.response.member_states import member_states
from halocline.data.response.quality import quality_of
from halocline.data.sampling.conditions import Conditions
from halocline.data.sampling.samples import Samples
from halocline.data.store.store import open_store
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, InputError, ModelError
from halocline.runtime.model_folder import read_card
from halocline.systems.config import load_config
from halocline.systems.loading import load_model
from halocline.systems.protocol import SYSTEMS
from halocline.systems.published.ocean_generator import DrawnMeans
from tests.conftest import OCEAN_RECIPE, _train
from tests.ocean_toy import toy_dino_store

CPU = choose_compute("cpu", "fp32")
CHANGES = ["codec.mean=response", "denoiser.training.samples=96"]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return open_store(toy_dino_store(tmp_path_factory.mktemp("many") / "d.zarr", members=16, years=1))


@pytest.fixture(scope="module")
def config():
    return load_config(str(OCEAN_RECIPE), CHANGES)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A store whose members share out over the splits."""
    import halocline.data.store.members as members_module
    from tests import ocean_toy

    roles = ("train",) * 10 + ("validation", "interior")
    with pytest.MonkeyPatch.context() as patch:
        make = ocean_toy.toy_dino_table

        def table(members=12):
            made = make(members)
            return members_module.MemberTable(made.names, made.units, made.values, roles)

        patch.setattr(ocean_toy, "toy_dino_table", table)
        return open_store(toy_dino_store(tmp_path_factory.mktemp("shared") / "d.zarr", members=12, years=1))


@pytest.fixture(scope="module")
def model(shared, tmp_path_factory):
    return _train(shared.path, tmp_path_factory.mktemp("model") / "M", CHANGES, OCEAN_RECIPE)


def test_members_means_and_the_season_that_they_share(store):
    states = member_states(store)
    assert states.means.shape == (16, *store.wet.shape)
    t_star = store.parameters["t_star"]
    thetao = store.layout.select(states.means, "thetao")[0][:, 0]
    wet = store.grid.wet[0]
    slope = np.polyfit(t_star, thetao[:, wet].mean(axis=1), 1)[0]
    warm = (np.exp(-store.grid.depth[0] / 200) * np.cos(np.radians(store.grid.lat)))[wet].mean()
    assert slope == pytest.approx(warm, abs=0.1)
    cos = store.layout.select(states.season, "thetao")[0][0, 0]
    truth = -2 * np.exp(-store.grid.depth[0] / 50) * np.sin(np.radians(store.grid.lat))
    assert np.abs(cos - truth)[wet].max() < 0.15


def test_the_gate_tells_errors_that_hold(store):
    quality = quality_of(store)
    assert quality.guesses.shape == quality.states.means.shape
    assert 2 < quality.inside.sum() < 16
    row = next(row for row in quality.rows() if row["variable"] == "thetao")
    assert row["inside"] < 0.5 * row["nearest member, inside"]
    assert row["inside"] < row["worst level"]
    squares = quality.by_depth("thetao") ** 2
    volume = np.where(store.grid.wet, store.grid.volume, 0.0).sum(axis=(1, 2))
    assert np.sqrt(np.nansum(squares * volume) / volume.sum()) == pytest.approx(row["inside"])
    assert "gate:" in quality.text()
    assert ("NOT within" in quality.text()) != quality.passed
    middle, edge = quality.near(np.zeros(3)), quality.near(np.full(3, 3.0))
    assert 0 < middle["thetao"] < 2 * quality.error("thetao", np.ones(16, bool))
    assert edge["thetao"] > 0


def test_network_space_is_what_the_surface_leaves(shared, config):
    parts = SYSTEMS["ocean-generator"].fit(config, shared, quiet=True)
    codec = parts.codec
    assert isinstance(codec, ResponseCodec)
    vector = parts.conditions.encode(parts.conditions.of_samples(shared, [(m, 3) for m in range(10)]))
    states = np.stack([shared.read(m, 3) for m in range(10)])
    values = told_codec(codec, vector).encode(states)
    wet = codec.loss_mask > 0
    surface = np.arange(len(codec.channels)) == 0
    assert 0.5 < values[:, surface][:, wet[surface]].std() < 1.6, "about 1 where weather is all that is left"
    back = told_codec(codec, vector).decode(values)
    assert np.nanmax(np.abs(back - np.where(shared.wet, states, np.nan))) < 1e-4
    other = told_codec(codec, vector[::-1]).decode(values)
    assert np.nanmax(np.abs(other - back)) > 0.3, "the same anomaly under other forcing is another state"
    again = there_and_back(codec)
    assert np.nanmax(np.abs(again.decode(again.encode(states)) - back)) < 1e-4
    with pytest.raises(ModelError, match="none"):
        codec.encode(states)
    tensors = tensor_space(told_codec(codec, vector))
    assert np.allclose(tensors.encode(torch.from_numpy(states)).numpy(), values, atol=1e-4)
    assert np.nanmax(np.abs(tensors.decode(torch.from_numpy(values)).numpy() - back)) < 1e-4


def test_training_states_stand_on_what_other_members_say(shared, config):
    parts = SYSTEMS["ocean-generator"].fit(config, shared, quiet=True)
    codec, conditions = parts.codec, parts.conditions
    pairs = [(m, 3) for m in (0, 5, 10)]  # two of the training split, one of validation
    vector = conditions.encode(conditions.of_samples(shared, pairs))
    apart, own = codec.told_in_training(vector).mean, codec.told(vector).mean
    guesses = parts.fitted["quality"].guesses
    season = own - codec.surface(vector[:, : codec.surface.parameters])
    assert apart[:2] == pytest.approx(guesses[[0, 5]] + season[:2], abs=1e-9)
    assert np.array_equal(apart[2], own[2]), "the surface knows no validation member"
    means = member_states(shared, conditions).means[[0, 5]]
    errors = [np.sqrt(((found[:2] - season[:2] - means)[:, shared.wet] ** 2).mean()) for found in (apart, own)]
    assert errors[0] > errors[1], "what was fitted to a member knows it better than it will know others"
    samples = Samples(shared, "train", codec, conditions, every=config.every)
    taken = samples.take(np.arange(len(samples)))
    wet = codec.loss_mask > 0
    rms = [np.sqrt((taken[:, k][:, wet[k]] ** 2).mean()) for k in range(len(wet)) if wet[k].any()]
    assert rms == pytest.approx(np.full(len(rms), 1.0), abs=0.1), "1 where a left-out member's error counts as well"
    stored = ResponseCodec.from_arrays(codec.base, codec.arrays())
    assert stored.others is None
    assert stored.told_in_training(vector).mean == pytest.approx(own, abs=1e-3), "a model that is read knows no members"


def test_a_trained_model_follows_its_parameters_before_it_has_learned_anything(shared, model):
    chain = load_model(model, CPU)
    low, high = (float(f(shared.parameters["t_star"][:10])) for f in (np.min, np.max))
    told = {"day_of_year": 0.0} | {name: float(v[:10].mean()) for name, v in shared.parameters.items()}
    cold, warm = (
        chain.generate(4, seed=1, conditions=told | {"t_star": t}, quiet=True)["thetao"].values[:, 0]
        for t in (low, high)
    )
    wet = shared.grid.wet[0]
    risen = (warm - cold)[:, wet].mean()
    expected = (np.exp(-shared.grid.depth[0] / 200) * np.cos(np.radians(shared.grid.lat)))[wet].mean() * (high - low)
    assert risen == pytest.approx(expected, rel=0.35)
    card = read_card(model)
    assert card["response"]["members"] == 10
    assert card["codec"]["mean"] == "response"
    assert card["response"]["errors"][0]["variable"] == "thetao"


def test_level_means_are_drawn_about_the_surface(shared, config):
    """With as little spread as a left-out member's means have from it; a regression on the parameters has more."""
    parts = SYSTEMS["ocean-generator"].fit(config, shared, quiet=True)
    contents, layout = parts.fitted["contents"], GridLayout(shared.layout, shared.grid)
    assert contents.slope.shape[0] == 0
    drawn = DrawnMeans(layout, contents, parts.codec)
    vector = parts.conditions.encode(parts.conditions.of_samples(shared, [(11, 3)] * 400))
    constraint = drawn(SimpleNamespace(seed=0, members=list(range(400)), vector=vector))
    means = np.asarray(constraint.target)
    known = means_of(parts.codec.told(vector[:1]).mean, layout, "level-means")[0]
    spread = np.sqrt(contents.rest**2 + (contents.factors**2).sum(axis=0))
    assert np.abs(means.mean(axis=0) - known - contents.mean) == pytest.approx(0, abs=0.25 * spread.max())
    assert means.std(axis=0) == pytest.approx(spread, rel=0.15)
    plain = SYSTEMS["ocean-generator"].fit(load_config(str(OCEAN_RECIPE), []), shared, quiet=True).fitted["contents"]
    assert len(plain.slope) == parts.conditions.size
    assert spread.mean() < np.sqrt(plain.rest**2 + (plain.factors**2).sum(axis=0)).mean()
    former = DrawnMeans(layout, plain, parts.codec)
    asked = SimpleNamespace(seed=0, members=[0, 1], vector=vector[:2])
    assert np.array_equal(former(asked).target, plain.draw(0, [0, 1], vector[:2])), "models of former versions"


def test_only_wet_cells_teach_and_the_channel_closes(shared, config):
    """A change on land, or in padding, changes neither the loss nor what the network is asked."""
    parts = SYSTEMS["ocean-generator"].fit(config, shared, quiet=True)
    from halocline.systems.generators import make_denoiser
    from halocline.systems.learning import loss_weight

    weight = loss_weight(config, parts.codec, {})
    counted = parts.codec.network_mask if weight is None else weight
    assert config.denoiser.cells == "wet"
    assert set(np.unique(counted)) == {0.0, 1.0}
    assert counted.sum() == shared.wet.sum(), "each wet cell once"
    denoiser = make_denoiser(config, parts)
    noisy = torch.randn(1, *parts.codec.shape, generator=torch.Generator().manual_seed(0))
    dry = torch.from_numpy(parts.codec.network_mask == 0)
    from halocline.diffusion.given import Given

    vector = torch.zeros(1, parts.conditions.size)
    given, t = Given(vector=vector), torch.full((1,), 0.5)
    with torch.no_grad():
        one = denoiser(noisy * ~dry, t, given)
    assert one[:, dry].abs().max() == 0.0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("codec.normalisation=level", "cell"),
        ('condition=["day_of_year"]', "parameters"),
        ("denoiser.drop_conditions=0.1", "drop_conditions"),
    ],
)
def test_what_a_response_cannot_do_without_is_asked_for(change, match):
    with pytest.raises(ConfigError, match=match):
        load_config(str(OCEAN_RECIPE), [*CHANGES, change])


def test_few_members_and_members_without_parameters_are_told(ocean_store_path, config):
    with pytest.raises(InputError, match="members"):
        SYSTEMS["ocean-generator"].fit(config, open_store(ocean_store_path), quiet=True)
    assert Conditions.of(open_store(ocean_store_path), ["day_of_year"]).parameters == ()
    with pytest.raises(InputError, match="none"):
        member_states(open_store(ocean_store_path), Conditions.of(open_store(ocean_store_path), ["day_of_year"]))
