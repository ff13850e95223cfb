"""An ocean generator on a store with a field of the user's own and a channel that closes, from training to scores."""

import dataclasses

import numpy as np
import pytest

from halocline.data.fields import variables
from halocline.data.fields.layout import Field, Layout
from halocline.data.files.ocean import ocean_states
from halocline.data.grids.grid import Grid
from halocline.data.grids.topology import Topology
from halocline.data.store.statistics import finish_store, verify_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.nn.layers import WrappedConv2d
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import InputError
from halocline.systems.config import load_config
from halocline.systems.generators import make_denoiser
from halocline.systems.loading import load_model
from halocline.systems.protocol import SYSTEMS
from tests.conftest import OCEAN_RECIPE, _train
from tests.ocean_toy import OXYGEN, toy_dino_grid, toy_dino_sample, toy_dino_table

CPU = choose_compute("cpu", "fp32")


def make_store(path, grid, choose):
    """The toy ocean with oxygen, of which ``choose`` takes a layout."""
    full, layout = Layout.ocean(grid.levels), choose(grid.levels)
    table, hours = toy_dino_table(), np.arange(0, 2 * 8640, 720)
    how = {"calendar": "360_day", "splits": table.splits(2), "members_table": table}
    create_store(path, grid, layout.channels, 6, hours, {"world": "toy"}, **how)
    writer = StoreWriter(path)
    for member in range(6):
        for k, hour in enumerate(hours):
            parts = full.split(toy_dino_sample(grid, table, member, int(hour) // 24 % 360, k))
            writer.write(member, k, layout.join(parts | {"o2": 300.0 - 10.0 * parts["thetao"]}))
    finish_store(path)
    return path


@pytest.fixture(scope="module", autouse=True)
def _oxygen():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(variables._known(), "o2", OXYGEN)
        yield


@pytest.fixture(scope="module")
def grid():
    return dataclasses.replace(toy_dino_grid(), topology=Topology(x="periodic"))


@pytest.fixture(scope="module")
def store(grid, tmp_path_factory):
    path = tmp_path_factory.mktemp("oxygen") / "DATA.zarr"
    return open_store(
        make_store(path, grid, lambda n: Layout(Field("so", n), Field("o2", n), Field("thetao", n), Field("zos")))
    )


@pytest.fixture(scope="module")
def model(store, tmp_path_factory):
    return _train(store.path, tmp_path_factory.mktemp("model") / "M", ["denoiser.training.samples=64"], OCEAN_RECIPE)


def test_the_store_holds_it_all(store, grid):
    assert store.grid.topology == Topology(x="periodic")
    assert store.grid.fingerprint() == grid.fingerprint()
    assert store.layout.names == ("so", "o2", "thetao", "zos")
    assert verify_store(store.path)


def test_the_generator_draws_it_and_scores_say_what_they_leave_out(store, model):
    chain = load_model(model, CPU)
    assert chain.grid.topology == Topology(x="periodic")
    assert any(isinstance(module, WrappedConv2d) for module in chain.denoiser.modules())
    states = chain.generate(4, seed=1, conditions={"day_of_year": 90.0} | dict.fromkeys(store.parameters, 0.0))
    assert states["o2"].dims == states["thetao"].dims == ("member", "depth", "y", "x")
    assert np.isfinite(states["o2"].values[:, store.grid.wet]).all()
    assert states.attrs["grid_topology_x"] == "periodic"
    assert ocean_states(states).layout.grid.topology == Topology(x="periodic")
    card = evaluate_ocean(states, store, replicates=5)
    assert card.about["variables"] == ["thetao", "so", "zos"]
    assert any("leave out: o2" in note for note in card.about["notes"])


def test_a_model_that_does_not_say_how_its_sides_meet_stays_closed(store):
    config = load_config(str(OCEAN_RECIPE))
    parts = SYSTEMS["ocean-generator"].fit(config, store, quiet=True)
    old = {key: value for key, value in store.grid.to_card().items() if key != "topology"}
    closed = Grid.from_arrays(store.grid.to_arrays(), old)
    old_parts = dataclasses.replace(parts, periodic=closed.topology.periodic)
    assert not any(isinstance(m, WrappedConv2d) for m in make_denoiser(config, old_parts).modules())
    assert any(isinstance(m, WrappedConv2d) for m in make_denoiser(config, parts).modules())


def test_constraints_that_need_salinity_say_so(grid, tmp_path):
    store = open_store(make_store(tmp_path / "T.zarr", grid, lambda n: Layout(Field("thetao", n), Field("o2", n))))
    with pytest.raises(InputError, match=r"constraint 'contents'.*thetao, o2.*constraints.stability=none"):
        SYSTEMS["ocean-generator"].fit(load_config(str(OCEAN_RECIPE)), store, quiet=True)
    free = load_config(str(OCEAN_RECIPE), ["constraints.contents=none", "constraints.stability=none"])
    parts = SYSTEMS["ocean-generator"].fit(free, store, quiet=True)
    assert "contents" not in parts.fitted
    assert parts.codec.shape == (2 * grid.levels, 8, 8)
