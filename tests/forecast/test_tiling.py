"""Tiles: cut and stitched is what was there; land is left out."""

import pytest
import torch

from halocline.forecast.tiling import Tiling


@pytest.mark.parametrize("shape", [(16, 16), (13, 21), (5, 7)])
@pytest.mark.parametrize(("inner", "overlap", "blend"), [(8, 0, 0), (8, 2, 0), (8, 2, 2), (6, 3, 1), (32, 4, 2)])
def test_cut_and_stitched_is_the_same_field(shape, inner, overlap, blend):
    tiling = Tiling(torch.ones(shape, dtype=torch.bool), inner, overlap, blend)
    field = torch.randn(2, 3, *shape)
    padded = tiling.pad(field)
    tiles = torch.stack([tiling.cut(padded[m], k) for m in range(2) for k in range(len(tiling.corners))])
    assert tiles.shape[-2:] == (inner + 2 * overlap, inner + 2 * overlap)
    torch.testing.assert_close(tiling.stitch(tiles, 2), field)


def test_tiles_without_ocean_are_left_out_and_stay_zero():
    mask = torch.zeros(16, 16, dtype=torch.bool)
    mask[9:, 3] = True
    tiling = Tiling(mask, 8, 2, 1)
    assert tiling.corners == [(8, 0)]
    out = tiling.stitch(torch.ones(1, 1, 12, 12), 1)
    assert torch.isfinite(out).all()
    assert (out[0, 0][mask] == 1).all()
    assert (out[..., :4, :] == 0).all()


def test_a_hard_border_takes_each_cell_from_one_tile_and_a_soft_one_mixes():
    mask = torch.ones(8, 16, dtype=torch.bool)
    tiles = torch.stack([torch.zeros(1, 12, 12), torch.ones(1, 12, 12)])
    hard = Tiling(mask, 8, 2, 0).stitch(tiles, 1)[0, 0, 0]
    soft = Tiling(mask, 8, 2, 2).stitch(tiles, 1)[0, 0, 0]
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
