"""Slab by slab: the store of a killed import is that of one that was left alone; times, cells and files are told."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import halocline as hl
from halocline.bridge.importing import fill, job, slabs
from halocline.data.fields.variables import variable
from halocline.data.grids.remap.coarse import coarse
from halocline.data.store.statistics import finish_store, verify_store
from halocline.data.store.store import open_store
from halocline.runtime.errors import InputError, OutputError
from halocline.worlds.arctic.domain import arctic_grid
from tests.toy import toy_grid, toy_sample

NAMES = ("sit", "sic", "sid", "siu", "siv")


def write_file(path, days, n=16, **more):
    """A file of toy states, a record a day given."""
    grid = toy_grid(n, 6.4e6 / n)
    states = np.stack([toy_sample(grid, int(day) % 365, int(day)) for day in days])
    dataset = grid.to_dataset()
    dataset["time"] = ("time", np.asarray(days, float), {"units": "days since 2000-01-01", "calendar": "noleap"})
    for k, name in enumerate(NAMES):
        dataset[name] = (("time", "y", "x"), np.where(grid.mask, states[:, k], np.nan), variable(name).attributes())
    dataset.assign(**more).to_netcdf(path)
    return path


@pytest.fixture
def months(tmp_path):
    """Three years, a state every thirty days, five files; the order of their names is not that of time."""
    days = np.arange(0, 3 * 365, 30)
    return [write_file(tmp_path / f"{5 - k}.nc", part) for k, part in enumerate(np.array_split(days, 5))]


@pytest.fixture
def small_slabs(monkeypatch):
    """Slabs of four records."""
    monkeypatch.setattr(slabs, "SLAB_BYTES", 4 * 4 * len(NAMES) * 256)


def content(store):
    """All bytes of a store, by file."""
    return {str(p.relative_to(store)): p.read_bytes() for p in sorted(store.rglob("*")) if p.is_file()}


class Killed(BaseException):
    """As abrupt as a kill: nothing of the import's own can catch it."""


def killed_at(monkeypatch, sample):
    """Let the import end when it is about to write this sample."""
    write = job.fill_store.__globals__["StoreWriter"].write

    def dies(self, member, index, values):
        if index == sample:
            raise Killed
        return write(self, member, index, values)

    monkeypatch.setattr("halocline.data.store.filling.StoreWriter.write", dies)


def dies_at_once(*_):
    raise Killed


def test_an_import_that_was_killed_after_its_last_rename_is_tidied_up(months, tmp_path, monkeypatch):
    out = tmp_path / "S.zarr"
    with monkeypatch.context() as patch:
        patch.setattr("halocline.bridge.importing.unfinished.Unfinished.tidy", dies_at_once)
        with pytest.raises(Killed):
            hl.import_files(months, out)
    assert (tmp_path / ".S.zarr.import").exists()
    before = content(out)
    hl.import_files(months, out)
    assert content(out) == before
    assert not (tmp_path / ".S.zarr.import").exists()
    with pytest.raises(OutputError, match="exists already"):
        hl.import_files(months, out)


def test_a_killed_import_goes_on_and_ends_on_the_same_bytes(months, small_slabs, tmp_path, monkeypatch):
    hl.import_files(months, tmp_path / "whole.zarr")
    reads = []
    for sample in (0, 7, 20, 36):
        with monkeypatch.context() as patch:
            killed_at(patch, sample)
            with pytest.raises(Killed):
                hl.import_files(months, tmp_path / "parts.zarr")
        assert not (tmp_path / "parts.zarr").exists()
        assert len(list((tmp_path / ".parts.zarr.import/store/states/c/0").glob("*"))) == sample
    states_of = fill.states_of
    monkeypatch.setattr(fill, "states_of", lambda *given: reads.append(given) or states_of(*given))
    hl.import_files(months, tmp_path / "parts.zarr")
    assert len(reads) == 1  # of the last slab alone
    assert content(tmp_path / "parts.zarr") == content(tmp_path / "whole.zarr")
    assert not list(tmp_path.glob(".parts*"))


def test_statistics_of_one_pass_are_those_of_a_second(months, small_slabs, tmp_path):
    store = hl.import_files(months, tmp_path / "s.zarr")
    assert verify_store(tmp_path / "s.zarr")
    finish_store(tmp_path / "s.zarr")
    assert open_store(tmp_path / "s.zarr").statistics == store.statistics
    sic = np.concatenate([store.read(0, k)[1][store.grid.mask] for k in range(13)]).astype(float)
    assert store.statistics["sic"]["mean"] == pytest.approx(sic.mean(), rel=1e-10)
    assert store.statistics["sic"]["std"] == pytest.approx(sic.std(ddof=1), rel=1e-10)
    assert store.statistics["sic"]["share_at_upper"] == pytest.approx((sic == 1).mean())


def test_a_damaged_or_half_written_state_is_written_again(months, small_slabs, tmp_path, monkeypatch):
    hl.import_files(months, tmp_path / "whole.zarr")
    with monkeypatch.context() as patch:
        killed_at(patch, 30)
        with pytest.raises(Killed):
            hl.import_files(months, tmp_path / "p.zarr")
    folder = tmp_path / ".p.zarr.import/store/states/c/0"
    chunk = folder / "3/0/0/0"
    chunk.write_bytes(chunk.read_bytes()[:40])
    (folder / "20/0/0/0").unlink()
    (tmp_path / ".p.zarr.import/notes.jsonl").open("a").write('[30, [{"ki')
    hl.import_files(months, tmp_path / "p.zarr")
    assert content(tmp_path / "p.zarr") == content(tmp_path / "whole.zarr")


def test_another_command_and_other_files_are_refused_by_name(months, small_slabs, tmp_path, monkeypatch):
    out = tmp_path / "p.zarr"
    with monkeypatch.context() as patch:
        killed_at(patch, 15)
        with pytest.raises(Killed):
            hl.import_files(months, out)
    with pytest.raises(OutputError, match=r"coarsen = 1; expected coarsen = 2.*remove .*\.p\.zarr\.import"):
        hl.import_files(months, out, coarsen=2)
    with pytest.raises(OutputError, match=r"no .*1\.nc"):
        hl.import_files(months[:-1], out)
    extra = write_file(tmp_path / "9.nc", [1110])
    with pytest.raises(OutputError, match=r"9\.nc that was not among them"):
        hl.import_files([*months, extra], out)
    os.utime(months[1], (1, 1))
    with pytest.raises(OutputError, match=r"4\.nc that has changed"):
        hl.import_files(months, out)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_command_goes_on(how, months, tmp_path):
    slow = (
        "import itertools, os, sys, time; from halocline.bridge.importing import fill, slabs; slabs.SLAB_BYTES = 1\n"
        "from halocline.runtime.processes import signals; signals.GRACE_S = 300\n"
        "old, number = fill.states_of, itertools.count()\n"
        "fill.states_of = lambda *a: (time.sleep(600 * (str(next(number)) == os.environ.get('STAY'))), old(*a))[1]\n"
        "from halocline.cli import main; sys.argv[0] = 'halocline'; main()"
    )
    command = [sys.executable, "-c", slow, "import", "cf", *map(str, months), "--out", str(tmp_path / "s.zarr")]
    heard = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731 - a shell's background jobs ignore it
    stay = os.environ | {"STAY": "12"}
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heard, env=stay)
    done = tmp_path / ".s.zarr.import/store/states/c/0"
    while not (done.exists() and len(list(done.iterdir())) > 10):
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.01)
    running.send_signal(how)
    _, words = running.communicate(timeout=300)
    assert running.returncode == (130 if how == signal.SIGINT else -9)
    assert ("the same command goes on" in words) == (how == signal.SIGINT)
    assert not (tmp_path / "s.zarr").exists()
    subprocess.run([*command, "--quiet"], check=True, capture_output=True)
    hl.import_files(months, tmp_path / "whole.zarr")
    assert content(tmp_path / "s.zarr") == content(tmp_path / "whole.zarr")


def test_gaps_and_times_that_come_twice_are_refused_or_listed(tmp_path):
    files = [write_file(tmp_path / f"{k}.nc", days) for k, days in enumerate((range(0, 5), range(4, 9), range(12, 20)))]
    with pytest.raises(InputError, match=r"1 time that comes twice: 2000-01-05 00:00 \(0.nc, 1.nc\)"):
        hl.import_files(files, tmp_path / "s.zarr")
    with pytest.raises(
        InputError, match=r"1 gap in steps of 24 hours: 2000-01-09 00:00 to 2000-01-13 00:00.*--gaps list"
    ):
        hl.import_files(files[1:], tmp_path / "s.zarr")
    assert not list(tmp_path.glob("*s.zarr*"))
    store = hl.import_files(files, tmp_path / "s.zarr", gaps="list")
    assert (store.hours // 24).tolist() == [*range(9), *range(12, 20)]
    notes = " ".join(store.attributes["provenance"]["notes"])
    assert "comes twice" in notes
    assert "1 gap" in notes


def test_leap_days_stay_and_calendars_do(tmp_path):
    path = write_file(tmp_path / "a.nc", range(55, 65))
    leap = xr.load_dataset(path, decode_times=False)
    leap["time"].attrs["calendar"] = "standard"
    leap.to_netcdf(tmp_path / "leap.nc")
    store = hl.import_files(tmp_path / "leap.nc", tmp_path / "s.zarr")
    assert (store.calendar, store.hours[4]) == ("standard", 59 * 24)  # 29 February
    without = hl.import_files(tmp_path / "leap.nc", tmp_path / "n.zarr", calendar="noleap")
    assert len(without.hours) == 9
    assert any(
        "1 records on days that the calendar noleap does not have" in n
        for n in without.attributes["provenance"]["notes"]
    )
    with pytest.raises(InputError, match="noleap and standard"):
        hl.import_files([path, tmp_path / "leap.nc"], tmp_path / "m.zarr")


def test_files_that_take_turns_in_time(tmp_path):
    """Even days in one file, odd days in another."""
    files = [write_file(tmp_path / f"{k}.nc", range(k, 20, 2)) for k in (1, 0)]
    both = hl.import_files(files, tmp_path / "s.zarr")
    whole = hl.import_files(write_file(tmp_path / "w.nc", range(20)), tmp_path / "w.zarr")
    assert both.fingerprint == whole.fingerprint


def test_states_come_to_another_grid(months, small_slabs, tmp_path):
    """Volume stays where both grids are ocean; the notes tell what was done to coasts."""
    store = hl.import_files(months, tmp_path / "s.zarr", grid="arctic-100km")
    source = hl.import_files(months, tmp_path / "own.zarr")
    assert store.grid.shape == (64, 64)
    assert (store.grid.mask <= arctic_grid(100).mask).all()
    notes = store.attributes["provenance"]["notes"]
    assert any("conservatively to arctic-100km" in note for note in notes)
    coast = hl.import_files(months, tmp_path / "land.zarr", grid="arctic-100km", coast="land")
    assert coast.grid.mask.sum() < store.grid.mask.sum()
    ones = coast.read(0, 0)[1]
    assert ones.max() == 1
    with pytest.raises(InputError, match="no such name and no such file"):
        hl.import_files(months, tmp_path / "x.zarr", grid="arctic-10km")
    same = hl.import_files(months, tmp_path / "same.zarr", grid=tmp_path / "own.zarr")
    assert same.grid.is_same_as(source.grid.fingerprint())
    for k in (0, 20):
        np.testing.assert_allclose(same.read(0, k), source.read(0, k), atol=2e-4)


def test_states_are_cropped_and_coarsened(months, small_slabs, tmp_path):
    own = hl.import_files(months, tmp_path / "own.zarr")
    store = hl.import_files(months, tmp_path / "s.zarr", crop="4:16,0:16", coarsen=2)
    assert store.grid.shape == (6, 8)
    part = replace(own.grid, **{n: getattr(own.grid, n)[4:] for n in ("lat", "lon", "area", "mask")}, y=own.grid.y[4:])
    wanted = coarse(part, 2)(own.read(0, 5)[:, 4:], own.channels)
    np.testing.assert_allclose(store.read(0, 5), wanted, rtol=4e-4, atol=1e-5)
    assert any("2 x 2" in note for note in store.attributes["provenance"]["notes"])


def test_rows_from_the_top_down_are_turned_in_every_slab(months, small_slabs, tmp_path):
    whole = hl.import_files(months, tmp_path / "whole.zarr")
    for path in months:
        xr.load_dataset(path, decode_times=False).isel(y=slice(None, None, -1)).to_netcdf(path)
    turned = hl.import_files(months, tmp_path / "t.zarr")
    assert turned.fingerprint == whole.fingerprint
    assert any("y decreasing" in note for note in turned.attributes["provenance"]["notes"])


def test_a_file_of_another_grid_is_found_late_and_what_was_written_stays(months, small_slabs, tmp_path):
    other = write_file(months[-1], range(870, 1090, 30), n=20)
    with pytest.raises(InputError, match=rf"grid in {other.name}.*y, x = 20, 20"):
        hl.import_files(months, tmp_path / "s.zarr", gaps="list")
    assert (tmp_path / ".s.zarr.import").exists()


def test_runs_end_where_files_pack_records_together(monkeypatch):
    from halocline.bridge.importing.timeline import Timeline

    line = Timeline(np.arange(23), "noleap", np.zeros(23, int), np.arange(2, 25), ())
    monkeypatch.setattr(slabs, "SLAB_BYTES", 700)
    sizes = lambda chunk: [(run.first, run.size) for run in slabs.runs(line, 100, [chunk])]  # noqa: E731
    assert sizes(1) == [(2, 7), (9, 7), (16, 7), (23, 2)]
    assert sizes(5) == [(2, 3), (5, 5), (10, 5), (15, 5), (20, 5)]
    assert sizes(12) == [(2, 10), (12, 12), (24, 1)]
    assert sum(size for _, size in sizes(12)) == 23


def test_roles_and_parameters_of_all_members_reach_the_store(tmp_path, small_slabs):
    file = write_file(tmp_path / "one.nc", range(0, 12))
    one = xr.open_dataset(file, decode_times=False)
    states = [name for name in NAMES if "time" in one[name].dims]
    many = one.assign({name: xr.concat([one[name]] * 4, "member") for name in states})
    many = many.assign_coords(
        warming=("member", [0.0, 0.5, 1.0, 1.5], {"forcing": "1", "units": "K"}),
        role=("member", ["train", "validation", "interior", "end"]),
    )
    many.to_netcdf(tmp_path / "many.nc")
    store = hl.import_files(tmp_path / "many.nc", tmp_path / "s.zarr", splits="members")
    assert store.members == 4
    np.testing.assert_array_equal(store.parameters["warming"], [0.0, 0.5, 1.0, 1.5])
    assert list(store.roles) == ["train", "validation", "interior", "end"]
