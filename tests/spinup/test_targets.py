"""What a store offers: held-out members, the nearest one, the mean, a regression."""

from dataclasses import replace

import numpy as np
import pytest

from halocline.data.store.store import open_store
from halocline.runtime.errors import ConfigError, InputError, StoreError
from halocline.spinup.targets import Archive
from tests.ocean_toy import toy_dino_store
from tests.spinup.toy_veros import GRID, equilibrium, forcing_of, toy_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return Archive(toy_archive(tmp_path_factory.mktemp("archive") / "d.zarr"))


def test_targets_are_held_out_inside_and_at_the_end_by_turns(archive):
    assert archive.preset == "R8"
    targets = archive.targets(2)
    assert [t.role for t in targets] == ["interior", "end"]
    assert targets[0].forcing == forcing_of(archive.store, targets[0].member)
    assert targets[0].name == f"member-{targets[0].member:03d}"
    with pytest.raises(ConfigError, match="1 to 2"):
        archive.targets(3)


def test_named_targets_are_held_out_ones(archive):
    held = [t.member for t in archive.targets(2)]
    assert [t.member for t in archive.held_out([held[1], held[0], held[1]])] == [held[1], held[0]]
    known = archive.store.roles.index("train")
    with pytest.raises(ConfigError, match=f"{known}, from which methods learn"):
        archive.held_out([held[0], known])
    with pytest.raises(ConfigError, match="the members of the store"):
        archive.held_out([99])


def test_the_nearest_training_member_gives_its_last_state_and_its_day(archive):
    target = archive.targets(1)[0]
    member, start = archive.nearest(target)
    store = archive.store
    assert store.roles[member] == "train"
    trained = [m for m, role in enumerate(store.roles) if role == "train"]
    width = {n: np.ptp(v[trained]) for n, v in store.parameters.items()}
    away = {m: sum(((v[m] - v[target.member]) / width[n]) ** 2 for n, v in store.parameters.items()) for m in trained}
    assert member == min(away, key=away.get)
    assert start.day == archive.own(target).day == 300.0
    assert np.allclose(archive.own(target).state[1], equilibrium(target.forcing)[1], atol=1e-5)
    assert np.allclose(start.state[1], equilibrium(forcing_of(store, member))[1], atol=1e-5)


def test_the_regression_is_exact_where_the_ocean_is_linear_and_better_than_the_mean(archive):
    target = archive.targets(2)[0]
    january = np.where(GRID.wet & (GRID.depth < 100), 2.0, 0.0) * np.array([1, 0])[:, None, None, None]
    true = equilibrium(target.forcing) + january
    assert np.abs(archive.regression(target).state - true).max() < 1e-3
    assert np.abs(archive.mean().state - true).max() > 0.1
    assert archive.mean().day == 0.0


def test_scales_are_the_standard_deviations_of_the_levels(archive):
    scales = archive.metric.scales
    assert scales.shape == (2, 8)
    assert scales[0, 0] > 1.0 > scales[0, -1] > 0.0


def test_stores_that_will_not_do_are_refused(tmp_path, archive):
    toy = open_store(toy_dino_store(tmp_path / "toy.zarr", years=1, interval_days=180))
    with pytest.raises(StoreError, match="warming"):
        Archive(toy)
    only_training = replace(archive.store, table=replace(archive.store.table, roles=("train",) * 12))
    with pytest.raises(StoreError, match="held-out"):
        Archive(only_training).targets(1)
    with pytest.raises(StoreError, match="training"):
        Archive(replace(archive.store, table=replace(archive.store.table, roles=("end",) * 12)))


def test_a_grid_that_is_no_basin_s_is_refused(archive):
    grid = archive.store.grid
    mask = GRID.wet.copy()
    mask[-1, 10, 3] = not mask[-1, 10, 3]
    wrong = replace(grid, vertical=replace(grid.vertical, mask=mask))
    with pytest.raises(InputError, match="differs in 1 of"):
        _ = Archive(replace(archive.store, grid=wrong)).preset
