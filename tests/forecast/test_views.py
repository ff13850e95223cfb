"""Members that see the world turned: fields there and back, views as keyed draws, and physics that does not notice."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from halocline.chain.forecast.stepper import StepContext
from halocline.chain.forecast.symmetry_ensemble import step_views
from halocline.chain.tiled import turned
from halocline.data.fields.symmetries import Symmetry, vector_pairs
from halocline.runtime.errors import ConfigError
from halocline.runtime.ranks import Ranks
from halocline.systems.config import load_config
from halocline.systems.loading import load_surrogate
from tests.surrogate_toy import SURROGATE_RECIPE, surrogate_store, toy_surrogate

ALL = [Symmetry(*bits) for bits in itertools.product([False, True], repeat=3)]
NAMES = ("sic", "siu", "siv", "u10_next", "place_y", "v10_next", "place_x")


def moment(hour=24, members=tuple(range(64)), **kind):
    none = np.zeros((0, 4, 4), np.float32)
    return StepContext(hour, none, none, none, members, 3, **kind)


@pytest.mark.parametrize("symmetry", ALL, ids=str)
def test_a_view_is_the_symmetry_that_training_saw_and_its_way_back_undoes_it(symmetry):
    fields = torch.randn(7, 5, 5, generator=torch.Generator().manual_seed(0))
    before, pairs = fields.clone(), vector_pairs(NAMES)
    seen = turned(fields, symmetry, pairs)
    np.testing.assert_array_equal(seen.numpy(), symmetry.fields(fields.numpy(), NAMES))
    torch.testing.assert_close(turned(seen, symmetry.inverse, pairs), before, atol=0, rtol=0)
    torch.testing.assert_close(fields, before, atol=0, rtol=0)


def test_views_are_drawn_with_equal_odds_by_the_member_alone():
    drawn = step_views(moment(members=range(800)), "member")
    counts = [drawn.count(symmetry) for symmetry in ALL]
    assert min(counts) > 60  # 100 expected, standard deviation 9
    assert max(counts) < 140
    assert step_views(moment(members=(5,)), "member") == drawn[5:6]
    assert step_views(moment(members=range(9)), "one") == [Symmetry()] * 9


def test_a_view_is_kept_by_the_member_or_drawn_anew_for_each_step():
    assert step_views(moment(0), "member") == step_views(moment(480), "member")
    first, later = step_views(moment(0), "step"), step_views(moment(480), "step")
    assert 40 < sum(a != b for a, b in zip(first, later, strict=True)) < 64  # 56 expected
    other = step_views(moment(0, store_member=1), "step")
    assert first != other


def test_the_first_of_a_pair_sees_what_the_unpaired_member_sees_and_the_second_the_opposite():
    single = step_views(moment(members=(4, 5)), "step")
    pairs = step_views(moment(members=(8, 9, 11), paired=True), "step")
    assert pairs == [single[0], single[0].opposite, single[1].opposite]
    assert all(s.opposite.opposite == s for s in ALL)


class Physical(nn.Module):
    """Ice goes with the wind and thickness relaxes to its neighbours': the same from every side."""

    def __init__(self, names, channels):
        super().__init__()
        self.names, self.channels = names, channels
        self.box = nn.AvgPool2d(3, 1, 1)

    def forward(self, x_t, t, given):
        at = {name: given.fields[:, k] for k, name in enumerate(self.names)}
        out = 0.1 * x_t
        for drift, wind in (("siu", "u10"), ("siv", "v10")):
            out[:, self.channels.index(drift)] += at[wind] + at[wind + "_next"]
        out[:, 0] += self.box(given.fields[:, :1])[:, 0]
        return out * given.mask


@pytest.fixture
def world(weather_of, start_and_grid, surrogate):
    start, grid = start_and_grid
    weather = weather_of(start)
    now, later = (weather.read(start.hour + h, surrogate.forcing) for h in (0, 12))
    degree_days = np.ones((4, *grid.shape), np.float32)
    members = tuple(range(6))
    states = np.repeat(start.states, len(members), axis=0)
    return states, StepContext(start.hour, now, later, degree_days, members, 5, start.store_member), grid


@pytest.mark.parametrize("views", ["member", "step"])
def test_physics_without_a_direction_does_not_notice_the_view(surrogate, world, views):
    """Vectors, masks and coasts go there and back: a denoiser with the square's symmetry gives the same states."""
    states, at, grid = world
    physical = Physical(surrogate.residual.given, surrogate.residual.channels)
    physical.counts = surrogate.denoiser.counts
    model = replace(surrogate, denoiser=physical)
    plain = model.advance(states, at, grid, 64, Ranks())
    turned = replace(model, views=views).advance(states, at, grid, 64, Ranks())
    assert len(set(step_views(at, views))) > 2
    np.testing.assert_allclose(turned, plain, atol=1e-5)
    assert np.abs(plain - states).max() > 0.05


def test_a_network_answers_differently_to_each_view_and_what_is_computed_together_does_not_matter(surrogate, world):
    states, at, grid = world
    model = replace(surrogate, views="member")
    turned = model.advance(states, at, grid, 64, Ranks())
    for member, symmetry in enumerate(step_views(at, "member")):
        alone = model.advance(states[:1], replace(at, members=(member,)), grid, 3, Ranks())
        np.testing.assert_allclose(alone[0], turned[member], atol=1e-5)
        plain = surrogate.advance(states[:1], replace(at, members=(member,)), grid, 3, Ranks())
        assert (np.abs(plain[0] - alone[0]).max() > 1e-3) == (symmetry != Symmetry())


def test_views_that_training_has_not_seen_are_refused(tmp_path):
    store = surrogate_store(tmp_path / "train.zarr", steps=6)
    folder = toy_surrogate(
        store, tmp_path / "model", ["patches.augment=false", "forecast.views=one", "training.samples=8"]
    )
    with pytest.raises(ConfigError, match=r"patches\.augment"):
        load_surrogate(folder, views="step")
    assert load_surrogate(folder).views == load_surrogate(folder, views="one").views == "one"
    with pytest.raises(ConfigError, match=r"patches\.augment"):
        load_config(str(SURROGATE_RECIPE), ["patches.augment=false", "forecast.views=member"])


def test_views_alone_make_an_ensemble_of_a_network_without_noise(surrogate, world):
    states, at, grid = world
    twin = replace(surrogate, noisy=False, chain=replace(surrogate.chain, solver="ddim", steps=1), views="step")
    out, seen = twin.advance(states, at, grid, 64, Ranks()), step_views(at, "step")
    for m, symmetry in enumerate(seen):
        first = seen.index(symmetry)
        np.testing.assert_allclose(out[m], out[first], atol=1e-5)
        assert first == 0 or np.abs(out[m] - out[0]).max() > 1e-3
