"""Symmetries and coarse graining: vectors, coasts, bounds."""

import itertools

import numpy as np
import pytest

from halocline.data.fields.symmetries import Symmetry, vector_pairs
from halocline.data.sampling.coarsen import coarsen
from halocline.runtime import keyed

ALL = [Symmetry(*bits) for bits in itertools.product([False, True], repeat=3)]
NAMES = ("sic", "siu", "siv", "u10_next", "v10_next")


def flow(x, y):
    """A scalar and the gradient of a potential: physics that every symmetry must respect."""
    potential = np.sin(0.7 * x + 0.2) * np.cos(1.1 * y - 0.4) + 0.3 * x * y
    u = 0.7 * np.cos(0.7 * x + 0.2) * np.cos(1.1 * y - 0.4) + 0.3 * y
    v = -1.1 * np.sin(0.7 * x + 0.2) * np.sin(1.1 * y - 0.4) + 0.3 * x
    return np.stack([potential, u, v, 2 * u, 2 * v])


def grid(n=9):
    axis = np.linspace(-2, 2, n)
    return np.meshgrid(axis, axis)


@pytest.mark.parametrize("symmetry", ALL, ids=str)
def test_the_gradient_of_the_mirrored_field_is_the_mirrored_gradient(symmetry):
    x, y = grid(201)
    fields = symmetry.fields(flow(x, y), NAMES)
    spacing = x[0, 1] - x[0, 0]
    dy, dx = np.gradient(fields[0], spacing)
    inner = (slice(2, -2), slice(2, -2))
    np.testing.assert_allclose(fields[1][inner], dx[inner], atol=2e-3)
    np.testing.assert_allclose(fields[2][inner], dy[inner], atol=2e-3)
    np.testing.assert_allclose(fields[4], 2 * fields[2])


def test_eight_symmetries_are_eight():
    mask = np.zeros((4, 4), bool)
    mask[0, 1:3] = mask[1, 1] = True
    seen = {symmetry.scalar(mask).tobytes() for symmetry in ALL}
    assert len(seen) == 8
    assert len({symmetry.labels for symmetry in ALL}) == 8


@pytest.mark.parametrize("symmetry", ALL, ids=str)
def test_coasts_go_with_their_fields_and_nothing_is_changed_in_place(symmetry):
    fields = flow(*grid(8))
    before = fields.copy()
    mask = keyed.generator(0, "mask").random((8, 8)) > 0.3
    turned = symmetry.fields(np.where(mask, fields, 0), NAMES)
    assert (turned[:, ~symmetry.scalar(mask)] == 0).all()
    np.testing.assert_array_equal(fields, before)
    speed = np.hypot(fields[1], fields[2])
    np.testing.assert_allclose(np.hypot(turned[1], turned[2]), symmetry.scalar(np.where(mask, speed, 0)), atol=1e-12)


def test_a_place_is_a_vector():
    x, y = grid(5)
    turned = Symmetry(transpose=True, flip_x=True).fields(np.stack([x, y]), ("place_x", "place_y"))
    np.testing.assert_allclose(turned, np.stack([x, y]))  # the frame looks the same from every side
    assert vector_pairs(("v10", "sic", "u10")) == [(2, 0)]


@pytest.mark.parametrize("level", [1, 2, 4])
def test_block_means_keep_content_atoms_and_coasts(level):
    rng = keyed.generator(0, "coarse")
    fields = np.clip(rng.standard_normal((3, 8, 8)), 0, 1).astype(np.float32)
    fields[:, :4, :4], fields[:, 4:, :4] = 1.0, 0.0
    area, mask = 1 + rng.random((8, 8)), np.ones((8, 8), bool)
    mask[6, 6] = False
    means, whole = coarsen(np.where(mask, fields, 0), area, mask, level)
    assert whole.sum() == (8 // level) ** 2 - 1
    assert (means[:, : 4 // level, : 4 // level] == 1.0).all()
    assert (means[:, 4 // level :, : 4 // level] == 0.0).all()
    assert (means[:, ~whole] == 0).all()
    size = area.reshape(8 // level, level, 8 // level, level).sum(axis=(1, 3))
    fine = np.repeat(np.repeat(whole, level, 0), level, 1)
    np.testing.assert_allclose((means * size)[:, whole].sum(1), (fields * area)[:, fine].sum(1), rtol=1e-5)


@pytest.mark.parametrize("symmetry", ALL, ids=str)
def test_coarsening_and_mirroring_commute(symmetry):
    fields, mask = flow(*grid(8)), keyed.generator(0, "mask").random((8, 8)) > 0.1
    area = np.ones((8, 8))
    one, whole = coarsen(fields, area, mask, 2)
    other, mirrored = coarsen(symmetry.fields(fields, NAMES), area, symmetry.scalar(mask), 2)
    np.testing.assert_allclose(symmetry.fields(one, NAMES), other, atol=1e-6)
    np.testing.assert_array_equal(symmetry.scalar(whole), mirrored)
