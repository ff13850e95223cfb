"""Tiles: cut and stitched is what was there; land is left out."""

import pytest
import torch

from halocline.chain.tiling import Tiling
from halocline.runtime.errors import ConfigError


def stitched(tiling, tiles):
    """The domain of all tiles (..., side, side)."""
    out = torch.zeros(*tiles[0].shape[:-2], *tiling.mask.shape)
    for k, tile in enumerate(tiles):
        tiling.add(out, k, tile)
    return tiling.mixed(out)


@pytest.mark.parametrize("shape", [(16, 16), (13, 21), (5, 7)])
@pytest.mark.parametrize(("inner", "overlap", "blend"), [(8, 0, 0), (8, 2, 0), (8, 2, 2), (6, 3, 1), (32, 4, 2)])
def test_cut_and_stitched_is_the_same_field(shape, inner, overlap, blend):
    tiling = Tiling(torch.ones(shape, dtype=torch.bool), inner, overlap, blend)
    field = torch.randn(2, 3, *shape)
    tiles = [tiling.cut(field, k) for k in range(len(tiling.corners))]
    assert tiles[0].shape[-2:] == (inner + 2 * overlap, inner + 2 * overlap)
    torch.testing.assert_close(stitched(tiling, tiles), field)


def test_a_tile_is_the_field_with_zeros_beyond_the_domain():
    field = torch.arange(1.0, 21.0).view(4, 5)
    tiling = Tiling(torch.ones(4, 5, dtype=torch.bool), 2, 1)
    assert tiling.corners == [(0, 0), (0, 2), (0, 4), (2, 0), (2, 2), (2, 4)]
    assert tiling.cut(field, 0).tolist() == [[0, 0, 0, 0], [0, 1, 2, 3], [0, 6, 7, 8], [0, 11, 12, 13]]
    assert tiling.cut(field, 5).tolist() == [[9, 10, 0, 0], [14, 15, 0, 0], [19, 20, 0, 0], [0, 0, 0, 0]]


def test_tiles_without_ocean_are_left_out_and_stay_zero():
    mask = torch.zeros(16, 16, dtype=torch.bool)
    mask[9:, 3] = True
    tiling = Tiling(mask, 8, 2, 1)
    assert tiling.corners == [(8, 0)]
    out = stitched(tiling, [torch.ones(1, 1, 12, 12)])
    assert torch.isfinite(out).all()
    assert (out[0, 0][mask] == 1).all()
    assert (out[..., :4, :] == 0).all()


def test_a_hard_border_takes_each_cell_from_one_tile_and_a_soft_one_mixes():
    mask = torch.ones(8, 16, dtype=torch.bool)
    tiles = [torch.zeros(1, 12, 12), torch.ones(1, 12, 12)]
    hard = stitched(Tiling(mask, 8, 2, 0), tiles)[0, 0]
    soft = stitched(Tiling(mask, 8, 2, 2), tiles)[0, 0]
    assert hard.tolist() == [0.0] * 8 + [1.0] * 8
    assert soft[6:10].tolist() == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert soft[:6].tolist() + soft[10:].tolist() == [0.0] * 6 + [1.0] * 6


def test_tiles_with_the_same_ocean_go_together():
    mask = torch.ones(12, 12, dtype=torch.bool)
    mask[0, 0] = False
    tiling = Tiling(mask, 4, 0)
    assert sorted(tile for group in tiling.alike for tile in group) == list(range(9))
    assert sorted(map(len, tiling.alike)) == [1, 8]
    bordered = Tiling(torch.ones(12, 12, dtype=torch.bool), 4, 2)  # land around the domain lies in the overlap
    assert [4] in bordered.alike
    assert len(bordered.alike) == 9


@pytest.mark.parametrize("periodic", [("x",), ("y", "x")])
@pytest.mark.parametrize(("inner", "overlap", "blend"), [(4, 2, 0), (4, 2, 2), (8, 6, 3)])
def test_tiles_of_a_domain_that_closes_reach_to_the_other_side(periodic, inner, overlap, blend):
    tiling = Tiling(torch.ones(8, 16, dtype=torch.bool), inner, overlap, blend, periodic)
    field = torch.randn(2, 8, 16)
    tiles = [tiling.cut(field, k) for k in range(len(tiling.corners))]
    torch.testing.assert_close(tiles[0][:, overlap:-overlap, :overlap], field[:, :inner, -overlap:])
    torch.testing.assert_close(stitched(tiling, tiles), field)


def test_a_domain_that_closes_is_cut_into_whole_tiles():
    with pytest.raises(ConfigError, match="10 cells that closes along x"):
        Tiling(torch.ones(8, 10, dtype=torch.bool), 4, 1, 0, ("x",))
