"""Pairs, degree days, residual space, patches."""

import hashlib
import warnings

import numpy as np
import pytest

from halocline.data.codecs.residual import ResidualCodec
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.symmetries import Symmetry
from halocline.data.fields.variables import variable
from halocline.data.sampling.packed import DamagedRecords, pack, pairs_of, read_packed
from halocline.data.sampling.patches import Patches, _inner_share
from halocline.data.store.store import open_store
from halocline.runtime import files
from halocline.runtime.errors import InputError
from halocline.runtime.seals.json_object import write_json
from tests.surrogate_toy import FORCING, STATE, surrogate_store

WINDOWS = DegreeDays((2, 5))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return open_store(surrogate_store(tmp_path_factory.mktemp("toy") / "s.zarr", steps=10))


@pytest.fixture(scope="module")
def records(store, tmp_path_factory):
    return pack(store, STATE, FORCING, WINDOWS, 12, tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def codec(records):
    s = records.statistics
    return ResidualCodec(
        tuple(map(variable, STATE)), FORCING, WINDOWS, True, True, 12, s["mean"], s["std"], s["change"]
    )


def test_pairs_stay_in_their_split_and_twelve_hours_apart(store):
    seen = {}
    for split in ("train", "validation", "test"):
        pairs = pairs_of(store, split, 12)
        assert (np.diff(store.hours[pairs % len(store.hours)], axis=1) == 12).all()
        assert (pairs[:, 0] // len(store.hours) == pairs[:, 1] // len(store.hours)).all()
        seen[split] = set(pairs.ravel().tolist())
    assert not seen["train"] & seen["test"]
    assert len(pairs_of(store, "train", 12)) == 2 * 9
    with pytest.raises(InputError, match="no two states 7 h apart"):
        pairs_of(store, "train", 7)


def test_packed_records_are_the_store_and_come_back_from_disk(store, records):
    np.testing.assert_array_equal(records.values[13, :10], store.read(0, 13)[:, store.grid.mask])
    assert records.hour(30 + 13) == store.hours[13]
    change = [(store.read(m, i + 1)[0] - store.read(m, i)[0])[store.grid.mask] for m in range(2) for i in range(9)]
    assert records.statistics["change"]["sit"] == pytest.approx(np.sqrt(np.mean(np.square(change))), rel=1e-5)


def test_members_packed_side_by_side_are_the_same_records(store, records, tmp_path):
    beside = pack(store, STATE, FORCING, WINDOWS, 12, tmp_path, workers=2)
    np.testing.assert_array_equal(beside.values, records.values)
    assert beside.statistics == records.statistics


def test_degree_days_against_the_definition():
    hours = np.arange(0, 480, 12)
    t2m = 271.35 + 10 * np.sin(hours / 50)[:, None] * np.ones(3)
    series = WINDOWS.series(hours, t2m)
    k = 25
    window = (hours > hours[k] - 120) & (hours <= hours[k])
    np.testing.assert_allclose(series[k, 2], np.maximum(t2m[window] - 271.35, 0).mean(0), atol=1e-4)
    np.testing.assert_allclose(series[k, 3], np.maximum(271.35 - t2m[window], 0).mean(0), atol=1e-4)


def test_a_whole_first_year_is_repeated_before_it():
    hours = np.arange(0, 2 * 8760, 24)
    t2m = (260 + hours // 24 % 365 * 0.1)[:, None]
    series = DegreeDays((30, 366)).series(hours, t2m)
    np.testing.assert_array_equal(series[0, :2], series[365, :2])


def test_residuals_come_back_exactly_at_the_bounds(records, codec):
    grid = records.grid
    states = np.zeros((2, 6, *grid.shape), np.float32)
    for k in range(2):
        states[k][:, grid.mask] = records.values[k, :6]
    now, later = states
    r = codec.residual(now, later, grid.mask)
    lower, upper = codec.bounds(now)
    back = codec.step(now, r, grid.mask)
    np.testing.assert_allclose(back, later, atol=1e-6)
    for k, name in enumerate(STATE):
        var = variable(name)
        for bound, limit in ((var.lower, lower), (var.upper, upper)):
            if bound is not None:
                there = (later[k] == bound) & grid.mask
                np.testing.assert_array_equal(r[k][there], limit[k][there])
                assert (back[k][there] == bound).all()
    assert ResidualCodec.from_card(codec.to_card()).to_card() == codec.to_card()


def test_patches_are_keyed_and_have_the_stated_parts(records, codec, store):
    patches = Patches(records, codec, pairs_of(store, "train", 12), 6, 1, (1, 2), True)
    one, two = patches.batch(3, "train", 7, 6), patches.batch(3, "train", 7, 6)
    for name in vars(one):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert one.fields.shape == (6, len(codec.given), 8, 8)
    assert one.labels.shape == (6, codec.labels_size)
    assert (one.weight[..., 0, :] == 0).all()
    assert (one.weight <= one.mask).all()
    assert (one.residual * (1 - one.mask) == 0).all()
    assert (one.residual >= one.lower - 1e-6).all()
    other = patches.batch(3, "train", 8, 6)
    assert not np.array_equal(one.fields, other.fields)


def test_an_unturned_patch_is_a_window_of_the_domain(records, codec, store):
    patches = Patches(records, codec, pairs_of(store, "train", 12), 6, 1, (1,), False)
    patch = patches._patch(0, 1, 1, 5, 6, Symmetry())
    mask = records.grid.mask[4:12, 5:13]
    np.testing.assert_array_equal(patch[4][0] > 0, mask)
    now, later = store.read(0, 0)[:6, 4:12, 5:13], store.read(0, 1)[:6, 4:12, 5:13]
    np.testing.assert_allclose(patch[0], codec.residual(now, later, mask), atol=1e-6)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_shares_of_ocean_against_counting(level):
    ocean = np.random.default_rng(0).random((20, 22)) > 0.15
    inner, overlap = 3, 1
    share = _inner_share(ocean, inner, overlap, level)
    side = (inner + 2 * overlap) * level
    assert share.shape == (20 - side + 1, 22 - side + 1)
    for y, x in ((0, 0), (2, 5), (share.shape[0] - 1, share.shape[1] - 1)):
        block = ocean[y : y + side, x : x + side].reshape(5, level, 5, level).all(axis=(1, 3))[1:4, 1:4]
        assert share[y, x] == pytest.approx(block.mean())


def test_a_store_without_weather_is_refused(store, tmp_path):
    with pytest.raises(InputError, match="'d2m'"):
        pack(store, STATE, ("d2m",), WINDOWS, 12, tmp_path)
    with pytest.raises(InputError, match="t2m"):
        pack(store, STATE, ("u10",), WINDOWS, 12, tmp_path)


@pytest.mark.parametrize("years", [0.4, 2.2])
def test_streamed_degree_days_are_the_whole_record_s_to_the_bit(years):
    """With and without a first year to repeat, over gaps, for windows longer than the record too."""
    rng = np.random.default_rng(1)
    hours = np.delete(np.arange(0, int(years * 8760), 24 * 5), [7, 8, 20])
    t2m = (265 + 10 * rng.standard_normal((len(hours), 6))).astype(np.float32)
    windows = DegreeDays((1, 30, 366))
    streamed = np.stack(list(windows.stream(hours, lambda n: t2m[n])))
    np.testing.assert_array_equal(streamed, windows.series(hours, t2m))
    assert streamed.dtype == np.float32


@pytest.mark.parametrize("how", ["bit", "cut", "gone", "statistics", "another store's"])
def test_damaged_records_are_told_and_packed_again(store, records, tmp_path, how):
    pack(store, STATE, FORCING, WINDOWS, 12, tmp_path)
    few, statistics = records.values[:2].copy(), records.statistics
    data, about = tmp_path / "records.npy", tmp_path / "records.json"
    before = data.read_bytes(), about.read_bytes()
    if how == "bit":
        data.write_bytes(before[0][:5000] + bytes([before[0][5000] ^ 16]) + before[0][5001:])
    elif how == "cut":
        data.write_bytes(before[0][:5000])
    elif how == "gone":
        data.unlink()
    elif how == "statistics":
        about.write_bytes(before[1].replace(b'"mean"', b'"meam"'))
    else:
        np.save(data, few)
        write_json(about, {**statistics, "records_sha256": [hashlib.sha256(few.data).hexdigest()]})
    with pytest.warns(DamagedRecords, match="packed again"):
        again = pack(store, STATE, FORCING, WINDOWS, 12, tmp_path)
    np.testing.assert_array_equal(again.values, records.values)
    assert (data.read_bytes(), about.read_bytes()) == before


def test_records_of_an_older_version_are_looked_at_as_it_noted_them(store, tmp_path):
    pack(store, STATE, FORCING, WINDOWS, 12, tmp_path)
    data, about = tmp_path / "records.npy", tmp_path / "records.json"
    write_json(about, {**read_packed(tmp_path), "records_sha256": files.sha256_of(data)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pack(store, STATE, FORCING, WINDOWS, 12, tmp_path)
    data.write_bytes(data.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(InputError, match="sha256"):
        read_packed(tmp_path)
