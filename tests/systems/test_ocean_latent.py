"""An ocean generator in the latent space of an autoencoder, from training to scores."""

import json

import numpy as np
import pytest
import torch

from halocline.chain.placed import Draw
from halocline.constraints.level_means import means_of
from halocline.data.files.ocean import ocean_states
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.sampling.samples import Samples
from halocline.data.store.store import open_store
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.physics.eos import DINO_EOS
from halocline.physics.stability import density_error
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError
from halocline.systems.config import load_config
from halocline.systems.generators import make_autoencoder
from halocline.systems.loading import load_model
from halocline.systems.protocol import SYSTEMS
from halocline.training.autoencoder_task import AutoencoderTask
from tests.conftest import OCEAN_RECIPE, _train

CPU = choose_compute("cpu", "fp32")
STAGE = {"samples": 320, "batch": 8, "checkpoint_every": 7, "validate_every": 10}
LATENT = [
    "space=latent",
    f"autoencoder={json.dumps({'latent': 4, 'width': 8, 'patch': 2, 'levels': 0, 'training': STAGE})}",
]


@pytest.fixture(scope="module")
def model(ocean_store_path, tmp_path_factory):
    path = _train(ocean_store_path, tmp_path_factory.mktemp("models") / "ocean-latent", LATENT, OCEAN_RECIPE)
    return load_model(path, CPU)


@pytest.fixture(scope="module")
def drawn(model):
    return model.generate(4, seed=2, conditions={"wind_stress": 0.1}, quiet=True)


def moved(dataset):
    return {row["name"]: row for row in json.loads(dataset.attrs["halocline_constraints_moved"])}


def test_states_obey_at_the_end(model, drawn):
    assert model.chain.shape == (4, 4, 4)
    rows = moved(drawn)
    assert rows["contents"]["residual_end"] < 1e-4
    assert rows["stability"]["residual_end"] == 0
    ocean = ocean_states(drawn)
    thetao, so = ocean.layout.select(ocean.states, "thetao", "so")
    assert density_error(thetao, so, ocean.layout.grid, DINO_EOS).max() == 0
    assert np.isfinite(ocean.states[:, ocean.layout.wet]).all()
    assert np.isnan(ocean.states[:, ~ocean.layout.wet]).all()


def test_conditions_count(model):
    chain = model.with_constraints(["none"])
    one, other = (chain.generate(2, seed=3, conditions={"t_star": t}, quiet=True) for t in (-0.4, 1.5))
    assert (one["t_star"] == -0.4).all()
    assert np.nanmax(np.abs((one["thetao"] - other["thetao"]).values)) > 1e-3  # the same noise


def test_a_constraint_acts_on_the_estimate(model):
    """Inside the sampler the level means come nearer to those drawn, though the autoencoder is no exact inverse."""
    (inside,) = model.with_constraints(["contents"]).chain.constraints
    assert inside.on_estimate
    obeying, free = model.with_constraints(["contents"]), model.with_constraints(["none"])
    numbers = list(range(4))
    vector = model.conditions.encode(model.conditions.draw(5, numbers, None))
    target = inside.make(Draw(numbers, 5, 4, vector)).target
    layout = GridLayout.ocean(model.grid)
    off = [
        np.abs(means_of(chain.draw(numbers, 5, vector), layout, "level-means") - target).mean()
        for chain in (obeying, free)
    ]
    assert off[0] < 0.8 * off[1]


def test_padding_makes_any_grid_fit(ocean_store):
    sizes = {"latent": 4, "width": 8, "patch": 3, "levels": 1, "training": STAGE}
    config = load_config(str(OCEAN_RECIPE), ["space=latent", f"autoencoder={json.dumps(sizes)}"])
    assert config.padded == 12  # autoencoder 3 * 2, denoiser 2
    parts = SYSTEMS[config.recipe].fit(config, ocean_store, quiet=True)
    assert parts.codec.shape[1:] == (12, 12)
    z = make_autoencoder(config, parts).encode(torch.zeros(1, *parts.codec.shape)).mean
    assert z.shape == (1, 4, 2, 2)


def test_dry_levels_count_nowhere(ocean_store):
    config = load_config(str(OCEAN_RECIPE), LATENT)
    parts = SYSTEMS[config.recipe].fit(config, ocean_store, quiet=True)
    samples = Samples(ocean_store, "validation", parts.codec)
    module, mask = make_autoencoder(config, parts), parts.codec.network_mask
    how = {"beta": 0.0, "batch": 4, "seed": 0, "device": torch.device("cpu"), "mask": mask}
    bounds = parts.codec.bounds_in_network_space()
    task = AutoencoderTask(module, samples, samples, likelihood="censored", bounds=bounds, **how)
    x, eps = task.batch(0)
    decoded = module.decode(module.encode(x).sample(eps))
    loss = task.loss((x, eps))
    wet = torch.from_numpy(mask) > 0
    expected = (0.5 * (x - decoded) ** 2 + 0.5 * np.log(2 * np.pi))[:, wet].sum() / (4 * mask[0].sum())
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    with torch.no_grad():
        figures = task.validate(module)
    x = torch.from_numpy(samples.take(np.arange(len(samples))))
    off = (module.decode(module.encode(x).mean) - x)[:, 4][:, wet[4]]
    assert not wet[4].equal(wet[0])
    assert figures["rmse_4"] == pytest.approx(off.square().mean().sqrt().item(), rel=1e-5)


def test_scores_run(drawn, ocean_store_path):
    table = evaluate_ocean(drawn, open_store(ocean_store_path)).table
    assert table.row("density_error_local_strict").value == 0
    assert table.row("energy").value > 0


def test_what_does_not_go_together_is_refused(model):
    with pytest.raises(ConfigError, match="section \\[autoencoder\\]"):
        load_config(str(OCEAN_RECIPE), ["space=latent"])
    with pytest.raises(ConfigError, match="space = 'data'"):
        load_config(str(OCEAN_RECIPE), [*LATENT, "constraints.paper=true"])
    with pytest.raises(ConfigError, match="none that this model offers"):
        model.with_constraints(["paper"])
