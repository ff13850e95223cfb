"""What the judge refuses before anything runs, and which controls it chooses."""

import numpy as np
import pytest
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.store.store import open_store
from halocline.runtime.errors import ConfigError, InputError, OutputError
from halocline.trials.ocean.controls import Controls
from halocline.trials.ocean.dino_size import preset_of
from halocline.trials.ocean.nearest_forcing import with_nearest_forcing
from halocline.trials.ocean.plan import Protocol, plan_runs
from halocline.trials.ocean.starts import read_starts
from halocline.worlds.dino import process
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.parameters import ForcingParameters
from halocline.worlds.dino.presets import PRESETS, preset
from tests.ocean_toy import toy_ocean_dataset
from tests.trials.toy_judge import GEOMETRY, LEVELS, MEMBERS, SAMPLE_DAYS, analytic, dataset


def _states(count=3):
    return np.stack([analytic(k, k) for k in range(count)])


def _kelvin(ds):
    ds["thetao"] = ds["thetao"] + 273.15
    return ds


def _upside_down(ds):
    return ds.isel(depth=slice(None, None, -1))


def _flipped_values(ds):
    ds["thetao"] = ds["thetao"].copy(data=ds["thetao"].values[:, ::-1])
    return ds


def _hole(ds):
    ds["so"][1, 2, 14, 3] = np.nan
    return ds


def _negative(ds):
    ds["so"][0, 0, 14, 3] = -1.0
    return ds


def _fraction(ds):
    ds["so"] = (ds["so"] / 1000).assign_attrs(ds["so"].attrs)
    return ds


def _other_mask(ds):
    ds["level_mask"][:, 14, 3] = 0
    return ds


def _other_depth(ds):
    return ds.assign_coords(depth=("depth", ds["depth"].values * 0.9, ds["depth"].attrs))


def _unit(ds):
    ds["thetao"].attrs["units"] = "K"
    return ds


def _bad_day(ds):
    return ds.assign_coords(day_of_year=("member", [0.0, 400.0, 1.0]))


def _bad_forcing(ds):
    return ds.assign_coords(warming=("member", [0.0, np.nan, 1.0]))


def _forcing_by_row(ds):
    return ds.assign_coords(warming=("y", np.zeros(ds.sizes["y"])))


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (_kelvin, r"'thetao'.*--unit thetao=K"),
        (_flipped_values, "'thetao'.*NaN"),
        (_hole, "'so'.*1 values"),
        (_negative, "'so'.*-1"),
        (_fraction, "'so'.*multiply by 1000"),
        (_other_mask, "mask"),
        (_other_depth, "depth"),
        (_unit, "values of 'thetao'"),
        (_bad_day, "day_of_year.*400"),
        (_bad_forcing, "'warming'.*not finite"),
        (_forcing_by_row, "'warming'.*dimensions"),
    ],
)
def test_bad_states_are_one_error_with_the_field(spoil, field):
    with pytest.raises(InputError, match=f"(?s){field}"):
        read_starts(spoil(dataset(_states())), "generated")


def test_levels_from_the_bottom_are_turned():
    found, expected = (read_starts(ds, "generated") for ds in (_upside_down(dataset(_states())), dataset(_states())))
    for turned, start in zip(found.starts, expected.starts, strict=True):
        np.testing.assert_array_equal(turned.thetao, start.thetao)


def test_another_grid_is_refused():
    with pytest.raises(InputError, match=r"8x6x5 cells.*R8 8x28x8"):
        read_starts(toy_ocean_dataset(), "generated")


@pytest.mark.parametrize("name", list(PRESETS))
def test_the_size_is_found_from_the_grid(name):
    assert preset_of(make_grid(make_geometry(preset(name))), "here").name == name


def test_a_store_is_not_a_file_of_states(analytic_store):
    with pytest.raises(InputError, match="--control"):
        read_starts(analytic_store, "generated")


def test_states_bring_their_forcing():
    found = read_starts(dataset(_states(), MEMBERS[:3], [0, 10.5, 359]), "generated", members=2)
    assert [start.forcing for start in found.starts] == list(MEMBERS[:2])
    assert [start.day for start in found.starts] == [0.0, 10.5]
    np.testing.assert_array_equal(found.starts[1].thetao, np.where(GEOMETRY.wet, analytic(1, 1)[:LEVELS], 0))


def test_states_without_forcing_have_dino_s_or_what_is_given():
    assert read_starts(dataset(_states()), "generated").starts[0].forcing == ForcingParameters()
    given = read_starts(dataset(_states()), "generated", conditions={"warming": 1.5, "day_of_year": 90.0})
    assert [(s.forcing.warming, s.day) for s in given.starts] == [(1.5, 90.0)] * 3


def test_conditions_may_not_contradict_the_states():
    with pytest.raises(ConfigError, match="its own"):
        read_starts(dataset(_states(), MEMBERS[:3]), "generated", conditions={"warming": 1.5})
    with pytest.raises(ConfigError, match="Did you mean 'warming'"):
        read_starts(dataset(_states()), "generated", conditions={"warmin": 1.5})


def test_controls_are_the_nearest_held_out_states(analytic_store):
    """A state drawn for a held-out member and a season has that very state as its control."""
    plan = plan_runs(
        {"drawn": dataset(_states(), [MEMBERS[3], MEMBERS[2], MEMBERS[3]], [70, 146, 80])},
        control=analytic_store,
        protocol=Protocol(years=0),
    )
    by_name = {start.name: start for start in plan.starts}
    controls = [by_name[start.control] for start in plan.starts if start.group == "drawn"]
    assert [c.forcing for c in controls] == [MEMBERS[3], MEMBERS[2], MEMBERS[3]]
    # Two ask for the same sample: the second has the next nearest season.
    assert [c.day for c in controls] == [SAMPLE_DAYS, 2 * SAMPLE_DAYS, 2 * SAMPLE_DAYS]
    assert [c.weather for c in controls] == [0, 1, 2]
    store = open_store(analytic_store)
    np.testing.assert_array_equal(controls[0].so, store.read(3, 1)[LEVELS : 2 * LEVELS])


def test_the_mean_state_is_that_of_training_members(analytic_store):
    plan = plan_runs({"drawn": dataset(_states())}, control=analytic_store, members=1, noise=0.1)
    mean = next(start for start in plan.starts if start.group == "mean state")
    expected = np.mean([analytic(0, k) for k in range(5)], axis=0)[:LEVELS]
    np.testing.assert_allclose(mean.thetao, np.where(GEOMETRY.wet, expected, 0), atol=1e-4)
    noisy = next(start for start in plan.starts if start.group == "white noise 0.1")
    truth = next(start for start in plan.starts if start.name == noisy.control)
    wet = GEOMETRY.wet[0]
    assert (noisy.thetao - truth.thetao)[0][wet].std() == pytest.approx(0.1 * truth.thetao[0][wet].std(), rel=0.15)


def test_groups_for_the_same_forcing_share_their_controls(analytic_store):
    ask = ([MEMBERS[3], MEMBERS[2]], [70, 146])
    groups = {"a": dataset(_states(2), *ask), "b": dataset(_states(2) + np.float32(0.1), *ask)}
    plan = plan_runs(groups, control=analytic_store)
    assert sum(start.group == "truth" for start in plan.starts) == 2
    groups["b"] = dataset(_states(2), [MEMBERS[2], MEMBERS[2]], [0, 0])
    assert sum(start.group == "truth" for start in plan_runs(groups, control=analytic_store).starts) == 4


def test_forcing_of_the_nearest_training_state(analytic_store):
    store = open_store(analytic_store)
    found = read_starts(dataset(store.read(0, 3)[None] + np.float32(0.001)), "generated")
    start = with_nearest_forcing(found.starts, store, found.given)[0]
    assert (start.forcing, start.day) == (MEMBERS[0], 3.0 * SAMPLE_DAYS)


def test_a_store_of_another_size_is_no_control(analytic_store, ocean_store_path):
    with pytest.raises(InputError, match="expected DINO R4"):
        Controls.open(analytic_store, preset("R4"))
    with pytest.raises(InputError):
        Controls.open(ocean_store_path, preset("R8"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"groups": {"truth": None}}, "taken"),
        ({"groups": {"a b": None, "a-b": None}}, "too like"),
        ({"members": 0}, "members"),
        ({"protocol": Protocol(years=-1)}, "years"),
        ({"noise": 0.1}, "--control"),
        ({"preset": "R4"}, "expected DINO R4"),
    ],
)
def test_bad_plans(options, words):
    groups = dict.fromkeys(options.pop("groups", {"generated": None}), dataset(_states()))
    with pytest.raises((ConfigError, InputError), match=words):
        plan_runs(groups, **options)


def test_without_veros_there_is_one_error_and_nothing_is_made(tmp_path, monkeypatch):
    dataset(_states()).to_netcdf(tmp_path / "states.nc")
    real = process.importlib.util.find_spec
    monkeypatch.setattr(process.importlib.util, "find_spec", lambda name: None if name == "veros" else real(name))
    result = CliRunner().invoke(app, ["integrate", str(tmp_path / "states.nc"), "--out", str(tmp_path / "runs")])
    assert isinstance(result.exception, InputError)
    assert "pip install 'halocline[dino]'" in str(result.exception)
    assert not (tmp_path / "runs").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path, monkeypatch):
    from halocline.trials.integrate import integrate

    monkeypatch.setattr("halocline.trials.ocean.plan.require_veros", lambda: "numpy")
    (tmp_path / "runs").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        integrate(plan_runs({"generated": dataset(_states())}), tmp_path / "runs")
