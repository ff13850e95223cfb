"""The whole scorecard: real-like states lie at the floor, bad ones above it, and wrong input is refused."""

import json

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from halocline.data.fields.calendar import twelfth_of_year
from halocline.data.store.splits import samples_of
from halocline.evaluate.engine import disk_states
from halocline.evaluate.engine.samples import read_states
from halocline.evaluate.engine.scorecard import Scorecard, main_rows
from halocline.evaluate.ice import cover
from halocline.evaluate.ice.evaluate import evaluate, evaluate_families
from halocline.evaluate.ice.halves import held_out_halves
from halocline.evaluate.ice.held_states import store_as_states
from halocline.physics.deformation import strain_rates
from halocline.runtime.errors import ConfigError, InputError
from tests.evaluate.toy_arctic import CHANNELS, GRID, as_dataset, perfect
from tests.toy import toy_grid


def test_states_of_the_same_distribution_lie_at_the_floor(good_card):
    within = [row.within_floor for row in good_card.rows]
    assert np.mean(within) > 0.85
    for row in good_card.rows:
        assert row.low <= row.value <= row.high
        assert row.floor_low <= row.floor <= row.floor_high
        assert (row.reference is not None) == (row.better == "reference")


def test_the_perfect_generator_is_within_the_floor_as_often_as_the_interval_says(reference):
    shares = []
    for seed in range(4):
        card = evaluate(as_dataset(perfect(48, seed=50 + seed)), reference, seed=seed, replicates=100)
        shares += [row.within_floor for row in card.rows if row.better != "zero"]
    assert 0.8 <= np.mean(shares) <= 1.0


def test_smoothed_states_are_told_from_real_ones(reference, good_card):
    smooth = np.where(GRID.mask, gaussian_filter(perfect(64), (0, 0, 1, 1)), 0).astype(np.float32)
    card = evaluate(as_dataset(smooth), reference)
    assert not card.row("frechet_hand").within_floor
    for name in CHANNELS:
        row = card.row("psd_ratio_2_4", name)
        assert row.high < row.floor_low
        assert good_card.row("psd_ratio_2_4", name).within_floor
    assert card.row("at_upper", "sic").high < card.row("at_upper", "sic").floor_low


def test_thin_ice_is_told_and_copies_are_counted(reference):
    states = perfect(32, seed=9)
    states[:, 0] *= 0.8
    states[:8] = read_states(reference, samples_of(reference, "train")[::18][:8], CHANNELS).values
    card = evaluate(as_dataset(states), reference, replicates=50)
    copies = card.row("copies")
    assert copies.value == pytest.approx(0.25)
    assert not copies.within_floor
    assert copies.floor == 0
    volume = card.row("ice_volume")
    assert volume.value < volume.reference
    assert card.pictures.suspect_ratio < 1e-3


def test_the_same_seed_gives_the_same_table(reference):
    states = as_dataset(perfect(16))
    first, second = (evaluate(states, reference, seed=3, replicates=20).rows for _ in range(2))
    assert first == second
    other = evaluate(states, reference, seed=4, replicates=20).rows
    assert [row.value for row in other] == [row.value for row in first]
    assert other != first


def test_halves_are_disjoint_member_years_of_the_test_split(reference):
    halves = held_out_halves(reference, CHANNELS, 10_000)
    first, second = (set(years) for years in np.split(halves.states.member_years, [halves.sizes[0]]))
    assert not first & second
    assert len(first) == len(second) == 2
    assert sorted(halves.states.pairs) == sorted(samples_of(reference, "test"))


def test_a_single_test_year_takes_the_validation_year_and_says_so(slow_reference):
    halves = held_out_halves(slow_reference, CHANNELS, 10_000)
    assert halves.states.pairs[halves.sizes[0] :] == samples_of(slow_reference, "validation")
    assert "validation" in halves.notes[0]
    card = evaluate(as_dataset(perfect(8)), slow_reference, replicates=20)
    assert any("validation" in note for note in card.about["notes"])


def test_a_store_is_taken_by_its_test_years(reference):
    dataset = store_as_states(reference)
    assert dataset.sizes["member"] == len(samples_of(reference, "test"))
    member, index = samples_of(reference, "test")[5]
    assert np.array_equal(np.nan_to_num(dataset["sic"][5].values), reference.read(member, index)[CHANNELS.index("sic")])


def test_fewer_variables_are_scored_and_noted(reference):
    card = evaluate(as_dataset(perfect(8)[:, :2], CHANNELS[:2]), reference, replicates=20)
    assert card.about["variables"] == ["sit", "sic"]
    assert any("sid" in note for note in card.about["notes"])
    assert {row.variable for row in card.rows} == {"sit", "sic", "log_open_water", "all"}


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        ("mask", "differs in 3 of"),
        ("shape", "16 x 16 cells"),
        ("place", "another position or area"),
        ("nan", "NaN or infinite"),
        ("one", "1 state"),
        ("names", "at least one of sit, sic"),
    ],
)
def test_states_that_do_not_fit_are_refused(reference, spoil, expected):
    states = as_dataset(perfect(2))
    if spoil == "mask":
        mask = states["mask"].values.copy()
        mask[20, 3:6] = 0
        states["mask"] = (("y", "x"), mask)
    if spoil == "shape":
        states = as_dataset(np.zeros((2, 5, 16, 16), np.float32), grid=toy_grid(16))
    if spoil == "place":
        states = states.assign_coords(lat=states["lat"] + 0.1)
    if spoil == "nan":
        states["sic"][1, 20, 20] = np.nan
    if spoil == "one":
        states = states.isel(member=slice(0, 1))
    if spoil == "names":
        states = states.rename({name: f"my_{name}" for name in CHANNELS})
    with pytest.raises(InputError, match=expected):
        evaluate(states, reference, replicates=5)


def test_families_alone_score_as_among_all(reference, good_card):
    states, families = as_dataset(perfect(64)), ("places", "atoms", "lines")
    table = evaluate_families(states, reference, families)
    for row in table.rows:
        assert row == good_card.row(row.id, row.variable)
    assert {"edge_psd_ratio_2_4", "pair_at_lower", "lead_count"} <= set(table.ids)
    march = twelfth_of_year(reference.hours, reference.calendar) == 2
    some = evaluate_families(states, reference, ("integrals",), times=march, replicates=5)
    held = [pair for pair in samples_of(reference, "test") if march[pair[1]]]
    sic = np.stack([reference.read(*pair)[CHANNELS.index("sic")] for pair in held])
    area = reference.grid.area * reference.grid.mask
    mean = (sic * area).sum(axis=(1, 2)).mean()
    assert some.row("ice_area", variable="all").reference == pytest.approx(mean, rel=1e-5)
    with pytest.raises(ConfigError, match="atoms"):
        evaluate_families(states, reference, ("atom",))


def test_drift_alone_is_scored(reference):
    states = as_dataset(perfect(6)).drop_vars(["sit", "sic", "sid"])
    card = evaluate(states, reference, replicates=5)
    assert card.about["variables"] == ["siu", "siv"]
    assert card.row("w1", "siu").value > 0
    assert "ice_area" not in card.table.ids


def test_deformation_is_worked_out_batch_by_batch(reference, monkeypatch):
    """For the integrals, the ends of the bins, the bins, and twice for the picture; never of a set at once."""
    sizes = []

    def counted(siu, siv, spacing):
        sizes.append(len(siu))
        return strain_rates(siu, siv, spacing)

    monkeypatch.setattr(cover, "strain_rates", counted)
    monkeypatch.setattr(disk_states, "BATCH_VALUES", 30 * len(CHANNELS) * GRID.mask.size)
    evaluate(as_dataset(perfect(6)), reference, replicates=5)
    assert max(sizes) == 30
    assert sum(sizes) == 5 * (6 + len(samples_of(reference, "test")))


def test_the_table_survives_json_and_csv(good_card, tmp_path):
    good_card.to_json(tmp_path / "scores.json")
    good_card.to_csv(tmp_path / "scores.csv")
    again = Scorecard.from_json(tmp_path / "scores.json")
    assert again.rows == good_card.rows
    assert again.about == good_card.about
    lines = (tmp_path / "scores.csv").read_text().splitlines()
    assert len(lines) == len(good_card.rows) + 1
    assert lines[0].startswith("score,variable,band,value,low,high,floor,floor_low,floor_high,unit,better,reference")
    (tmp_path / "bad.json").write_text(json.dumps({"halocline_scorecard": 99}))
    with pytest.raises(InputError, match="version"):
        Scorecard.from_json(tmp_path / "bad.json")


def test_main_rows_are_rows_of_every_family(good_card):
    shown = {row.id for row in main_rows(good_card.rows)}
    hidden = ("damage_line_", "pack_coherence", "pack_correlation_")  # of damage, or of fields in log scale
    assert shown == {i for i in good_card.table.ids if not i.endswith("_distribution") and not i.startswith(hidden)}
    with pytest.raises(KeyError, match="frechet_hand"):
        good_card.row("FID")
