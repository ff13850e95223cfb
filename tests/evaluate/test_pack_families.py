"""The pack's scores: known states give known numbers, and neither noise nor a wash passes for lines."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from halocline.evaluate.ice import pack
from halocline.evaluate.ice.families.atoms import AtomScores
from halocline.evaluate.ice.families.lines import LineScores
from halocline.evaluate.ice.families.mechanics import DeformationScores, LinkScores
from halocline.evaluate.ice.families.places import PlaceScores, places
from halocline.evaluate.ice.families.texture import TextureScores
from tests.evaluate.toy_arctic import CHANNELS, GRID, perfect
from tests.toy import toy_grid

SEA = toy_grid(48, 1e5)
SEA.mask[:] = True
PLACES = PlaceScores.on(CHANNELS, SEA.mask, 1e5, np.ones((1, 5, 48, 48), np.float32))
TEXTURE = TextureScores(CHANNELS, SEA.mask, ("log_open_water", "log_damage"))
LINES = LineScores.on(SEA, CHANNELS)


def found(family, a, b):
    rows = family.scores(*(family.summary(x).mean(axis=0)[None] for x in (a, b)))[0]
    return {(label.id, label.variable): x for label, x in zip(family.labels, rows, strict=True)}


def small_scales(field):
    return field - gaussian_filter(field, (0, 3, 3))


def pack_of(cracks, damage):
    """States of the pack with log fields -2.5 + cracks and 1 + damage (sample, y, x)."""
    sic = np.clip(1.0 + 1e-4 - 10.0 ** (-2.5 + cracks), 0.81, 1.0)
    sid = np.clip(1.0 + 1e-3 - 10.0 ** -(1.0 + damage), 0.0, 1.0)
    return np.stack([2.0 * sic, sic, sid, 0.1 * damage, 0.1 * cracks], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def lined():
    """Cracks and damage lines: straight, thin, long, of any direction and depth."""
    random, (y, x) = np.random.default_rng(5), np.mgrid[:48, :48]
    field = np.zeros((16, 48, 48))
    for state in field:
        for _ in range(9):
            angle = random.uniform(0, np.pi)
            across = (x - random.uniform(0, 48)) * np.cos(angle) + (y - random.uniform(0, 48)) * np.sin(angle)
            np.maximum(state, random.uniform(0.6, 1.6) * np.exp(-((across / 0.7) ** 2)), out=state)
    return field


@pytest.fixture(scope="module")
def noisy(lined):
    """Noise of the same power spectrum: the lines' waves, each with another phase."""
    phases = np.fft.fft2(np.random.default_rng(6).normal(size=lined.shape))
    return np.fft.ifft2(np.abs(np.fft.fft2(lined)) * np.exp(1j * np.angle(phases))).real


def test_noise_of_the_right_power_fails_by_its_texture_and_its_lines(lined, noisy):
    real, mine = pack_of(lined, lined), pack_of(noisy, noisy)
    power = found(PLACES, mine, real)
    assert power["pack_psd_ratio_2_4", "log_damage"] == pytest.approx(1.0, abs=0.15)
    assert power["pack_psd_ratio_2_4", "log_open_water"] == pytest.approx(1.0, abs=0.15)
    first, second = ({**found(TEXTURE, x, real), **found(LINES, x, real)} for x in (real, mine))
    for name in ("log_open_water", "log_damage"):
        assert second["pack_coherence", name] < 0.7 * first["pack_coherence", name]
        assert second["pack_coherence_distribution", name] > 0.1
    for kind, name in (("crack", "sic"), ("damage_line", "sid")):
        assert second[f"{kind}_count", name] > 1.5 * first[f"{kind}_count", name]
        assert second[f"{kind}_length", name] < 0.6 * first[f"{kind}_length", name]
        assert second[f"{kind}_length_distribution", name] > 0.3 * first[f"{kind}_length", name]


def test_smoothed_states_fail_the_other_way(lined):
    real = pack_of(lined, lined)
    smooth = gaussian_filter(real, (0, 0, 1, 1))
    power = found(PLACES, smooth, real)
    first, second = ({**found(TEXTURE, x, real), **found(LINES, x, real)} for x in (real, smooth))
    for name, source, kind in (("log_open_water", "sic", "crack"), ("log_damage", "sid", "damage_line")):
        assert power["pack_psd_ratio_2_4", name] < 0.4
        assert second["pack_correlation_1", name] > first["pack_correlation_1", name] + 0.1
        assert second[f"{kind}_share", source] < 0.7 * first[f"{kind}_share", source]


def test_log_fields_are_opened_near_the_bound_alone():
    open_water = np.array([0.0, 1e-3, 0.1, 1.0, 1.5])
    np.testing.assert_allclose(
        pack.log_open_water(1.0 - open_water), np.log10([1e-4, 1.1e-3, 0.1001, 1.0001, 1.0001]), rtol=1e-6
    )
    np.testing.assert_allclose(pack.log_damage(np.array([1.0, 0.9, 0.0])), [3.0, -np.log10(0.101), 0.0], atol=1e-3)


def test_a_tile_is_pack_edge_or_open_water():
    states = np.zeros((3, 5, 48, 48), np.float32)
    states[0, 1] = 0.9
    states[1, 1, :, 20:] = 1.0
    found_places = places(states, CHANNELS, SEA.mask)
    assert found_places["pack"][0].all()
    assert found_places["pack"][1].any(axis=0).tolist() == [first >= 20 for first in range(0, 41, 2)]
    assert found_places["edge"][1].any(axis=0).tolist() == [12 < first < 20 for first in range(0, 41, 2)]
    assert not found_places["edge"][[0, 2]].any()
    island = SEA.mask.copy()
    island[24, 24] = False
    assert not any(place[:, 10:13, 10:13].any() for place in places(states, CHANNELS, island).values())


def test_power_is_per_tile_of_its_place(lined):
    real, twice = pack_of(lined, lined), pack_of(lined, lined)
    twice[:, 3] *= 2.0
    twice[4:, 1] = 0.0  # a quarter of the pack, with the same power per tile
    ratios = found(PLACES, np.concatenate([twice[:4], twice[4:]]), real[:4])
    assert ratios["pack_psd_ratio_2_4", "siu"] == pytest.approx(4.0, rel=1e-3)
    assert ratios["pack_psd_ratio_4_8", "sid"] == pytest.approx(1.0, rel=1e-3)


def test_a_lead_has_the_length_and_width_that_it_was_given():
    states = pack_of(np.zeros((2, 48, 48)), np.zeros((2, 48, 48)))
    states[:, 1] = 0.999
    states[0, 1, 20:22, 10:30] = 0.9
    states[1, 1, 10, 10] = 0.95
    cell = np.sqrt(SEA.area[20:22, 10:30].mean())
    lead = found(LINES, states, states)
    assert lead["lead_count", "sic"] == 1.0  # one in either
    assert lead["lead_length", "sic"] == pytest.approx((40 * 20 + 1) / 41 * cell, rel=0.01)
    assert lead["lead_width", "sic"] == pytest.approx((40 * 2 + 1) / 41 * cell, rel=0.01)
    inside = SEA.area[2:-2, 2:-2].sum()
    assert lead["lead_share", "sic"] == pytest.approx(
        (SEA.area[20:22, 10:30].sum() + SEA.area[10, 10]) / (2 * inside), rel=1e-6
    )
    assert lead["lead_length_distribution", "sic"] == 0.0
    states[0, 1, 21, 31] = 0.5  # the edge near by: no pack within two cells of it
    assert found(LINES, states, states)["lead_share", "sic"] < lead["lead_share", "sic"]


def test_atoms_by_area_and_by_pairs():
    family = AtomScores(GRID, CHANNELS.index("sic"))
    states = perfect(6, seed=2)
    atoms = found(family, states, states)
    sic, area = states[:, 1].astype(np.float64), GRID.area / GRID.area[GRID.mask].sum()
    wet = np.where(GRID.mask, 1.0, 0.0)
    thin = ((sic > 0) & (sic < 0.15)) * wet * area
    assert atoms["sic_below_0.15", "sic"] == pytest.approx(thin.sum(axis=(1, 2)).mean())
    assert atoms["open_water_below_0.0001", "sic"] <= atoms["open_water_below_0.01", "sic"]
    pairs = [
        (a[wet_pair], b[wet_pair])
        for state in sic
        for a, b, wet_pair in (
            (state[1:], state[:-1], GRID.mask[1:] & GRID.mask[:-1]),
            (state[:, 1:], state[:, :-1], GRID.mask[:, 1:] & GRID.mask[:, :-1]),
        )
    ]
    a, b = (np.concatenate(part) for part in zip(*pairs, strict=True))
    assert atoms["pair_at_lower", "sic"] == pytest.approx(np.mean((a == 0) & (b == 0)))
    assert atoms["pair_across_upper", "sic"] == pytest.approx(np.mean((a == 1) != (b == 1)))
    shuffled = states.copy()
    order = np.random.default_rng(1).permutation(int(GRID.mask.sum()))
    shuffled[:, 1][:, GRID.mask] = states[:, 1][:, GRID.mask][:, order]
    mixed = found(family, shuffled, states)
    assert mixed["pair_at_lower", "sic"] < 0.8 * atoms["pair_at_lower", "sic"]


def test_a_shear_line_holds_the_deformation_and_uniform_strain_spreads_it():
    random, states = np.random.default_rng(2), pack_of(np.zeros((2, 48, 48)), np.zeros((2, 48, 48)))
    family = DeformationScores(SEA, CHANNELS, np.linspace(0.0, 1e-5, 101))
    states[:, 3:] = np.linspace(0.0, 0.1, 48)
    even = found(family, states, states)
    spacing = np.sqrt(SEA.area).mean()
    assert even["pack_deformation", "all"] == pytest.approx(np.sqrt(3) * 0.1 / 47 / spacing, rel=0.1)
    assert even["pack_deformation_top", "all"] == pytest.approx(0.1, abs=0.02)
    line = states.copy()
    line[:, 3] = np.where(np.arange(48)[:, None] < 24, 0.0, 0.1)
    line[:, 4] = 1e-5 * random.normal(size=(2, 48, 48))
    assert found(family, line, states)["pack_deformation_top", "all"] > 0.95
    assert found(family, line, states)["pack_deformation_distribution", "all"] > 1e-8


def test_small_scales_are_correlated_as_they_were_made(lined, noisy):
    family = LinkScores(SEA, CHANNELS, (("log_open_water", "log_damage"),))
    cracks, other = 0.5 * lined, 0.5 * small_scales(np.roll(noisy, 7, axis=0))
    key = ("pack_link_open_water_damage", "all")
    same, apart = (found(family, pack_of(cracks, d), pack_of(cracks, d))[key] for d in (cracks, other))
    assert same == pytest.approx(1.0, abs=0.05)
    assert abs(apart) < 0.1
    assert found(family, pack_of(cracks, -cracks), pack_of(cracks, cracks))[key] < -0.95
