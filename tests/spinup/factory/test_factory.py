"""The data factory on a toy ocean: members begin nearer and nearer, arrive, survive kills, and cost less."""

import csv
from functools import partial

import numpy as np
import pytest
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.store.store import open_store
from halocline.experiments.equilibria import equilibria_folder, simulate_equilibria
from halocline.runtime.errors import ConfigError, HaloclineError, OutputError
from halocline.spinup.accelerate import JumpsBetweenBlocks
from halocline.spinup.block import Block
from halocline.spinup.factory.begin import Beginnings
from halocline.spinup.factory.carry import Carried, best_share
from halocline.spinup.factory.finished import Finished
from halocline.spinup.factory.settings import FactorySettings
from halocline.spinup.histories import read_histories
from halocline.spinup.jump.jump import JumpSettings
from halocline.spinup.jump.slow_map import SlowMapSettings
from halocline.spinup.metric import even_metric
from halocline.worlds.dino.job import TaskFolder
from halocline.worlds.dino.parameters import NAMES, RANGES, ForcingParameters
from halocline.worlds.dino.sobol import sobol_ensemble
from tests.spinup.toy_veros import GRID, ToySession, equilibrium, forcing_of

METRIC = even_metric(GRID)
SMALL = {
    "preset": "R8",
    "members": 9,
    "years": 3,
    "branch_years": 1,
    "sample_days": 360,
    "pilots": 1,
    "pilot_years": 60,
    "together": 4,
    "max_years": 200,
    "quiet": True,
}


class Century(ToySession):
    """The deep ocean takes a century."""

    rates = np.array([0.5, 0.9, 0.99])


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr("halocline.spinup.session_pool.Session", Century)
    monkeypatch.setattr("halocline.experiments.equilibria.require_veros", lambda: "numpy")
    linear = SlowMapSettings(patterns=24, ridge=1e-9)  # the toy is, and has no noise
    monkeypatch.setattr("halocline.experiments.equilibria.FactorySettings", partial(FactorySettings, slow=linear))


def _costs(out):
    with (equilibria_folder(out) / "costs.csv").open() as file:
        return list(csv.DictReader(file))


def test_members_arrive_and_the_ensemble_pays_for_itself(toy, tmp_path, capsys):
    out = simulate_equilibria(tmp_path / "d.zarr", **SMALL | {"quiet": False})
    store, lines = open_store(out), _costs(out)
    assert [int(line["member"]) for line in lines] == list(range(9))
    assert [line["round"] for line in lines] == ["0"] + ["1"] * 4 + ["2"] * 4
    assert all(line["verified"] == "True" for line in lines)
    for line in lines:
        state = Finished.read(equilibria_folder(out) / f"member-{int(line['member']):03d}").state
        away = METRIC.rms(state - equilibrium(forcing_of(store, int(line["member"]))))["thetao"]
        assert away < 0.03, line
    assert sum(float(line["years"]) for line in lines) == pytest.approx(float(lines[-1]["years_so_far"]), abs=0.02)
    pilots, first, second = (
        np.mean([float(line["years"]) for line in lines if line["round"] == r]) for r in ("0", "1", "2")
    )
    assert second <= first < 0.5 * pilots, "later members are cheaper"
    far = {r: [float(line["begin_distance_thetao"]) for line in lines if line["round"] == r] for r in "12"}
    assert np.mean(far["2"]) < np.mean(far["1"])
    assert lines[1]["began"].startswith("equilibrium of member")
    assert "What the equilibria cost" in capsys.readouterr().out
    assert store.members == 9
    assert len(store.hours) == 3
    last = store.layout.select(store.read(8, 2).astype(float), "thetao", "so")
    assert METRIC.rms(np.stack(last) - equilibrium(forcing_of(store, 8)))["thetao"] < 0.03
    assert len(read_histories(equilibria_folder(out), "R8")) >= 2, "its runs teach jumps to others"
    before = len(ToySession.names)
    assert simulate_equilibria(out, **SMALL) == out
    assert len(ToySession.names) == before
    with pytest.raises(OutputError, match="looser"):
        simulate_equilibria(out, **SMALL | {"looser": 2.0})


def test_a_killed_factory_continues_to_the_bit_with_any_number_of_processes(toy, tmp_path, monkeypatch):
    options = SMALL | {"members": 5, "together": 2, "start": "surface", "looser": 3.0}
    whole = simulate_equilibria(tmp_path / "a.zarr", **options)

    class Dies(Century):
        def __init__(self, *args):
            super().__init__(*args, die_after=22)

    monkeypatch.setattr("halocline.spinup.session_pool.Session", Dies)
    with pytest.raises(KeyboardInterrupt):
        simulate_equilibria(tmp_path / "b.zarr", **options)
    assert not open_store(tmp_path / "b.zarr", require_complete=False).attributes["complete"]
    monkeypatch.setattr("halocline.spinup.session_pool.Session", Century)
    again = simulate_equilibria(tmp_path / "b.zarr", **options, jobs=2)
    assert _costs(whole) == _costs(again)
    for member in range(5):
        assert np.array_equal(open_store(whole).read(member, 2), open_store(again).read(member, 2))


def test_members_that_do_not_arrive_say_so(toy, tmp_path):
    tight = SMALL | {"members": 4, "max_years": 40, "pilots": 1}

    class Slow(ToySession):
        rates = np.array([0.5, 0.98, 0.9975])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("halocline.spinup.session_pool.Session", Slow)
        lines = _costs(simulate_equilibria(tmp_path / "d.zarr", **tight))
        loose = _costs(simulate_equilibria(tmp_path / "e.zarr", **tight | {"looser": 1000.0}))
    assert any(line["verified"] == "False" for line in lines)
    bad = next(line for line in lines if line["verified"] == "False")
    assert float(bad["drift_thetao"]) > 0.0008
    assert float(bad["error_thetao"]) > 0
    assert all(line["verified"] == "True" for line in loose), "a weaker limit that is stated"
    assert sum(float(x["years"]) for x in loose) < sum(float(x["years"]) for x in lines)


def test_a_member_that_blows_up_is_named(toy, tmp_path, monkeypatch):
    class Wild(Century):
        def __init__(self, *args):
            super().__init__(*args, wild=0.0)

    monkeypatch.setattr("halocline.spinup.session_pool.Session", Wild)
    with pytest.raises(HaloclineError, match="member-000"):
        simulate_equilibria(tmp_path / "d.zarr", **SMALL)
    assert not open_store(tmp_path / "d.zarr", require_complete=False).attributes["complete"]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"members": 3}, "at least 4"),
        ({"pilots": 0}, "pilots"),
        ({"pilot_years": 50}, "at least 60"),
        ({"max_years": 45}, "multiples of 10"),
        ({"looser": 0.5}, "looser"),
        ({"again": -1}, "again"),
        ({"sweeps": 0}, "sweeps"),
        ({"start": "model"}, "--model"),
        ({"start": "far"}, "nearest"),
        ({"model": "m", "start": "nearest"}, "--start"),
        ({"sample_days": 2000}, "sample-days"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, options, match):
    with pytest.raises(ConfigError, match=match):
        simulate_equilibria(tmp_path / "d.zarr", **SMALL | options)
    assert not (tmp_path / "d.zarr").exists()


def test_the_command_takes_each_kinds_own_options(tmp_path):
    words = ["simulate", "dino", "--out", str(tmp_path / "d.zarr"), "--preset", "R8"]
    one = CliRunner().invoke(app, [*words, "--pilots", "2"])
    other = CliRunner().invoke(app, [*words, "--equilibrium", "--start-years", "5"])
    assert one.exit_code != 0
    assert other.exit_code != 0
    assert "--pilots" in str(one.exception or one.output) + one.output
    assert "--start-years" in str(other.exception or other.output) + other.output


def test_sobol_members_cover_the_range_from_the_first_on():
    pool = sobol_ensemble(36, 0)
    assert pool[0] != sobol_ensemble(36, 1)[0]
    assert pool == sobol_ensemble(36, 0)
    roles = [m.role for m in pool]
    assert (roles.count("train"), roles.count("validation"), roles.count("interior"), roles.count("end")) == (
        27,
        3,
        4,
        2,
    )
    values = np.array([m.parameters.values() for m in pool])
    low, high = np.array(list(RANGES.values())).T
    assert (values >= low).all()
    assert (values <= high).all()
    share = ((values - low) / (high - low))[:8]
    share[:, NAMES.index("warming")] *= 6.0 / 5.0  # of -2 to 3 K
    halves = (share < 0.5).sum(axis=0)
    assert (halves == 4).all(), "the first eight halve every parameter"
    longer = sobol_ensemble(72, 0)
    assert longer[:16] == pool[:16], "a larger ensemble begins with the smaller one"
    warm = values[:, NAMES.index("warming")]
    assert all(w > 3.0 for w, r in zip(warm, roles, strict=True) if r == "end")


def test_left_out_members_choose_where_others_begin():
    pool = [m.parameters for m in sobol_ensemble(36, 0)[:16]]
    states = np.stack([equilibrium(p) for p in pool])
    known = Beginnings(pool, states, METRIC, [f"member {k}" for k in range(16)])
    assert known.surface_error < 0.1 * known.nearest_error
    assert known.chosen("auto") == "surface"
    target = ForcingParameters(warming=0.3, salinity_contrast=1.1)
    begin = known.at(target, "surface")
    assert METRIC.rms(begin.state - equilibrium(target))["thetao"] < 0.02
    noisy = Beginnings(pool, states + np.random.default_rng(0).normal(size=(16, 1, 1, 1, 1)) * 0, METRIC, [""] * 16)
    assert noisy.at(pool[3], "nearest").state == pytest.approx(states[3])
    assert Beginnings(pool[:6], states[:6], METRIC, [""] * 6).chosen("auto") == "nearest", "too few for a surface"
    assert Beginnings(pool[:3], states[:3], METRIC, [""] * 3).chosen("surface") == "nearest"


def test_a_member_jumps_by_its_last_change_only(monkeypatch):
    asked = []

    class Spy:
        see = staticmethod(np.ravel)

    def leap(slow, here, reach, own):
        asked.append((float(here.mean.ravel()[0]), float(here.change.ravel()[0]), len(own)))
        return "there"

    monkeypatch.setattr("halocline.spinup.jump.jump.leap", leap)

    def block(level, began):
        return Block(np.full((10, 2, 1, 1, 1), level), [], 10.0, 1.0, began)

    jumps = JumpsBetweenBlocks(lambda blocks: Spy(), JumpSettings(), 3)
    for level, began in ((0.0, "start"), (5.0, "plain"), (6.0, "plain"), (9.0, "jump"), (9.5, "plain"), (9.6, "plain")):
        said = jumps.take(block(level, began))
    assert said == "there"
    grown = [jumps.take(block(level, began)) for level, began in ((0.0, "jump"), (5.0, "plain"), (9.0, "plain"))]
    assert grown[-1].kind == "fallen back", "a change that has grown is followed by plain years"
    assert asked == [(6.0, 1.0, 0), (pytest.approx(9.6), pytest.approx(0.1), 1)], "the places before teach as well"


def test_the_first_members_go_on_by_what_all_others_have_taught(toy, tmp_path, monkeypatch):
    options = SMALL | {"members": 5, "together": 2, "max_years": 40, "again": 3}
    whole = simulate_equilibria(tmp_path / "a.zarr", **options)
    lines, store = _costs(whole), open_store(whole)
    once, twice = ([line for line in lines if line["sweep"] == sweep] for sweep in "01")
    assert [int(line["member"]) for line in once] == list(range(5))
    assert {int(line["member"]) for line in twice} <= {0, 1, 2}
    assert all(line["verified"] == "False" for line in once if line["member"] in {x["member"] for x in twice})
    assert {line["began"] for line in twice} == {"mean of its sides", "its own end"}
    for line in twice:
        folder, end = equilibria_folder(whole) / f"member-{int(line['member']):03d}", int(line["member"])
        before, after = (
            METRIC.rms(Finished.read(folder, sweep).state - equilibrium(forcing_of(store, end)))["thetao"]
            for sweep in (0, 1)
        )
        assert after < before
    assert sum(float(line["weather_years"]) for line in lines) == pytest.approx(5 * 4), "once for each member"

    class Dies(Century):
        def __init__(self, *args):
            super().__init__(*args, die_after=2 + 12 + 16 + 16 + 4)

    monkeypatch.setattr("halocline.spinup.session_pool.Session", Dies)
    with pytest.raises(KeyboardInterrupt):
        simulate_equilibria(tmp_path / "b.zarr", **options)
    assert not (equilibria_folder(tmp_path / "b.zarr") / "member-002" / "finished-1.json").exists()
    monkeypatch.setattr("halocline.spinup.session_pool.Session", Century)
    assert _costs(simulate_equilibria(tmp_path / "b.zarr", **options, jobs=2)) == lines


def test_more_sweeps_come_nearer_and_two_are_what_stores_of_former_versions_had(toy, tmp_path):
    options = SMALL | {"members": 4, "together": 3, "max_years": 40, "again": 4}
    out = simulate_equilibria(tmp_path / "a.zarr", **options, sweeps=3)
    lines, store = _costs(out), open_store(out)
    assert {line["sweep"] for line in lines} == {"0", "1", "2"}, "not yet within the limits after two"
    assert all(line["began"] == "its own end" for line in lines if line["sweep"] == "2")
    for line in (line for line in lines if line["sweep"] == "2"):
        folder, member = equilibria_folder(out) / f"member-{int(line['member']):03d}", int(line["member"])
        away = [
            METRIC.rms(Finished.read(folder, sweep).state - equilibrium(forcing_of(store, member)))["thetao"]
            for sweep in (1, 2)
        ]
        assert away[1] < away[0]
    assert store.attributes["provenance"]["sweeps"] == 3
    assert "sweeps" not in FactorySettings().to_card()
    assert FactorySettings(again=5, sweeps=3).most_years(10) - FactorySettings().most_years(10) == 2 * 5 * 200


def _stored(store, member, index):
    return np.stack(store.layout.select(store.read(member, index).astype(float), "thetao", "so"))


def test_members_that_do_not_arrive_are_carried_on_by_what_all_have_taught(toy, tmp_path, capsys):
    options = SMALL | {"members": 5, "together": 4, "max_years": 80, "years": 1, "quiet": False}
    out = simulate_equilibria(tmp_path / "a.zarr", **options)
    store, lines = open_store(out), _costs(out)
    late = [line for line in lines if line["verified"] == "False"]
    assert f"{len(late)} members were carried on" in capsys.readouterr().out
    assert {float(line["carried_thetao"]) for line in lines if line not in late} == {0.0}
    for line in late:
        member = int(line["member"])
        ended, there = (
            Finished.read(equilibria_folder(out) / f"member-{member:03d}").state,
            equilibrium(forcing_of(store, member)),
        )
        before, after = (METRIC.rms(state - there)["thetao"] for state in (ended, _stored(store, member, 0)))
        assert after < 0.2 * before
        assert float(line["carried_thetao"]) == pytest.approx(before, rel=0.2)


def test_a_member_that_blows_up_from_where_it_was_carried_goes_on_from_where_it_ended(toy, tmp_path, monkeypatch):
    class Fragile(Century):
        def run(self, task):
            folder = TaskFolder(task.folder)
            if task.replace is None or not task.replace.endswith("carried.npz") or folder.finished:
                return super().run(task)
            folder.samples.mkdir(parents=True, exist_ok=True)
            folder.finish(folder.crash, {"day": 180.0, "cpu_seconds": 2.0})
            return folder

    monkeypatch.setattr("halocline.spinup.session_pool.Session", Fragile)
    options = SMALL | {"members": 5, "together": 4, "max_years": 80, "years": 1}
    out = simulate_equilibria(tmp_path / "a.zarr", **options)
    lines = _costs(out)
    assert any(line["verified"] == "False" for line in lines)
    assert {float(line["carried_thetao"]) for line in lines} == {0.0}
    assert open_store(out).attributes["complete"]


def test_left_out_members_say_how_far_all_are_carried(monkeypatch):
    pool = [m.parameters for m in sobol_ensemble(36, 0)[:20]]
    there = np.stack([equilibrium(p) for p in pool])
    rng = np.random.default_rng(0)
    off = 0.3 * rng.normal(size=(20, 2, 1, 1, 1)) * GRID.wet * np.array([1.0, 0.1])[:, None, None, None]
    assert best_share(pool, there + off, dict(enumerate(there)), METRIC) == 1.0, "far from the end"
    beyond = dict(enumerate(there - off))  # twice as far as it should be
    assert best_share(pool, there + off, beyond, METRIC) == 0.5
    assert best_share(pool, there, dict(enumerate(there + off)), METRIC) == 0.0, "there already"
    assert best_share(pool[:5], there[:5], {0: there[0] + 1.0}, METRIC) == 1.0, "too few to ask"
    half = Carried.between(there[0], there[0] + 0.2 * GRID.wet, 0.5, METRIC)
    assert half.moved == pytest.approx(0.1, rel=0.1)
