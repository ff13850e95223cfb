"""Independent work here, in processes, and on a dask cluster: the same files."""

import hashlib
import threading
import time

import pytest

from halocline.data.store.repack import repack_store
from halocline.runtime.errors import ConfigError, InputError
from halocline.runtime.processes.each import alone, each
from tests.toy import toy_store


def note(path, number):
    if number == 3:
        raise InputError("number", found=3, expected="another", remedy="Choose one.")
    (path / str(number)).write_text(str(number))


def content(folder):
    """The sha256 of every file by name."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_each_here(tmp_path):
    assert list(each(note, [(tmp_path, 0), (tmp_path, 1)])) == [0, 1]
    with pytest.raises(InputError, match="number: found 3"):
        list(each(note, [(tmp_path, 3), (tmp_path, 4)]))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0", "1"]


def test_each_on_a_cluster(tmp_path, cluster):
    assert sorted(each(note, [(tmp_path, 0), (tmp_path, 1)], dask=cluster)) == [0, 1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0", "1"]
    with pytest.raises(InputError, match="number: found 3"):
        list(each(note, [(tmp_path, 3)], dask=cluster))


def test_no_cluster_there(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("halocline.runtime.processes.each.CONNECT_S", 0.2)
    with pytest.raises(ConfigError, match=r"--dask tcp://127\.0\.0\.1:1: found no scheduler that answers"):
        list(each(note, [()], dask="tcp://127.0.0.1:1"))


def test_a_store_repacked_on_a_cluster_is_the_same_to_the_byte(tmp_path, cluster):
    store = toy_store(tmp_path / "toy.zarr", members=2, years=1, interval_days=30, n=8)
    repack_store(store, tmp_path / "here.zarr", quiet=True)
    repack_store(store, tmp_path / "there.zarr", dask=cluster, quiet=True)
    assert content(tmp_path / "here.zarr") == content(tmp_path / "there.zarr")


@pytest.mark.slow
def test_a_simulation_on_a_cluster_is_the_same_to_the_byte(tmp_path):
    distributed = pytest.importorskip("distributed")
    from halocline.worlds.arctic.run import simulate

    how = {"years": 1, "spinup_years": 0, "members": 2, "interval_hours": 24, "rheology": "freedrift", "quiet": True}
    simulate(tmp_path / "here.zarr", jobs=2, **how)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        simulate(tmp_path / "there.zarr", dask=cluster.scheduler_address, **how)
        repack_store(tmp_path / "there.zarr", tmp_path / "months.zarr", dask=cluster.scheduler_address, quiet=True)
    assert content(tmp_path / "here.zarr") == content(tmp_path / "there.zarr")
    repack_store(tmp_path / "here.zarr", tmp_path / "again.zarr", jobs=2, quiet=True)
    assert content(tmp_path / "again.zarr") == content(tmp_path / "months.zarr")


def test_threads_of_a_worker_take_turns():
    now, most = [], []

    def work():
        now.append(1)
        time.sleep(0.02)
        most.append(len(now))
        now.pop()

    threads = [threading.Thread(target=alone, args=(work,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]
