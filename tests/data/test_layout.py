"""Layouts: split and join are inverse, channels name what they hold, nothing else knows where fields lie."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halocline.data.fields.layout import Field, Layout
from halocline.data.grids.grid_layout import GridLayout
from halocline.runtime.errors import InputError
from tests.ocean_toy import toy_dino_grid
from tests.toy import toy_grid

SURFACE, LEVELLED = ("zos", "sit", "t2m"), ("thetao", "so")


@st.composite
def layouts(draw):
    """Any choice and order of registered variables, those on levels with up to 120 of them."""
    names = draw(st.permutations(SURFACE + LEVELLED))[: draw(st.integers(1, 5))]
    return Layout(*(Field(n, draw(st.integers(1, 120)) if n in LEVELLED else None) for n in names))


@settings(max_examples=60)
@given(layouts(), st.integers(0, 2))
def test_split_and_join_are_inverse_and_channels_tell_the_layout(layout, leading):
    states = np.arange(2**leading * len(layout) * 6.0).reshape(*[2] * leading, len(layout), 2, 3)
    parts = layout.split(states)
    assert tuple(parts) == layout.names
    for field in layout:
        assert parts[field.name].shape[leading:-2] == (() if field.levels is None else (field.levels,))
        assert np.shares_memory(parts[field.name], states)
    np.testing.assert_array_equal(layout.join(parts), states)
    assert Layout.from_channels(layout.channels) == layout
    assert len(layout.channels) == len(layout) == len(set(layout.channels))
    ends = [(layout[name].start, layout[name].stop) for name in layout.names]
    assert [0, *(end for _, end in ends)] == [*(start for start, _ in ends), len(layout)]


def test_the_layout_of_today():
    layout = Layout(Field("thetao", levels=15), Field("so", levels=15), Field("zos"))
    assert layout == Layout.ocean(15)
    assert (layout["so"], layout["zos"], len(layout)) == (slice(15, 30), slice(30, 31), 31)
    assert layout.channels[14:16] == ("thetao_14", "so_00")
    assert layout.surfaces == {"thetao": 0, "so": 15, "zos": 30}
    assert layout.numbers("zos", "so").tolist() == [30, *range(15, 30)]
    assert layout.only("zos", "thetao", "sit").names == ("zos", "thetao")


def test_wet_cells_and_volumes_are_those_of_the_level():
    grid = toy_dino_grid()
    layout = GridLayout(Layout(Field("zos"), Field("so", grid.levels)), grid)
    np.testing.assert_array_equal(layout.wet, np.concatenate([grid.mask[None], grid.wet]))
    np.testing.assert_array_equal(layout.volume, np.concatenate([grid.volume[:1], grid.volume]))
    flat = toy_grid()
    np.testing.assert_array_equal(GridLayout(Layout(Field("sit")), flat).wet, flat.mask[None])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Layout(Field("zos"), Field("zos")), "each field once"),
        (lambda: Layout.from_channels(["thetao_00", "thetao_02"]), "thetao_02.*surface first"),
        (lambda: Layout.from_channels(["thetao_00", "so_00", "thetao_01", "so_01"]), "so_00.*together"),
        (lambda: Layout.from_channels(["thetao_00", "thetap_01"]), "thetap_01"),
        (lambda: Layout.ocean(3)["sos"], "Did you mean 'so'"),
        (lambda: GridLayout.ocean(toy_grid()), "no levels"),
        (lambda: GridLayout(Layout.ocean(3), toy_dino_grid()), "3 levels on a grid of 5"),
    ],
)
def test_what_is_no_layout_is_refused(make, words):
    with pytest.raises(InputError, match=f"(?s){words}"):
        make()
