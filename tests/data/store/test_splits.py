"""Splits: whole years without their ends, blocks with gaps, dates; nothing that reads them crosses a boundary."""

import json
import warnings

import numpy as np
import pytest

from halocline.chain.forecast.starts import starts_of_store
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.sampling.packed import pack, pairs_of
from halocline.data.store.from_dataset import LostParameters, write_store
from halocline.data.store.share_out import ThinSplits
from halocline.data.store.splits import SPLITS, by_member_year, has_split, limits_of, samples_of
from halocline.data.store.years import begin_of_years, whole_years
from halocline.runtime.errors import ConfigError, InputError
from tests.toy import CHANNELS, toy_grid, toy_sample

YEAR = 8760


def toy_states(hours, members=1, n=16):
    """Return states at hours since 2000-01-01 of a noleap year, as a user's dataset."""
    import cftime
    import xarray as xr

    from halocline.data.fields.calendar import TIME_UNITS
    from halocline.data.fields.variables import variable

    grid = toy_grid(n)
    values = np.stack([[toy_sample(grid, int(h) // 24 % 365, m, int(h)) for h in hours] for m in range(members)])
    dataset = grid.to_dataset()
    for k, name in enumerate(CHANNELS):
        field = np.where(grid.mask, values[:, :, k], np.nan).astype(np.float32)
        dataset[name] = (("member", "time", "y", "x"), field, variable(name).attributes())
    dates = cftime.num2date(hours, TIME_UNITS, calendar="noleap")
    return dataset.assign_coords(time=xr.CFTimeIndex(dates))


def written(path, hours, members=1, **how):
    """Return the store of toy states, its warnings left aside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ThinSplits)
        return write_store(toy_states(hours, members), path, **how)


@pytest.fixture(scope="module")
def blocks(tmp_path_factory):
    """Two members of 220 days, every second day, in blocks with gaps of ten days."""
    return written(tmp_path_factory.mktemp("short") / "b.zarr", np.arange(0, 220 * 24, 48), 2, splits="blocks")


def test_blocks_hold_their_shares_and_lie_a_gap_apart(blocks):
    hours = {split: blocks.hours[[i for _, i in samples_of(blocks, split)]] for split in SPLITS}
    assert all({m for m, _ in samples_of(blocks, split)} == {0, 1} for split in SPLITS)
    for before, after in (("train", "validation"), ("validation", "test")):
        assert 240 <= hours[after].min() - hours[before].max() < 240 + 2 * 48
    assert hours["train"].min() == 0
    assert hours["test"].max() == blocks.hours[-1]
    sizes = np.array([len(hours[split]) for split in SPLITS])
    np.testing.assert_allclose(sizes / sizes.sum(), [0.7, 0.15, 0.15], atol=0.02)


@pytest.mark.parametrize("gap", [0, 3])
def test_no_pair_of_states_crosses_a_boundary(tmp_path, gap):
    store = written(tmp_path / "s.zarr", np.arange(0, 60 * 24, 24), splits="blocks", gap_days=gap)
    of = {index: split for split in SPLITS for _, index in samples_of(store, split)}
    for split in SPLITS:
        pairs = pairs_of(store, split, 24)
        assert {of.get(int(record)) for record in pairs.ravel()} == {split}
        assert len(pairs) == len(samples_of(store, split)) - 1


def test_statistics_and_packed_statistics_are_of_the_train_block_alone(blocks, tmp_path):
    train = np.stack([blocks.read(*pair)[:, blocks.grid.mask] for pair in samples_of(blocks, "train")]).astype(float)
    assert blocks.statistics["sit"]["mean"] == pytest.approx(train[:, 0].mean(), rel=1e-10)
    assert blocks.statistics["sic"]["max"] == train[:, 1].max()
    records = pack(blocks, CHANNELS, (), DegreeDays(()), 48, tmp_path)
    now = {tuple(pair) for pair in samples_of(blocks, "train")}
    last = {(m, max(i for k, i in now if k == m)) for m in (0, 1)}
    mean = np.mean([blocks.read(*pair)[0, blocks.grid.mask] for pair in now - last])
    assert records.statistics["mean"]["sit"] == pytest.approx(mean, rel=1e-5)


def test_forecasts_stay_in_the_block_over_their_whole_length(blocks):
    inside = set(samples_of(blocks, "test"))
    days = 14
    starts, _ = starts_of_store(blocks.path, CHANNELS, 100, "test", days * 24, [], 0)
    assert starts
    for start in starts:
        assert all((start.store_member, start.index + k) in inside for k in range(days // 2 + 1))
    with pytest.raises(InputError, match="no state that the same split"):
        starts_of_store(blocks.path, CHANNELS, 1, "test", 60 * 24, [], 0)


def test_forecasts_do_not_run_through_what_lies_between_two_ranges(tmp_path):
    dates = {
        "train": [("2000-01-01", "2000-01-31"), ("2000-03-02", "2000-03-31")],
        "validation": ("2000-02-01", "2000-02-14"),
        "test": ("2000-02-15", "2000-03-01"),
    }
    store = written(tmp_path / "d.zarr", np.arange(0, 90 * 24, 24), splits=dates)
    assert [i for _, i in samples_of(store, "validation")] == list(range(31, 45))
    assert [i for _, i in samples_of(store, "train")] == [*range(31), *range(60, 90)]
    starts, _ = starts_of_store(store.path, CHANNELS, 1000, "train", 10 * 24, [], 0)
    assert [start.index for start in starts] == [*range(21), *range(60, 80)]
    with pytest.raises(InputError, match="no state that"):
        starts_of_store(store.path, CHANNELS, 1, "train", 60 * 24, [], 0)


def test_short_data_say_what_they_cannot_tell(tmp_path):
    with pytest.warns(ThinSplits) as caught:
        store = write_store(toy_states(np.arange(0, 220 * 24, 48)), tmp_path / "b.zarr", splits="blocks")
    words = " ".join(str(warning.message) for warning in caught)
    assert "lie in no split: gaps between blocks" in words
    assert "nothing of other seasons" in words
    assert "nothing of another year" in words
    assert limits_of(store) == [str(warning.message) for warning in caught]


def test_whole_years_and_members_have_no_limits(store):
    assert limits_of(store) == []


@pytest.mark.parametrize(
    ("first", "days", "whole"),
    [(0, 1.4 * 365, [0]), (0, 0.7 * 365, []), (0, 730, [0, 1]), (181, 549, [1]), (0, 3 * 365 + 200, [0, 1, 2])],
)
def test_a_part_of_a_year_is_no_whole_year(first, days, whole):
    hours = np.arange(first * 24, (first + int(days)) * 24, 24)
    assert whole_years(hours, "noleap") == whole


def test_years_begin_with_the_record_where_it_does_not_begin_in_january():
    hours = np.arange(181 * 24, (181 + 3 * 365) * 24, 24)
    assert begin_of_years(hours, "noleap") == 181 * 24
    assert whole_years(hours, "noleap", 181 * 24) == [0, 1, 2]
    assert begin_of_years(hours[:-300] - 181 * 24, "noleap") == 0


def test_winters_alone_are_whole_years_of_their_kind():
    days = np.arange(0, 4 * 365)
    winter = days[(days % 365 < 120) | (days % 365 > 300)]
    assert whole_years(winter * 24, "noleap") == [0, 1, 2, 3]
    assert whole_years(winter[winter < 3 * 365 + 60] * 24, "noleap") == [0, 1, 2]


def test_an_incomplete_last_year_is_in_no_split_and_that_is_said(tmp_path):
    hours = np.arange(0, 3 * YEAR + 150 * 24, 240)
    with pytest.warns(ThinSplits, match=r"15 of 125 states lie in no split: an incomplete year"):
        store = write_store(toy_states(hours), tmp_path / "s.zarr")
    assert store.attributes["splits"] == {"train": [[0, 0]], "validation": [[0, 1]], "test": [[0, 2]]}
    assert "years_begin" not in store.attributes


def test_a_store_of_one_and_a_half_years_is_not_split_by_years(tmp_path):
    with pytest.warns(ThinSplits, match="blocks"):
        store = write_store(toy_states(np.arange(0, 1.4 * YEAR, 240)), tmp_path / "s.zarr")
    assert not has_split(store, "test")
    assert len(samples_of(store, "train")) == len(store.hours)


def test_a_record_from_july_on_has_years_from_july_on(tmp_path):
    store = written(tmp_path / "s.zarr", np.arange(181 * 24, 181 * 24 + 3 * YEAR, 240))
    assert store.attributes["years_begin"] == 181 * 24
    years = by_member_year(store, samples_of(store, "test"))
    assert list(years) == [(0, 2)]
    assert limits_of(store) == []


def test_splits_are_written_as_numbers_that_old_stores_have_or_as_hours(blocks, store_path):
    old = json.loads((store_path / "zarr.json").read_text())["attributes"]["splits"]
    assert old["test"] == [[0, 2], [1, 2]]
    new = json.loads((blocks.path / "zarr.json").read_text())["attributes"]["splits"]
    assert all(len(entry) == 3 for entries in new.values() for entry in entries)


def test_what_cannot_be_shared_out_is_refused(tmp_path):
    states, path = toy_states(np.arange(0, 60 * 24, 48)), tmp_path / "s.zarr"
    with pytest.raises(InputError, match="at least two"):
        write_store(states, path, splits="blocks", gap_days=40)
    with pytest.raises(ConfigError, match="gap_days"):
        write_store(states, path, gap_days=5)
    with pytest.raises(ConfigError, match="no such splits"):
        write_store(states, path, splits="weeks")
    with pytest.raises(ConfigError, match="no such split"):
        write_store(states, path, splits={"testing": ("2000-01-01", "2000-01-31")})
    with pytest.raises(InputError, match="overlap"):
        write_store(states, path, splits={"train": ("2000-01-01", "2000-02-10"), "test": ("2000-02-10", "2000-02-20")})
    with pytest.raises(InputError, match="no state within"):
        write_store(states, path, splits={"train": ("2001-01-01", "2001-02-10")})
    with pytest.raises(InputError, match="the first and the last day"):
        write_store(states, path, splits={"train": ("2001-01-01",)})
    assert not path.exists()


def test_parameters_of_members_without_roles_are_told_to_be_left_out(tmp_path):
    states = toy_states(np.arange(0, 220 * 24, 48), 2).assign_coords(
        warming=("member", [0.0, 1.0], {"units": "K", "forcing": "1"})
    )
    with pytest.warns(LostParameters, match="warming are left out: members have no coordinate 'role'"):
        store = write_store(states, tmp_path / "l.zarr", splits="blocks")
    assert store.table is None
