"""The store: what is written is read, damage is found, statistics are of training years and wet cells only."""

import shutil

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from halocline.data.files.states import open_states
from halocline.data.grids.grid import Grid
from halocline.data.store.share_out import default_splits
from halocline.data.store.splits import samples_of
from halocline.data.store.statistics import verify_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store, cut_mantissa
from halocline.runtime.errors import InputError, OutputError, StoreError
from tests.toy import CHANNELS, toy_grid, toy_sample


@given(st.floats(0, 1, width=32, allow_subnormal=False))
def test_cutting_the_mantissa_never_crosses_a_bound(value):
    cut = float(cut_mantissa(np.array([value], np.float32))[0])
    assert (cut == 0) == (value == 0)
    assert (cut == 1) == (value == 1)
    assert value * (1 - 2**-13) <= cut <= value


def test_what_is_written_is_read(store):
    grid = toy_grid()
    values = store.read(1, 3)
    expected = np.where(grid.mask, cut_mantissa(toy_sample(grid, 15, 1, 3)), 0)
    np.testing.assert_array_equal(values, expected)


def test_grid_survives(store):
    assert store.grid.fingerprint() == toy_grid().fingerprint()
    assert Grid.from_dataset(toy_grid().to_dataset()).fingerprint() == toy_grid().fingerprint()


def test_fingerprint_depends_on_the_mask():
    changed = toy_grid().to_dataset()
    changed["mask"].values[5, 5] ^= 1
    assert Grid.from_dataset(changed).fingerprint() != toy_grid().fingerprint()


def test_statistics_are_those_of_training_years_and_wet_cells(store):
    wet = np.stack([store.read(*pair)[:, store.grid.mask] for pair in samples_of(store, "train")]).astype(np.float64)
    for k, name in enumerate(store.channels):
        assert store.statistics[name]["mean"] == pytest.approx(wet[:, k].mean(), rel=1e-10)
        assert store.statistics[name]["std"] == pytest.approx(wet[:, k].std(ddof=1), rel=1e-10)
    assert store.statistics["sic"]["share_at_lower"] == pytest.approx((wet[:, 1] == 0).mean())


@pytest.mark.parametrize(("members", "years"), [(1, 3), (2, 10), (4, 1), (5, 2)])
def test_splits_share_no_year_and_lose_none(members, years):
    splits = default_splits(members, years)
    pairs = [p for part in splits.values() for p in part]
    assert len(pairs) == len(set(pairs)) == members * years
    assert all(splits.values())


def test_too_few_years_to_split_is_refused():
    with pytest.raises(InputError, match="3 years"):
        default_splits(2, 2)


def test_two_times_ten_years_gives_16_2_2():
    assert [len(v) for v in default_splits(2, 10).values()] == [2, 2, 16] or [
        len(default_splits(2, 10)[s]) for s in ("train", "validation", "test")
    ] == [16, 2, 2]


def test_xarray_reads_the_store_with_times(store_path):
    dataset = xr.open_zarr(store_path, consolidated=False)
    assert dataset["states"].dims == ("member", "time", "channel", "y", "x")
    assert str(dataset["time"].values[1]) == "2000-01-06 00:00:00"
    lazy = open_states(store_path)
    assert lazy["sic"].attrs["units"] == "1"
    assert lazy["sic"].sizes["time"] == dataset.sizes["time"]


@pytest.fixture
def copy(store_path, tmp_path):
    return shutil.copytree(store_path, tmp_path / "copy.zarr")


def test_a_flipped_bit_in_a_chunk_is_found(copy):
    chunk = copy / "states" / "c" / "0" / "4" / "0" / "0" / "0"
    for place in (5, 100, -3):
        content = bytearray(chunk.read_bytes())
        content[place] ^= 4
        chunk.write_bytes(content)
        with pytest.raises(StoreError, match="member 0, time 4"):
            open_store(copy).read(0, 4)
        content[place] ^= 4
        chunk.write_bytes(content)
    assert verify_store(copy)


def test_many_samples_at_once_are_those_one_by_one_and_as_strict(copy):
    store = open_store(copy)
    one_by_one = np.stack([store.read(1, index) for index in range(len(store.hours))])
    np.testing.assert_array_equal(store.read_range(1, 2, 5), one_by_one[2:5])
    firsts, blocks = zip(*store.blocks(1), strict=True)
    assert firsts[0] == 0
    np.testing.assert_array_equal(np.concatenate(blocks), one_by_one)
    (copy / "states" / "c" / "0" / "4" / "0" / "0" / "0").unlink()
    with pytest.raises(StoreError, match=r"member 0, time 4.*\n?.*missing chunk"):
        store.read_range(0, 0, 6)


def test_a_missing_or_truncated_chunk_is_found(copy):
    chunk = copy / "states" / "c" / "0" / "4" / "0" / "0" / "0"
    chunk.write_bytes(chunk.read_bytes()[:50])
    with pytest.raises(StoreError, match="cannot be read"):
        open_store(copy).read(0, 4)
    chunk.unlink()
    with pytest.raises(StoreError, match="missing chunk"):
        open_store(copy).read(0, 4)


def test_a_missing_array_is_found(copy):
    shutil.rmtree(copy / "mask")
    with pytest.raises(StoreError):
        open_store(copy)


def test_no_store_and_another_version_are_explained(tmp_path, copy):
    with pytest.raises(StoreError, match="nothing at this path"):
        open_store(tmp_path / "absent.zarr")
    text = (copy / "zarr.json").read_text()
    (copy / "zarr.json").write_text(text.replace('"halocline_store": 1', '"halocline_store": 99'))
    shutil.rmtree(copy / "seal")
    with pytest.raises(StoreError, match="version 99"):
        open_store(copy)


def test_an_unfinished_store_is_not_read_by_accident(tmp_path):
    path = tmp_path / "part.zarr"
    create_store(path, toy_grid(), CHANNELS, 1, np.arange(0, 8760, 24), {})
    with pytest.raises(StoreError, match="unfinished"):
        open_store(path)
    with pytest.raises(OutputError, match="exists"):
        create_store(path, toy_grid(), CHANNELS, 1, np.arange(3), {})


def test_nan_on_ocean_cells_is_not_written(tmp_path):
    path = tmp_path / "part.zarr"
    grid = toy_grid()
    create_store(path, grid, CHANNELS, 1, np.arange(0, 8760, 24), {})
    values = toy_sample(grid, 0)
    values[0, 8, 3] = np.nan
    with pytest.raises(StoreError, match="not finite"):
        StoreWriter(path).write(0, 0, values)
