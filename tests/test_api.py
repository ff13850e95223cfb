"""The front door as a user meets it: every public name, from a fresh interpreter, and cheap to import."""

import functools
import os
import resource
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import halocline as hl
from halocline.runtime.errors import ConfigError, InputError, OutputError
from tests.conftest import TOY_RECIPE

NAMES = [name for name in hl.__all__ if name != "__version__"]

# Every room below the front door, imported first: a room must not take the place of a function of the same name.
AFTER_ALL_ROOMS = """
import importlib, pkgutil, halocline
for module in pkgutil.walk_packages(halocline.__path__, "halocline."):
    if "__main__" not in module.name and ".dino.veros" not in module.name:  # a program of its own, with Veros
        importlib.import_module(module.name)
"""


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


BOTH_WAYS = """
import halocline
for name in {names}:
    exec(f"from halocline import {{name}} as found")
    assert callable(found) and callable(getattr(halocline, name)), name
"""


@pytest.mark.parametrize("first", ["evaluate", "score", "train"])
def test_names_are_callable_in_a_fresh_interpreter_whichever_comes_first(first):
    python(BOTH_WAYS.format(names=[first, *NAMES]))


def test_names_are_callable_after_every_room_was_imported():
    python(AFTER_ALL_ROOMS + BOTH_WAYS.format(names=NAMES))


def test_no_public_name_is_a_room_but_the_one_that_can_be_called():
    rooms = {entry.name for entry in os.scandir(os.path.dirname(hl.__file__)) if entry.is_dir()}
    assert rooms & set(NAMES) == {"evaluate"}


def test_star_import_gives_all_and_dir_lists_them():
    python("from halocline import *\nassert callable(load) and callable(write_store)")
    assert set(hl.__all__) <= set(dir(hl))
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        hl.lod  # noqa: B018


def test_importing_and_help_are_cheap():
    heavy = "{'torch', 'numba', 'matplotlib', 'xarray', 'zarr', 'scipy'} & set(sys.modules)"
    python(f"import sys, halocline\nassert not {heavy}, {heavy}")
    python(
        "import sys, halocline\nhalocline.open_states, halocline.open_store, halocline.write_store\n"
        "assert not {'torch', 'numba', 'matplotlib'} & set(sys.modules)"
    )
    bare = _cpu_seconds("-c", "import typer, rich.console, numpy")
    assert _cpu_seconds("-m", "halocline", "--help") < 4.0 * bare, "on this machine, loaded as it is"


def _cpu_seconds(*words):
    """The least of three runs of Python, CPU seconds."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert subprocess.run([sys.executable, *words], capture_output=True).returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def test_a_notebook_from_states_to_scores(store_path, tmp_path):
    """Own states become a store; a preset is trained on it, loaded, drawn from, and scored."""
    store = hl.write_store(hl.open_states(store_path), tmp_path / "own.zarr")
    settings = {"autoencoder.training.samples": 64, "denoiser.training.samples": 64}
    folder = hl.train(
        TOY_RECIPE, store, tmp_path / "model", settings=settings, device="cpu", precision="fp32", quiet=True
    )
    states = hl.load(folder, device="cpu", precision="fp32").generate(40, seed=1)
    card = hl.score(states, store)
    assert np.isfinite(card.rows[0].value)
    constrained, _ = hl.constrain(states, ["ice-bounds"])
    assert float(constrained["sic"].max()) <= 1.0


def test_evaluate_of_before_gives_the_same_scores_and_names_its_successor(store_path):
    from halocline.evaluate.ice.held_states import store_as_states

    store = hl.open_store(store_path)
    states = store_as_states(store)
    with pytest.warns(DeprecationWarning, match="halocline.score"):
        old = hl.evaluate(states, store)
    assert old.rows == hl.score(states, store).rows


@pytest.mark.parametrize("which", ["store_path", "ocean_store_path"])
def test_a_store_written_from_a_stores_states_is_the_same_store(which, request, tmp_path):
    path = request.getfixturevalue(which)
    old = hl.open_store(path)
    as_before = {"calendar": old.attributes["calendar"], "splits": old.attributes["splits"]}
    new = hl.write_store(hl.open_states(path), tmp_path / "new.zarr", **as_before)
    assert new.fingerprint == old.fingerprint
    assert new.statistics == old.statistics
    assert new.roles == old.roles
    assert new.channels == old.channels
    np.testing.assert_array_equal(new.hours, old.hours)


LEAP_DAY = ["2004-02-27", "2004-02-28", "2004-02-29", "2004-03-01", "2005-03-01", "2006-03-01"]


def test_a_standard_calendar_stays_and_one_member_needs_no_dimension(store_path, tmp_path):
    toy = hl.open_states(store_path).isel(member=0, time=slice(0, 6)).load()
    toy = toy.assign_coords(time=np.array(LEAP_DAY, "M8[ns]"))
    store = hl.write_store(toy, tmp_path / "g.zarr")
    assert store.calendar == "standard"
    assert [store.day_of_year(k) for k in range(4)] == [57, 58, 59, 60]
    assert store.members == 1
    assert {name: len(pairs) for name, pairs in store.attributes["splits"].items()} == {
        "train": 1,
        "validation": 1,
        "test": 1,
    }
    assert [str(t)[:10] for t in hl.open_states(tmp_path / "g.zarr")["time"].values] == LEAP_DAY


def test_times_carried_over_to_another_calendar_lose_29_february(store_path, tmp_path):
    toy = hl.open_states(store_path).isel(member=0, time=slice(0, 6)).load()
    toy = toy.assign_coords(time=np.array(LEAP_DAY, "M8[ns]"))
    store = hl.write_store(toy, tmp_path / "n.zarr", calendar="noleap")
    assert store.calendar == "noleap"
    assert (store.hours % 8760 // 24).tolist() == [57, 58, 59, 59, 59]


def test_whole_members_can_be_held_out(store_path, tmp_path):
    states = hl.open_states(store_path).isel(time=slice(0, 3))
    five = xr.concat([states.isel(member=0)] * 5, "member")
    for name in ("mask", "area", "projection"):
        five[name] = states[name]
    store = hl.write_store(five, tmp_path / "m.zarr", splits="members")
    assert store.attributes["splits"] == {"train": [[0, 0], [1, 0], [2, 0]], "validation": [[3, 0]], "test": [[4, 0]]}


def test_what_is_wrong_with_a_dataset_is_said_and_nothing_is_left(store_path, tmp_path):
    toy = hl.open_states(store_path).isel(time=slice(0, 3)).load()
    percent = toy.assign(sic=(toy["sic"] * 100).assign_attrs(toy["sic"].attrs))
    wrong_unit = toy.assign(sit=toy["sit"].assign_attrs(units="kg m-2"))
    for dataset, error, words in (
        (percent, InputError, "--unit sic=%"),
        (wrong_unit, InputError, "'kg m-2'; expected 'm'"),
        (toy.isel(time=0, drop=True), InputError, "dimension time"),
        (toy.isel(time=[1, 0, 2]), InputError, "increasing"),
        (toy[["mask", "area"]], InputError, "registered variables"),
    ):
        with pytest.raises(error, match=words):
            hl.write_store(dataset, tmp_path / "w.zarr")
    with pytest.raises(InputError, match="no such calendar"):
        hl.write_store(toy, tmp_path / "w.zarr", calendar="lunar")
    assert not list(tmp_path.iterdir())
    (tmp_path / "w.zarr").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        hl.write_store(toy, tmp_path / "w.zarr")


def test_simulate_names_worlds_and_settings(tmp_path):
    with pytest.raises(ConfigError, match="Did you mean 'arctic'"):
        hl.simulate("artic", tmp_path / "a.zarr")
    with pytest.raises(ConfigError, match="resolution_km"):
        hl.simulate("arctic", tmp_path / "a.zarr", settings={"resolution": 50})
    assert not list(tmp_path.iterdir())


def test_simulate_hands_settings_to_the_world(tmp_path, monkeypatch):
    from halocline.worlds.arctic import run

    seen = {}
    monkeypatch.setattr(run, "simulate", functools.wraps(run.simulate)(lambda out, **given: seen.update(given) or out))
    assert hl.simulate("arctic", tmp_path / "a.zarr", years=3, settings={"resolution_km": 50}) == tmp_path / "a.zarr"
    assert seen == {"seed": 0, "jobs": 1, "quiet": False, "years": 3, "resolution_km": 50}
