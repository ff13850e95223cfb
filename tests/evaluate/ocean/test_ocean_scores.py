"""The whole ocean scorecard: floors, forcing, reference members, and input that is refused."""

import numpy as np
import pytest

from halocline.data.fields.variables import variable
from halocline.evaluate.engine.scorecard import Scorecard, main_rows
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.evaluate.ocean.states import balanced, generated_set, pairs_of, read_set, stored_set
from halocline.runtime.errors import InputError
from tests.ocean_toy import toy_dino_sample, toy_dino_store


def drawn(store, members, seed=0, per_member=12):
    """A generated dataset from the very distribution of the store's members, with their forcing as coordinates."""
    numbers = np.repeat(members, per_member)
    days = (np.arange(len(numbers)) * 30) % 360
    values = np.stack(
        [
            toy_dino_sample(store.grid, store.table, m, int(d), "drawn", seed, k)
            for k, (m, d) in enumerate(zip(numbers, days, strict=True))
        ]
    )
    dataset = store.grid.to_dataset().assign_coords(member=np.arange(len(numbers)))
    levels = store.grid.vertical.levels
    for k, name in enumerate(("thetao", "so")):
        field = values[:, k * levels : (k + 1) * levels]
        dataset[name] = (("member", "depth", "y", "x"), field, variable(name).attributes())
    dataset["zos"] = (("member", "y", "x"), values[:, -1], variable("zos").attributes())
    for name, of_member in store.parameters.items():
        dataset = dataset.assign_coords({name: ("member", of_member[numbers])})
    return dataset


def warmer(states, by):
    field = states["thetao"]
    return states.assign(thetao=(field.dims, (field.values + by).astype(np.float32), field.attrs))


@pytest.fixture(scope="module")
def long_store(tmp_path_factory):
    from halocline.data.store.store import open_store

    return open_store(toy_dino_store(tmp_path_factory.mktemp("long") / "dino.zarr", years=6))


@pytest.fixture(scope="module")
def perfect_card(long_store):
    return evaluate_ocean(drawn(long_store, [0, 1, 2], per_member=48), long_store)


def test_a_perfect_generator_lies_at_the_floor_of_other_years(perfect_card):
    assert perfect_card.about["floor"] == "years"
    assert perfect_card.about["held_out_members"] == [0, 1, 2]
    assert perfect_card.about["roles"] == ["train"]
    assert np.mean([row.within_floor for row in perfect_card.rows]) > 0.85
    for row in perfect_card.rows:
        assert row.floor_low <= row.floor <= row.floor_high, row
        assert np.isfinite([row.value, row.low, row.high]).all()
    assert abs(perfect_card.row("energy").value) < 0.05


def test_collapsed_states_are_told_from_real_ones(long_store):
    states = drawn(long_store, [0, 1, 2], per_member=48)
    values = states["thetao"].values
    card = evaluate_ocean(warmer(states, -0.7 * (values - values.mean(axis=0))), long_store)
    for id in ("spread_levels_mean", "spread_cells_mean"):
        row = card.row(id, "thetao")
        assert row.value == pytest.approx(0.3, rel=0.15)
        assert row.high < row.floor_low
    assert not card.row("energy", "thetao").within_floor
    assert not card.row("surface_map_sd", "thetao").within_floor
    assert card.row("spread_cells_mean", "so").within_floor


def test_warm_states_are_off_by_their_standard_deviations(long_store):
    states = drawn(long_store, [4])
    real = read_set(long_store, pairs_of(long_store, ["interior"]), 1000)
    surface = real.values[:, 0][:, long_store.grid.mask] @ (long_store.grid.area[long_store.grid.mask])
    sd = surface.std() / long_store.grid.area[long_store.grid.mask].sum()
    clean = evaluate_ocean(states, long_store)
    card = evaluate_ocean(warmer(states, 5 * sd), long_store)
    before, after = (c.row("water_mass_surface", "thetao").value for c in (clean, card))
    assert after - before == pytest.approx(5 * sd, rel=1e-3)
    assert card.row("water_offset_surface", "thetao").value == pytest.approx(5.0, abs=0.6)
    assert not card.row("water_offset_surface", "thetao").within_floor
    assert card.row("profile_error", "thetao").value > 4 * sd


def test_unstable_states_have_a_density_error_above_the_floor(long_store):
    states = drawn(long_store, [4])
    card = evaluate_ocean(warmer(states, np.random.default_rng(0).normal(0, 2.5, states["thetao"].shape)), long_store)
    row = card.row("density_error_local_strict")
    assert row.floor == 0
    assert row.low > 1
    assert not row.within_floor


def test_states_of_no_known_forcing_are_compared_with_the_interior_and_it_is_noted(long_store):
    states = drawn(long_store, [0, 1, 2]).drop_vars(list(long_store.parameters))
    card = evaluate_ocean(states, long_store, replicates=20)
    assert card.about["roles"] == ["interior"]
    assert any("not drawn for the forcing" in note for note in card.about["notes"])
    other = evaluate_ocean(states, long_store, roles=["train", "validation"], replicates=20)
    assert other.about["floor"] == "members"
    assert other.about["held_out_members"] == [0, 1, 2, 3]


def test_the_same_seed_gives_the_same_table(long_store):
    states = drawn(long_store, [4])
    first, second = (evaluate_ocean(states, long_store, seed=3, replicates=20).rows for _ in range(2))
    assert first == second


def test_states_without_height_are_scored_and_noted(long_store):
    card = evaluate_ocean(drawn(long_store, [4]).drop_vars("zos"), long_store, replicates=20)
    assert any("zos" in note for note in card.about["notes"])
    assert "zos" not in {row.variable for row in card.rows}


def test_a_store_is_taken_by_its_interior_members(long_store):
    states = stored_set(long_store, long_store)
    card = evaluate_ocean(states, long_store, replicates=20)
    assert card.about["floor"] == "years"
    assert card.row("energy").within_floor


def test_forcing_is_matched_in_scaled_parameters(long_store):
    states = drawn(long_store, [2, 4])
    assert generated_set(states, long_store, 100).member.tolist() == [2] * 12 + [4] * 12
    name = next(iter(long_store.parameters))
    moved = states.assign_coords({name: states[name] * 1.01})
    assert not generated_set(moved, long_store, 100).forced


def test_thinning_takes_as_many_of_each_member_and_all_seasons(long_store):
    pairs = balanced(pairs_of(long_store, ["train"]), 60, seed=0)
    assert np.bincount([member for member, _ in pairs]).tolist() == [20, 20, 20]
    assert len({index % 12 for _, index in pairs}) > 8
    assert pairs == sorted(pairs)


def test_the_table_survives_json_and_main_rows_leave_levels_out(perfect_card, tmp_path):
    perfect_card.to_json(tmp_path / "scores.json")
    again = Scorecard.from_json(tmp_path / "scores.json")
    assert again.rows == perfect_card.rows
    shown = main_rows(perfect_card.rows)
    assert {row.score for row in shown} == {row.score for row in perfect_card.rows}
    assert not any(row.band.startswith("level ") for row in shown)


def upside_down(states):
    return states.isel(depth=slice(None, None, -1))


def kelvin(states):
    return warmer(states, 273.15)


def thicker(states):
    return states.assign(e3t=states["e3t"] * 1.1)


def moved(states):
    return states.assign_coords(lat=states["lat"] + 0.5)


def without_levels(states):
    return states.isel(depth=slice(0, 4))


def with_nan(states):
    values = states["thetao"].values.copy()
    values[0, 0, 4, 4] = np.nan
    return states.assign(thetao=(states["thetao"].dims, values, states["thetao"].attrs))


def another_mask(states):
    mask = states["level_mask"].values.copy()
    mask[-1, 4, 4] = 0
    return states.assign(level_mask=(states["level_mask"].dims, mask))


def test_levels_from_the_bottom_up_are_turned(ocean_store):
    states = drawn(ocean_store, [4], per_member=3)
    turned, as_it_is = (generated_set(each, ocean_store, 10).values for each in (upside_down(states), states))
    np.testing.assert_array_equal(turned, as_it_is)


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (kelvin, "Kelvin"),
        (thicker, "another thickness"),
        (moved, "another lat"),
        (without_levels, "4 x 8 x 8"),
        (with_nan, "NaN"),
        (another_mask, "differs in 1 of"),
        (lambda states: states.isel(member=[0]), "1 state"),
        (lambda states: states.drop_vars("so"), "'so'"),
    ],
)
def test_states_that_do_not_fit_are_refused(ocean_store, spoil, match):
    with pytest.raises(InputError, match=match):
        evaluate_ocean(spoil(drawn(ocean_store, [4], per_member=3)), ocean_store)


def test_unknown_roles_and_stores_of_another_kind_are_refused(ocean_store, store):
    states = drawn(ocean_store, [4], per_member=3)
    with pytest.raises(InputError, match="interior"):
        evaluate_ocean(states, ocean_store, roles=["inside"])
    with pytest.raises(InputError, match="thetao_00"):
        evaluate_ocean(states, store)


def test_one_year_of_one_member_has_scores_without_floors(tmp_path):
    from halocline.data.store.store import open_store

    store = open_store(toy_dino_store(tmp_path / "one.zarr", years=1))
    states = drawn(store, [0], per_member=12)
    card = evaluate_ocean(states, store, replicates=5)
    assert card.about["floor"] == "none"
    assert any("No floor: years of the reference: 1 of member 0" in note for note in card.about["notes"])
    assert all(row.within_floor is None and np.isfinite(row.value) for row in card.rows)
    with pytest.raises(InputError, match="1 of member 0"):
        evaluate_ocean(states, store, floor="years", replicates=5)
    page = card.report(tmp_path / "page").read_text()
    assert "No score has a floor beside it" in page


def test_ocean_states_of_one_season_are_compared_with_it(long_store):
    spring = drawn(long_store, [0, 1, 2], per_member=12).isel(member=slice(2, None, 12))  # day 60 of each member
    states = drawn(long_store, [0, 1, 2], per_member=48)
    days = (np.arange(144) * 30) % 360
    states = states.assign_coords(day_of_year=("member", days.astype(float), {"days_per_year": 360.0}))
    assert evaluate_ocean(states, long_store, replicates=5).about["season"] == "all, as the states'"
    one = states.isel(member=np.flatnonzero(days == 60))
    card = evaluate_ocean(one, long_store, replicates=5)
    assert card.about["season"] == "March"
    assert sum(card.about["held_out_states"]) == 3 * 6
    assert sum(evaluate_ocean(one, long_store, season="all", replicates=5).about["held_out_states"]) > 200
    notes = evaluate_ocean(spring, long_store, replicates=5).about["notes"]
    assert any("season was not looked at" in note for note in notes)
