"""Synthetic observations: the stated errors are those drawn, keyed numbers, where and when instruments look."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pytest

from halocline.chain.dataset import to_dataset
from halocline.data.reading.choices import Choices
from halocline.data.store.store import open_store
from halocline.observations.errors import concentration_error, thickness_error, topaz_2017, topaz_2019
from halocline.observations.instruments._places import ground_track, samples
from halocline.observations.instruments.base import INSTRUMENTS, measured, placed
from halocline.observations.observe import observe
from halocline.observations.on_grid import grid_observations
from halocline.observations.table import COLUMNS
from halocline.runtime.errors import ConfigError, InputError

ICE = ("concentration", "thickness-tracks", "buoys")


def same(one, other):
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def truth_of(table, path, member=0):
    """What the store shows where the rows lie, and the gridded rows."""
    store = open_store(path)
    gridded = grid_observations(table, store.grid)
    out = np.full(len(table), np.nan)
    nearest = np.abs(table.time[:, None] - store.hours).argmin(axis=1)
    for k in range(len(store.hours)):
        here = nearest == k
        if not here.any():
            continue
        fields = store.layout.split(store.read(member, k))
        out[here] = gridded.predicted(fields)[here]
    return out, gridded


@pytest.fixture(scope="module")
def concentration(store_path):
    return observe(store_path, ["concentration"], first="2000-02-01", last="2000-03-31", seed=3)


def test_the_errors_that_are_drawn_are_those_that_are_stated(concentration, store_path):
    truth, gridded = truth_of(concentration, store_path)
    store = open_store(store_path)
    days = ((store.hours >= 31 * 24) & (store.hours < 90 * 24)).sum()
    assert len(concentration) == store.grid.mask.sum() * days
    assert gridded.table.good.all()
    z = (concentration.value - truth) / concentration.sigma
    assert abs(z.mean()) < 4 / np.sqrt(z.size)
    assert abs(z.std() - 1) < 4 / np.sqrt(2 * z.size)
    np.testing.assert_allclose(concentration.error, concentration_error(truth), atol=1e-6)
    assert concentration.value.min() < 0
    assert (concentration.censored == 0).all()


def test_bounded_retrievals_are_the_same_ones_cut_off_and_censored(concentration, store_path):
    cut = observe(
        store_path, ["concentration"], first="2000-02-01", last="2000-03-31", seed=3,
        settings={"concentration.bounded": "true"},
    )  # fmt: skip
    np.testing.assert_array_equal(cut.value, np.clip(concentration.value, 0, 1))
    np.testing.assert_array_equal(cut.censored == -1, concentration.value <= 0)
    np.testing.assert_array_equal(cut.censored == 1, concentration.value >= 1)


def test_a_day_does_not_depend_on_other_days_or_kinds_or_their_order(store_path):
    options = {"thickness-tracks.every": 5, "buoys.count": 5}
    whole = observe(store_path, ICE, first="2000-02-01", last="2000-02-28", settings=options)
    turned = observe(store_path, ICE[::-1], first="2000-02-01", last="2000-02-28", settings=options)
    same(whole, turned)
    part = observe(store_path, ICE, first="2000-02-09", last="2000-02-20", settings=options)
    inside = (whole.time >= part.time.min()) & (whole.time <= part.time.max())
    same(whole.select(inside), part)
    alone = observe(store_path, ["buoys"], first="2000-02-01", last="2000-02-28", settings={"buoys.count": 5})
    same(whole.select(whole.kind == "buoy"), alone)
    other = observe(store_path, ["concentration"], first="2000-02-01", last="2000-02-10", member=1)
    first = observe(store_path, ["concentration"], first="2000-02-01", last="2000-02-10", member=0)
    assert not np.array_equal(other.value, first.value)
    np.testing.assert_array_equal(other.latitude, first.latitude)


def test_thickness_is_that_of_the_ice_along_orbits_in_winter_only(store_path):
    options = {"thickness-tracks.every": 4}
    table = observe(store_path, ["thickness-tracks"], first="2000-03-25", last="2000-05-30", settings=options)
    assert {d.month for d in table.dates} <= {3, 4}
    assert set(table.variable) == {"sit_ice"}
    assert np.abs(table.latitude).max() <= 88.0 + 1e-6
    truth, _ = truth_of(table, store_path)
    np.testing.assert_allclose(table.error, thickness_error(truth, 0.1), atol=1e-5)
    z = (table.value - truth) / table.sigma
    assert abs(z.std() - 1) < 4 / np.sqrt(2 * z.size)


def test_topaz_adds_what_its_reader_adds():
    np.testing.assert_allclose(
        topaz_2019(np.array([0.0, 1.0, 2.99, 3.0, 3.5, 6.0])),
        [0.1, 0.1 * np.exp(-1.5), 0.02, 0.02, 0.02 * np.exp(0.9), 0.2],
    )
    np.testing.assert_allclose(topaz_2017(np.array([0.0, 1.0, 2.0, 5.0])), [0.1, 0.175, 0.25, 0.25])
    np.testing.assert_array_equal(thickness_error(np.ones(2), 0.3, "stated"), [0.3, 0.3])
    with pytest.raises(ConfigError, match="topaz-2018"):
        thickness_error(np.ones(1), 0.1, "topaz-2018")


def test_buoys_measure_their_displacement_and_say_what_that_differs_from_the_state(store_path):
    options = {"buoys.count": 300, "buoys.position_error": 1000.0}
    table = observe(store_path, ["buoys"], first="2000-02-01", last="2000-02-06", settings=options)
    np.testing.assert_allclose(table.error, np.sqrt(2) * 1000 / 86400)
    truth, gridded = truth_of(table, store_path)
    off = (gridded.table.value - truth)[gridded.table.good]
    spread = np.sqrt((off**2).mean() / (gridded.table.sigma[gridded.table.good] ** 2).mean())
    assert 0.93 < spread < 1.07
    exact = observe(
        store_path, ["buoys"], first="2000-02-01", last="2000-02-06", settings=options | {"buoys.position_error": 1e-6}
    )
    off = exact.value - table.value
    assert abs(off.std() / table.error[0] - 1) < 0.1


def test_an_orbit_goes_round_the_earth_as_it_should():
    period = 99.16
    hours = samples(0.0, 24.0, period, 25.0, 1)
    lat, lon = ground_track(hours, 92.0, period, 10.0)
    assert abs(lat.max() - 88.0) < 0.1
    x = np.cos(np.deg2rad(lat)) * np.exp(1j * np.deg2rad(lon))
    step = np.hypot(np.abs(np.diff(x)), np.diff(np.sin(np.deg2rad(lat)))) * 6371.0
    assert 23.0 < step.min() < step.max() < 28.0  # the Earth turns below
    node = ground_track(np.array([0.0, period / 60]), 92.0, period, 10.0)[1]
    np.testing.assert_allclose(node[0], 10.0)
    np.testing.assert_allclose(node[1], 10.0 - 360 * period / 60 / 23.934472)
    assert len(samples(0.0, 24.0, period, 25.0, 3)) < 0.4 * len(hours)
    np.testing.assert_array_equal(
        samples(5.0, 24.0, period, 25.0, 2), [h for h in samples(0.0, 24.0, period, 25.0, 2) if h >= 5.0]
    )


def test_profiles_and_tracks_of_an_ocean(ocean_store_path):
    options = {"profiles.count": 8, "altimeter.spacing": 200}
    table = observe(
        ocean_store_path, ["profiles", "altimeter"], first="2000-01-01", last="2000-03-30", settings=options
    )
    assert table.calendar == "360_day"
    assert set(table.variable) == {"thetao", "so", "zos"}
    deep = table.kind == "profile"
    assert np.isfinite(table.depth[deep]).all()
    assert np.isnan(table.depth[~deep]).all()
    gridded = grid_observations(table, open_store(ocean_store_path).grid)
    assert gridded.table.good.all()
    assert gridded.level.max() == open_store(ocean_store_path).grid.levels - 1


def test_a_single_state_needs_a_date_and_is_seen_at_it(store_path, tmp_path):
    store = open_store(store_path)
    state = to_dataset(store.read(0, 3)[None], store.channels, store.grid, [0], {})
    with pytest.raises(InputError, match="states without dates"):
        observe(state, ["concentration"])
    table = observe(state, ICE, date="2007-03-16 12:00")
    assert {str(d) for d in table.dates} == {"2007-03-16 12:00:00"}
    assert set(table.kind) == {"concentration", "thickness-track", "buoy"}


def test_a_file_of_ocean_states_is_observed_as_its_store_is(ocean_store_path):
    store = open_store(ocean_store_path)
    state = to_dataset(store.read(1, 2)[None], store.channels, store.grid, [0], {})
    options = {"profiles.count": 4}
    table = observe(state, ["profiles", "altimeter"], date="2010-05-01", settings=options)
    gridded = grid_observations(table, store.grid)
    truth = gridded.predicted(store.layout.split(store.read(1, 2)))
    z = (table.value - truth) / table.sigma
    assert 0.9 < z.std() < 1.1
    assert len(np.unique(table.latitude[table.kind == "profile"])) == 4


def shared(name):
    """The folder of real files beside the project, wherever this checkout lies."""
    for parent in Path(__file__).resolve().parents:
        if (parent / "shared" / "data" / name).is_dir():
            return parent / "shared" / "data" / name
    return None


@pytest.mark.skipif(shared("nemo-dino") is None, reason="no files of NEMO")
def test_states_that_nemo_wrote_are_observed_in_its_calendar():
    folder = shared("nemo-dino")
    table = observe(
        folder / "dino2_states.nc", ["profiles"], first="0002-01-01", last="0002-02-30",
        settings={"profiles.count": 10}, choices=Choices(mesh=folder / "dino2_mesh_mask.nc"),
    )  # fmt: skip
    assert table.calendar == "360_day"
    assert {d.year for d in table.dates} == {2}
    assert -3.1 < table.longitude.min() < table.longitude.max() < 53.1
    warm = table.select(table.variable == "thetao")
    assert warm.value[warm.depth < 50].mean() > warm.value[warm.depth > 1000].mean() + 5


def test_an_instrument_of_ones_own_is_found_by_its_registry(store_path, monkeypatch):
    @dataclass(frozen=True)
    class Ships:
        summary: ClassVar[str] = "concentration from a ship"
        needs: ClassVar[tuple[str, ...]] = ("sic",)
        error: Annotated[float, "of the concentration, 1"] = 0.1

        def measure(self, scene):
            rows = placed(scene.truth, "ship", "sic", scene.truth.hours[:3], 80.0 + np.arange(3), np.zeros(3))
            kept, rows, sic = scene.seen(rows)
            yield measured(rows, sic, self.error, scene.noise("ships", 0, 3)[kept])

    monkeypatch.setitem(INSTRUMENTS._things, "ships", Ships)
    table = observe(store_path, ["ships"], settings={"ships.error": 0.2})
    assert len(table) == 3
    np.testing.assert_array_equal(table.error, 0.2)


def test_more_rows_than_fit_in_memory_are_refused(store_path, monkeypatch):
    from halocline.runtime import limits

    monkeypatch.setattr(limits, "memory_bytes", lambda: 1_000_000)
    with pytest.raises(ConfigError, match=r"observations.*fewer days"):
        observe(store_path, ["concentration"])


@pytest.mark.parametrize(
    ("kinds", "more", "words"),
    [
        (["radar"], {}, "Valid names: altimeter, buoys, concentration"),
        ([], {}, "at least one with --kind"),
        (["concentration"], {"settings": {"concentration.lo": 1}}, "Did you mean 'low'"),
        (["concentration"], {"settings": {"buoys.count": 1}}, "buoys.count"),
        (["concentration"], {"settings": {"concentration.low": "x"}}, "a number"),
        (["concentration"], {"settings": {"concentration.every": 1.5}}, "a whole number"),
        (["concentration"], {"settings": {"concentration.low": 0.5}}, "at least low"),
        (["concentration"], {"settings": {"concentration.low": -0.5}}, "more than 0"),
        (["thickness-tracks"], {"settings": {"thickness-tracks.error": "topaz"}}, "topaz-2019"),
        (["profiles"], {}, "no thetao, so"),
        (["concentration"], {"member": 7}, "0 to 1"),
        (["concentration"], {"first": "1990-01-01", "last": "1990-02-01"}, "Correct --from and --to"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_reason(store_path, kinds, more, words):
    with pytest.raises((ConfigError, InputError), match=words):
        observe(store_path, kinds, **more)
