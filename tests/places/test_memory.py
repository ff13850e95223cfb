"""Outputs and inputs at an address, in fsspec's store in memory: whole or refused, whatever fails on the way."""

import json
import os
from pathlib import Path

import fsspec
import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import halocline as hl
from halocline.chain.dataset import write_dataset
from halocline.cli.main import app
from halocline.data.files.open import read_dataset
from halocline.data.store.store import open_store
from halocline.runtime.errors import ConfigError, HaloclineError, InputError, OutputError, StoreError
from halocline.runtime.places.address import WRITE, address_of, named
from halocline.runtime.places.arguments import reached
from halocline.runtime.places.copying import copy
from halocline.runtime.places.reading import all_at_hand, at_hand
from halocline.runtime.places.writing import staged, upload
from halocline.systems import shipped
from halocline.systems.config import load_config
from halocline.systems.initial import Initial


@pytest.fixture
def place(monkeypatch, tmp_path):
    """An address that nothing else uses; mirrors lie in the test's folder."""
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path / "scratch"))
    return f"memory://{os.urandom(6).hex()}"


@pytest.fixture
def memory():
    return fsspec.filesystem("memory")


def objects(memory, address):
    return sorted(memory.find(address.removeprefix("memory:/")))


def cut(memory, address, size=-3):
    memory.pipe_file(address.removeprefix("memory:/"), memory.cat_file(address.removeprefix("memory:/"))[:size])


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("s3:/bucket/x.zarr", "s3://bucket/x.zarr"),
        ("gs://b/x/", "gs://b/x"),
        ("https://a.b/c.nc", "https://a.b/c.nc"),
        ("memory://x", "memory://x"),
        ("C:/data", None),
        ("data/x.zarr", None),
        ("a: b", None),
    ],
)
def test_an_address_is_told_from_a_path(given, found):
    assert address_of(given) == found


def test_messages_name_the_address():
    text = "store /tmp/halocline-read-ab12cd_3/s3/bucket/dir/x.zarr, member 0; 'a /tmp/halocline-write-0/gs/b/y'"
    assert named(text) == "store s3://bucket/dir/x.zarr, member 0; 'a gs://b/y'"


def test_a_store_is_read_chunk_by_chunk(place, memory, store, store_path):
    copy(store_path, f"{place}/toy.zarr")
    found = hl.open_store(f"{place}/toy.zarr")
    assert not (found.path / "states" / "c").exists()
    assert found.fingerprint == store.fingerprint
    np.testing.assert_array_equal(found.read(1, 7), store.read(1, 7))
    np.testing.assert_array_equal(found.read_range(0, 3, 9), store.read_range(0, 3, 9))


def test_a_sharded_store_is_read_by_ranges(place, store, store_path, tmp_path):
    from halocline.data.store.repack import repack_store

    repack_store(store_path, tmp_path / "months.zarr")
    copy(tmp_path / "months.zarr", f"{place}/months.zarr")
    np.testing.assert_array_equal(hl.open_store(f"{place}/months.zarr").read(1, 7), store.read(1, 7))


def test_all_of_a_folder_can_be_copied_and_verified(place, memory, store_path, tmp_path):
    copy(store_path, f"{place}/toy.zarr")
    copy(f"{place}/toy.zarr", tmp_path / "back.zarr")
    names = sorted(p.relative_to(store_path) for p in store_path.rglob("*") if p.is_file())
    assert names == sorted(
        p.relative_to(tmp_path / "back.zarr") for p in (tmp_path / "back.zarr").rglob("*") if p.is_file()
    )
    assert f"{place.removeprefix('memory:/')}/toy.zarr.complete" in objects(memory, place)
    assert not [name for name in objects(memory, place) if name.endswith(".begun")]


def test_a_folder_without_its_marker_is_refused(place, memory, store_path):
    copy(store_path, f"{place}/toy.zarr")
    memory.rm(f"{place}/toy.zarr.complete")
    with pytest.raises(InputError, match=r"without the marker .*toy\.zarr\.complete.*halocline copy"):
        hl.open_store(f"{place}/toy.zarr")


def test_a_marker_that_was_changed_is_refused(place, memory, store_path):
    copy(store_path, f"{place}/toy.zarr")
    marker = json.loads(memory.cat_file(f"{place}/toy.zarr.complete"))
    marker["objects"]["zarr.json"] += 1
    memory.pipe_file(f"{place}/toy.zarr.complete", json.dumps(marker).encode())
    with pytest.raises(InputError, match="not as it was written"):
        at_hand(f"{place}/toy.zarr")


def test_a_truncated_object_is_told(place, memory, store_path):
    copy(store_path, f"{place}/toy.zarr")
    cut(memory, f"{place}/toy.zarr/states/c/0/4/0/0/0")
    store = hl.open_store(f"{place}/toy.zarr")
    store.read(0, 3)
    with pytest.raises(StoreError, match=rf"{place}/toy.zarr.*member 0, time 4.*bytes that were written"):
        store.read(0, 4)
    memory.rm(f"{place}/toy.zarr/states/c/0/5/0/0/0")
    with pytest.raises(StoreError, match="an object of 0 bytes"):
        store.read(0, 5)
    cut(memory, f"{place}/toy.zarr/lat/c/0/0")
    with pytest.raises(InputError, match=r"toy.zarr/lat/c/0/0: found an object of"):
        hl.open_store(f"{place}/toy.zarr")


def test_a_chunk_that_was_changed_is_told(place, memory, store_path):
    copy(store_path, f"{place}/toy.zarr")
    key = f"{place}/toy.zarr/states/c/0/4/0/0/0"
    data = bytearray(memory.cat_file(key))
    data[20] ^= 1
    memory.pipe_file(key, bytes(data))
    with pytest.raises(StoreError, match="member 0, time 4"):
        hl.open_store(f"{place}/toy.zarr").read(0, 4)


def test_nothing_at_an_address(place):
    with pytest.raises(StoreError, match=f"store {place}/none.zarr: found nothing at this path"):
        hl.open_store(f"{place}/none.zarr")
    with pytest.raises(HaloclineError, match=r"nosuch://x/y.*cannot be reached"):
        hl.open_store("nosuch://x/y")


def test_a_failing_upload_leaves_nothing_that_counts(place, memory, store_path, monkeypatch):
    put, count = type(memory).put_file, []

    def failing(self, *args, **kwargs):
        count.append(1)
        if len(count) == 20:
            raise OSError("the line is dead")
        return put(self, *args, **kwargs)

    monkeypatch.setattr(type(memory), "put_file", failing)
    with pytest.raises(OutputError, match=r"the line is dead.*halocline copy \S+toy.zarr memory://"):
        copy(store_path, f"{place}/toy.zarr")
    assert not memory.exists(f"{place}/toy.zarr.complete")
    with pytest.raises(InputError, match="without the marker"):
        hl.open_store(f"{place}/toy.zarr")
    copy(store_path, f"{place}/toy.zarr")
    assert hl.open_store(f"{place}/toy.zarr").read(0, 0).any()


def test_an_object_that_arrives_cut_is_no_success(place, memory, store_path, monkeypatch):
    put = type(memory).put_file

    def cutting(self, local, remote, *args, **kwargs):
        put(self, local, remote, *args, **kwargs)
        if remote.endswith("states/c/0/4/0/0/0"):
            cut(self, f"memory:/{remote}")

    monkeypatch.setattr(type(memory), "put_file", cutting)
    with pytest.raises(OutputError, match="an upload that failed"):
        copy(store_path, f"{place}/toy.zarr")
    assert not memory.exists(f"{place}/toy.zarr.complete")


def states(value=1.0):
    return xr.Dataset({"sic": (("member", "y", "x"), np.full((2, 3, 4), value, np.float32))})


@pytest.mark.parametrize("ending", ["nc", "zarr"])
def test_states_are_made_here_and_uploaded_whole(place, memory, ending):
    address = f"{place}/deep/states.{ending}"
    with staged(address) as local:
        write_dataset(states(), local)
        assert objects(memory, place) == [f"{address.removeprefix('memory:/')}.begun"]
    np.testing.assert_array_equal(read_dataset(at_hand(address))["sic"], 1.0)
    assert memory.exists(f"{address}.complete") == (ending == "zarr")
    with pytest.raises(OutputError, match="exists already"), staged(address):
        pytest.fail("not begun")


def test_one_run_at_a_time(place, memory, tmp_path):
    memory.pipe_file(f"{place}/states.zarr.begun", b"elsewhere 12 abc\n")
    with (
        pytest.raises(OutputError, match=r"another run at work there \(elsewhere 12 abc\).*remove"),
        staged(f"{place}/states.zarr"),
    ):
        pytest.fail("not begun")


def test_what_no_run_has_begun_is_not_mixed_with(place, memory):
    memory.pipe_file(f"{place}/states.zarr/notes.txt", b"mine")
    with pytest.raises(OutputError, match="no run of Halocline"), staged(f"{place}/states.zarr"):
        pytest.fail("not begun")


def test_a_broken_run_goes_on_and_one_that_made_nothing_leaves_nothing(place, memory):
    with pytest.raises(RuntimeError), staged(f"{place}/a.zarr"):
        raise RuntimeError
    assert objects(memory, place) == []
    with pytest.raises(FileExistsError), staged(f"{place}/a.zarr") as local:
        list(map(Path.mkdir, [local.parent / "a.zarr.unfinished"] * 2))
    assert memory.exists(f"{place}/a.zarr.begun")
    with staged(f"{place}/a.zarr") as local:
        assert (local.parent / "a.zarr.unfinished").is_dir()
        write_dataset(states(), local)
    assert memory.exists(f"{place}/a.zarr.complete")
    assert not memory.exists(f"{place}/a.zarr.begun")


def test_what_could_not_be_uploaded_waits(place, memory, monkeypatch):
    address = f"{place}/a.zarr"
    with monkeypatch.context() as broken:
        broken.setattr(type(memory), "put_file", lambda *args, **kwargs: (_ for _ in ()).throw(OSError("no line")))
        with pytest.raises(OutputError, match="no line") as failed, staged(address) as local:
            write_dataset(states(), local)
    source, to = failed.value.remedy.split("halocline copy ")[1].split()
    assert WRITE in source
    assert to == address
    with pytest.raises(OutputError, match="made, but not uploaded"), staged(address):
        pytest.fail("not begun")
    copy(source, to)
    np.testing.assert_array_equal(read_dataset(at_hand(address))["sic"], 1.0)


def test_two_uploads_do_not_meet(place, memory, tmp_path):
    write_dataset(states(), tmp_path / "a.zarr")
    upload(tmp_path / "a.zarr", f"{place}/a.zarr")
    with pytest.raises(OutputError, match="exists already"):
        upload(tmp_path / "a.zarr", f"{place}/a.zarr")


def test_what_is_not_supported_is_refused_in_words(place, monkeypatch):
    with pytest.raises(OutputError, match="web server"), staged("https://a.b/x.zarr"):
        pytest.fail("not begun")
    with (
        pytest.raises(ConfigError, match="one stroke"),
        reached({"out": f"{place}/x.nc", "overwrite": True}, writes=True),
    ):
        pytest.fail("not begun")
    with pytest.raises(ConfigError, match=r"output.*halocline copy"), reached({"out": f"{place}/x.nc"}, writes=False):
        pytest.fail("not begun")
    with pytest.raises(ConfigError, match="beside"), reached({"beside": [f"b={place}/x.zarr"]}, writes=False):
        pytest.fail("not begun")
    with pytest.raises(OutputError, match="the address of an object store"):
        write_dataset(states(), f"{place}/x.nc")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(OutputError, match="2 processes"), staged(f"{place}/x.zarr"):
        pytest.fail("not begun")


def test_another_programs_zarr_needs_no_marker(place, memory):
    states(2.0).to_zarr(f"{place}/era.zarr", zarr_format=3, consolidated=False)
    np.testing.assert_array_equal(read_dataset(at_hand(f"{place}/era.zarr"))["sic"], 2.0)


def test_files_by_pattern(place, memory):
    for name in ("a1.nc", "a2.nc", "b.nc"):
        memory.pipe_file(f"{place}/{name}", name.encode())
    found = all_at_hand(f"{place}/a*.nc")
    assert [path.read_bytes() for path in found] == [b"a1.nc", b"a2.nc"]


def test_a_model_is_loaded(place):
    copy(shipped.model_path("arctic-100km"), f"{place}/model")
    model = hl.load(f"{place}/model", device="cpu", precision="fp32").with_sampler(steps=1)
    states = model.generate(1, 0, quiet=True, out=f"{place}/drawn.zarr")
    initial = Initial.of(load_config(None, [], f"{place}/model"))
    assert initial.named == f"{place}/model"
    assert initial.sha256 == model.card["files"]["model.safetensors"]
    again = read_dataset(at_hand(f"{place}/drawn.zarr"))
    np.testing.assert_array_equal(again["sic"], states["sic"])


def test_commands_take_addresses(place, store_path, memory, tmp_path):
    copy(store_path, f"{place}/toy.zarr")
    run = CliRunner()
    shown = run.invoke(app, ["inspect", f"{place}/toy.zarr"], catch_exceptions=False)
    assert f"store {place}/toy.zarr" in shown.output
    what = ["persistence", "--start", f"{place}/toy.zarr", "--days", "1", "--members", "1", "--quiet"]
    what += ["--at", "2000-02-10"]
    made = run.invoke(app, ["forecast", *what, "--out", f"{place}/f.zarr"], catch_exceptions=False)
    assert f"Forecast written to {place}/f.zarr" in made.output
    assert read_dataset(at_hand(f"{place}/f.zarr")).attrs["complete"]
    packed = run.invoke(app, ["repack", f"{place}/toy.zarr", "--out", f"{place}/m.zarr", "--quiet"])
    assert packed.exit_code == 0, packed.output
    assert open_store(at_hand(f"{place}/m.zarr")).fingerprint == open_store(store_path).fingerprint
