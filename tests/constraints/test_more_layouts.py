"""Constraints on cells of any thickness, and beside fields that they know nothing of."""

import numpy as np
import pytest

from halocline.constraints.level_means import means_of
from halocline.constraints.named.contents import LevelMeans
from halocline.constraints.named.sort import ThorpeSorted
from halocline.constraints.named.stability import MinimumChange
from halocline.data.codecs.ocean import OceanCodec
from halocline.data.fields.layout import Field, Layout
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.store.ocean_statistics import OceanStatistics
from halocline.physics.means import level_means
from tests.ocean_toy import partial_steps, toy_ocean, toy_ocean_grid

WHOLE = toy_ocean_grid()
PARTIAL = partial_steps(WHOLE)


def test_level_means_weigh_the_local_thickness():
    field = np.random.default_rng(0).standard_normal((3, *PARTIAL.wet.shape))
    found = level_means(np.where(PARTIAL.wet, field, np.nan), PARTIAL.volume)
    for k in np.flatnonzero(PARTIAL.wet.any(axis=(1, 2))):
        wet = PARTIAL.wet[k]
        expected = np.average(field[:, k][:, wet], axis=1, weights=(PARTIAL.thickness[k] * PARTIAL.area)[wet])
        np.testing.assert_allclose(found[:, k], expected, rtol=1e-12)
    assert (found[:, -1] == 0).all()
    assert np.abs(found - level_means(field, WHOLE.volume)).max() > 1e-3


@pytest.mark.parametrize("constraint", [MinimumChange, ThorpeSorted])
def test_columns_of_partial_steps_keep_heat_and_salt(constraint):
    layout = GridLayout.ocean(PARTIAL)
    stable = constraint(layout)
    states = toy_ocean(PARTIAL, members=3, noise=1.0)
    out = stable.project(states)
    assert stable.residual(states).min() > 0.1
    assert stable.residual(out).max() == 0
    for name in ("thetao", "so"):
        before, after = (np.nansum(layout.select(x, name)[0] * PARTIAL.thickness, axis=1) for x in (states, out))
        np.testing.assert_allclose(after, before, rtol=1e-9)
    coarse = layout.fields.split(out)["thetao"] - layout.fields.split(states)["thetao"]
    moved = np.nansum(coarse * WHOLE.thickness, axis=1)
    assert np.abs(moved).max() > 1.0  # with whole cells the same change would not have kept it


@pytest.mark.parametrize("kind", ["level-means", "basin"])
def test_contents_of_partial_steps_are_imposed(kind):
    layout = GridLayout.ocean(PARTIAL)
    states = toy_ocean(PARTIAL, members=2)
    target = means_of(states, layout, kind)[::-1]
    np.testing.assert_allclose(
        means_of(LevelMeans(layout, target, kind).project(states), layout, kind), target, atol=1e-12
    )


@pytest.fixture
def with_oxygen(oxygen):
    """Oxygen (level), temperature (level), height, salinity (level): an order of its own."""
    n = WHOLE.levels
    layout = GridLayout(Layout(Field("o2", n), Field("thetao", n), Field("zos"), Field("so", n)), WHOLE)
    parts = Layout.ocean(n).split(toy_ocean(WHOLE, members=4, noise=1.0))
    return layout, layout.fields.join(parts | {"o2": 300.0 - 10.0 * parts["thetao"]})


def test_constraints_leave_other_fields_alone(with_oxygen):
    layout, states = with_oxygen
    plain = GridLayout.ocean(WHOLE)
    usual = plain.fields.join(layout.fields.split(states))
    for constraint, reference in (
        (MinimumChange(layout), MinimumChange(plain)),
        (ThorpeSorted(layout), ThorpeSorted(plain)),
    ):
        out = layout.fields.split(constraint.project(states))
        expected = plain.fields.split(reference.project(usual))
        for name in ("thetao", "so", "zos"):
            np.testing.assert_array_equal(out[name], expected[name])
        np.testing.assert_array_equal(out["o2"], layout.fields.split(states)["o2"])
        assert (out["thetao"] != layout.fields.split(states)["thetao"])[:, WHOLE.wet].any()
    np.testing.assert_allclose(means_of(states, layout, "basin"), means_of(usual, plain, "basin"), rtol=1e-12)
    shifted = LevelMeans(layout, means_of(states, layout, "basin") + 1.0, "basin").project(states)
    np.testing.assert_array_equal(*(layout.fields.split(x)["o2"] for x in (shifted, states)))


@pytest.mark.parametrize("every", [1, 2])
def test_the_codec_takes_any_layout(with_oxygen, every):
    layout, states = with_oxygen
    mean = np.nan_to_num(states).mean(axis=0)
    rms = np.full(len(layout.fields), 2.0)
    statistics = OceanStatistics(mean.mean(axis=(1, 2)), rms, mean, rms)
    codec = OceanCodec.build(WHOLE, layout.fields, statistics, every=every, multiple=4)
    values = codec.encode(states)
    assert values.shape[1:] == codec.shape == (3 * len(codec.levels.kept) + 1, 8, 8)
    back, kept = (layout.fields.split(x) for x in (codec.decode(values), states))
    for name in layout.fields.levelled:
        np.testing.assert_allclose(back[name][:, ::every], kept[name][:, ::every], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(back["zos"], kept["zos"], rtol=1e-5, atol=1e-6)
