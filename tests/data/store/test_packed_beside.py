"""Packed records beside the store: packed once for all trainings that need the same, and for no others."""

import numpy as np
import pytest

from halocline.data.fields.degree_days import DegreeDays
from halocline.data.sampling import packed, packed_beside
from halocline.data.sampling.packed_beside import pack_where, shared_folder
from halocline.data.store.store import open_store
from tests.surrogate_toy import FORCING, STATE, surrogate_store

WINDOWS = DegreeDays((2,))


@pytest.fixture
def store(tmp_path):
    return open_store(surrogate_store(tmp_path / "s.zarr"))


def test_one_copy_serves_all_trainings_that_need_the_same(store, tmp_path, monkeypatch):
    written, kept = [], packed._write
    monkeypatch.setattr(packed, "_write", lambda *a, **k: written.append(1) or kept(*a, **k))
    works = [tmp_path / name for name in "abc"]
    for work in works:
        work.mkdir()
    own = pack_where(store, STATE, FORCING, WINDOWS, 12, works[0], shared=False)
    first = pack_where(store, STATE, FORCING, WINDOWS, 12, works[1], shared=True)
    again = pack_where(store, STATE, FORCING, WINDOWS, 12, works[2], shared=False)  # it is there, so it is taken
    assert len(written) == 2
    for records in (first, again):
        np.testing.assert_array_equal(records.values, own.values)
        assert records.statistics == own.statistics
    assert not list(works[1].iterdir()) + list(works[2].iterdir())
    assert [p.name for p in works[0].iterdir()].count("records.npy") == 1
    assert not list((tmp_path / "s.zarr.packed").glob(".*"))
    pack_where(store, STATE, FORCING, WINDOWS, 12, works[0], shared=True)  # what was begun on its own goes on so
    assert len(written) == 2


def test_its_name_is_of_all_that_decides(store, tmp_path):
    words = [(STATE, FORCING, WINDOWS, 12), (STATE[:2], FORCING, WINDOWS, 12), (STATE, FORCING, DegreeDays((3,)), 12)]
    names = {shared_folder(store, *each) for each in [*words, (STATE, FORCING, WINDOWS, 24)]}
    names.add(shared_folder(store, *words[0], unknown={"pdd_2": 1.0}))
    assert len(names) == 5
    assert all(name.parent == tmp_path / "s.zarr.packed" for name in names)
    assert packed_beside.shared_folder(store, *words[0]) in names
