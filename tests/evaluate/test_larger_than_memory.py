"""States that are scored lie on disk: read little by little they have the scores that they have at once."""

import tracemalloc

import numpy as np
import pytest

from halocline.evaluate.engine import blocks, disk_states
from halocline.evaluate.engine.disk_states import DiskStates, batches
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.evaluate import evaluate
from halocline.evaluate.ice.families import copies
from halocline.evaluate.ice.histogram import _tails
from tests.evaluate.toy_arctic import CHANNELS, GRID, as_dataset, perfect


@pytest.fixture
def little_by_little(monkeypatch):
    """Batches of seven states and blocks of a third of the plane."""
    monkeypatch.setattr(disk_states, "BATCH_VALUES", 7 * len(CHANNELS) * GRID.mask.size)
    monkeypatch.setattr(blocks, "CELLS", GRID.mask.size // 3)
    monkeypatch.setattr(copies, "_VECTOR_VALUES", 3 * len(CHANNELS) * int(GRID.mask.sum()))


def on_disk(values):
    return DiskStates.of(values.shape, (values[k : k + 5] for k in range(0, len(values), 5)))


@pytest.mark.parametrize(
    "index",
    [
        3,
        -1,
        np.int64(2),
        slice(2, 9),
        slice(None, None, 4),
        slice(9, 2),
        [4, 0, 4],
        np.array([1]),
        (slice(1, 3), 0),
        (slice(None), 2, slice(3)),
        (2, 1),
        (..., 0),
        np.arange(12) % 3 == 0,
    ],
)
def test_it_is_indexed_as_an_array_is(index):
    values = np.random.default_rng(0).random((12, 3, 4, 5)).astype(np.float32)
    found = on_disk(values)[index]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, values[index])


def test_cells_of_all_states(monkeypatch):
    monkeypatch.setattr(blocks, "CELLS", 7)
    values = np.random.default_rng(1).random((6, 2, 4, 5)).astype(np.float32)
    mask = np.random.default_rng(2).random((4, 5)) > 0.4
    for states in (values, on_disk(values)):
        pieces = [(block.channel, block.wet, block.of(states)) for block in blocks.blocks_of(mask, (0, 1))]
        for channel in (0, 1):
            found = np.concatenate([piece for at, _, piece in pieces if at == channel], axis=1)
            np.testing.assert_array_equal(found, values[:, channel][:, mask])
            assert next(w.start for c, w, _ in pieces if c == channel) == 0
            assert [w.stop for c, w, _ in pieces if c == channel][-1] == mask.sum()


def test_scores_are_those_of_one_batch_to_rounding(reference, good_card, little_by_little):
    found = evaluate(as_dataset(perfect(64)), reference)
    assert len(found.rows) == len(good_card.rows)
    for row, known in zip(found.rows, good_card.rows, strict=True):
        assert (row.id, row.variable) == (known.id, known.variable)
        numbers = ("value", "low", "high", "floor", "floor_low", "floor_high")
        for name in numbers:
            assert getattr(row, name) == pytest.approx(getattr(known, name), rel=1e-5, abs=1e-12, nan_ok=True), row.id
    for name, picture in found.pictures.histograms.items():
        np.testing.assert_allclose(picture.edges, good_card.pictures.histograms[name].edges, rtol=1e-6)


def test_tails_are_the_quantiles(little_by_little):
    values = perfect(40)
    covers = [IceCover(part, GRID, CHANNELS) for part in (on_disk(values[:25]), on_disk(values[25:]))]
    wet = values[:, 0][:, GRID.mask]
    assert _tails(covers, "sit", (0.0,)) == pytest.approx(np.quantile(wet[wet != 0], [0.0005, 0.9995]), rel=1e-6)
    assert _tails(covers, "sit", tuple(np.unique(wet))) == (0.0, 1.0)


def test_memory_holds_a_batch_whatever_the_number_of_states(little_by_little):
    states = DiskStates.of((400, 2, 60, 60), (np.ones((1, 2, 60, 60), np.float32) for _ in range(400)))
    tracemalloc.start()
    try:
        total = sum(float(states[part].sum()) for part in batches(states))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 400 * 2 * 3600
    assert peak < 4 * disk_states.BATCH_VALUES * 4 < 400 * 2 * 3600 * 4 / 2


def test_no_room_for_temporary_files_is_said(reference, tmp_path, monkeypatch):
    from halocline.runtime.errors import OutputError

    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="file"):
        evaluate(as_dataset(perfect(8)), reference)
