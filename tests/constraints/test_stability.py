"""Stable columns by the smallest change and by sorting: optimal, conserving, idempotent, non-expansive."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression, minimize

from halocline.constraints.isotonic import isotonic
from halocline.constraints.named.sort import ThorpeSorted
from halocline.constraints.named.stability import MinimumChange
from halocline.constraints.project_all import project_all
from halocline.data.fields.variables import channel_variable
from halocline.data.grids.grid_layout import GridLayout
from halocline.physics.eos import DINO_EOS, SimplifiedEOS
from halocline.physics.stability import density_error
from halocline.runtime.errors import ConfigError
from tests.ocean_toy import toy_ocean, toy_ocean_grid

LINEAR = SimplifiedEOS(lambda1=0.0, mu1=0.0)
GRID, UNIFORM = toy_ocean_grid(), toy_ocean_grid(uniform=True)
LAYOUT = GridLayout.ocean(GRID)
ALL = [kind(LAYOUT, reference=r) for kind in (MinimumChange, ThorpeSorted) for r in ("local", 0.0, "both")]
seeds = st.integers(0, 10_000)


@settings(max_examples=50)
@given(seeds, st.integers(1, 12))
def test_isotonic_regression_is_scipys(seed, count):
    rng = np.random.default_rng(seed)
    values, weights = rng.standard_normal((1, 12)), rng.uniform(0.1, 5, (1, 12))
    ours = isotonic(values, weights, np.array([count]))
    reference = isotonic_regression(values[0, :count], weights=weights[0, :count]).x
    np.testing.assert_allclose(ours[0, :count], reference, atol=1e-13)
    np.testing.assert_array_equal(ours[0, count:], values[0, count:])


def column_means(states, layout):
    h = layout.grid.thickness
    depth = np.where(layout.grid.wet[0], h.sum(axis=0), np.nan)
    return [np.nansum(f * h, axis=1) / depth for f in layout.select(states, "thetao", "so")]


@pytest.mark.parametrize("constraint", ALL)
@pytest.mark.parametrize("noise", [0.5, 1.5, 3.0])
def test_columns_become_stable_and_keep_heat_and_salt(constraint, noise):
    states = toy_ocean(GRID, noise=noise, members=4)
    assert (constraint.residual(states) > 0).any()
    out = constraint.project(states)
    assert (constraint.residual(out) <= constraint.tolerance).all()
    for before, after in zip(column_means(states, LAYOUT), column_means(out, LAYOUT), strict=True):
        np.testing.assert_allclose(after, before, rtol=0, atol=2e-13)
    np.testing.assert_array_equal(constraint.project(out), out)
    np.testing.assert_array_equal(out[:, -1], states[:, -1])


@pytest.mark.parametrize("constraint", ALL)
def test_float32_states_are_strictly_stable_too(constraint):
    states = toy_ocean(GRID, noise=1.0, members=4, dtype=np.float32)
    out = constraint.project(states)
    assert out.dtype == np.float32
    assert (constraint.residual(out) == 0).all()
    t, s = LAYOUT.select(out, "thetao", "so")
    assert (density_error(t, s, GRID, DINO_EOS, reference=constraint.reference) == 0).all()


@pytest.mark.parametrize("kind", [MinimumChange, ThorpeSorted])
def test_stable_columns_are_untouched(kind):
    states = toy_ocean(GRID, noise=0.0)
    states[0, 2, 3, 2] += 5.0  # one warm cell in one column
    out = kind(LAYOUT).project(states)
    changed = (np.nan_to_num(out - states) != 0).any(axis=1)
    assert changed.sum() == 1
    assert changed[0, 3, 2]


@settings(max_examples=20)
@given(seeds)
def test_linear_projection_is_non_expansive_and_keeps_spice(seed):
    constraint = MinimumChange(LAYOUT, eos=LINEAR, gap=0.0, tolerance=1e-9)
    a, b = toy_ocean(GRID, seed=seed), toy_ocean(GRID, seed=seed + 1, noise=1.0)
    pa, pb = constraint.project(a), constraint.project(b)

    def distance(x, y):
        (t1, s1), (t2, s2) = (LAYOUT.select(z, "thetao", "so") for z in (x, y))
        return np.nansum(GRID.thickness * ((t1 - t2) ** 2 / 1.0**2 + (s1 - s2) ** 2 / 0.2**2))

    assert distance(pa, pb) <= distance(a, b) * (1 + 1e-12)
    (t0, s0), (t1, s1) = (LAYOUT.select(z, "thetao", "so") for z in (a, pa))
    # dX is along Sigma (drho/dT, drho/dS): the combination across it does not move
    spice = (t1 - t0) * (0.2**2 * LINEAR.b0) - (s1 - s0) * (-LINEAR.a0 * 1.0**2)
    assert np.nanmax(np.abs(spice)) < 1e-12


@pytest.mark.parametrize(
    ("eos", "reference", "excess"), [(LINEAR, 0.0, 1e-4), (DINO_EOS, "local", 0.02), (DINO_EOS, "both", 0.02)]
)
def test_the_projection_is_the_smallest_change(eos, reference, excess):
    """Against a general-purpose constrained optimiser, on one column: exact where the equation of state is linear."""
    states = toy_ocean(GRID, noise=1.0, members=1)
    constraint = MinimumChange(LAYOUT, eos=eos, reference=reference, gap=0.0, tolerance=1e-9)
    y, x = np.unravel_index(GRID.wet.sum(axis=0).argmax(), GRID.wet.shape[1:])
    n, h = int(GRID.wet[:, y, x].sum()), GRID.thickness[:, y, x]
    t, s = (f[0, :n, y, x] for f in LAYOUT.select(states, "thetao", "so"))
    interface = GRID.interface_depth[: n - 1, y, x]
    depths = {"local": (interface,), "both": (interface, 0.0)}.get(reference, (0.0,))

    def cost(v):
        return float((h[:n] * (v[:n] ** 2 + (v[n:] / 0.2) ** 2)).sum()) / h.sum()

    def gaps(v):
        a, b = t + v[:n], s + v[n:]
        return np.concatenate([eos.density(a[1:], b[1:], z) - eos.density(a[:-1], b[:-1], z) for z in depths])

    kept = {"type": "eq", "fun": lambda v: np.array([(h[:n] * v[:n]).sum(), (h[:n] * v[n:]).sum()]) / h.sum()}
    best = minimize(cost, np.zeros(2 * n), constraints=[{"type": "ineq", "fun": gaps}, kept], method="SLSQP", tol=1e-12)
    out = [f[0, :n, y, x] for f in LAYOUT.select(constraint.project(states), "thetao", "so")]
    ours = np.concatenate([out[0] - t, out[1] - s])
    assert gaps(best.x).min() > -1e-7
    assert best.fun > 1e-3
    assert cost(ours) <= best.fun * (1 + excess)
    if eos is LINEAR:
        np.testing.assert_allclose(ours, best.x, atol=1e-3)


def test_the_smallest_change_is_smaller_than_sorting():
    states = toy_ocean(GRID, noise=1.0)
    moved = [
        np.nansum((k(LAYOUT).project(states) - states)[:, :8] ** 2 * GRID.thickness)
        for k in (MinimumChange, ThorpeSorted)
    ]
    assert moved[0] < moved[1]


def test_equal_cells_are_permuted_to_the_bit():
    layout = GridLayout.ocean(UNIFORM)
    states = toy_ocean(UNIFORM, noise=1.0)
    out = ThorpeSorted(layout, reference=0.0).project(states)
    for before, after in zip(layout.select(states, "thetao", "so"), layout.select(out, "thetao", "so"), strict=True):
        np.testing.assert_array_equal(np.sort(before, axis=1), np.sort(after, axis=1))
    t, s = layout.select(out, "thetao", "so")
    rho = DINO_EOS.density(t, s, 0.0)
    np.testing.assert_array_equal(rho, np.sort(rho, axis=1))


def test_an_equation_of_state_that_turns_round_still_conserves():
    """Thermal expansion changes sign within the column: the linear step is far from exact."""
    constraint = MinimumChange(LAYOUT, eos=SimplifiedEOS(a0=0.05, lambda1=2.0, b0=1e-3))
    states = toy_ocean(GRID, noise=5.0)
    out = constraint.project(states)
    assert (constraint.residual(states) > 0).all()
    assert (constraint.residual(out) == 0).all()
    for before, after in zip(column_means(states, LAYOUT), column_means(out, LAYOUT), strict=True):
        np.testing.assert_allclose(after, before, rtol=0, atol=1e-11)


def test_the_last_resort_mixes_and_conserves(monkeypatch):
    monkeypatch.setattr(sys.modules["halocline.constraints.stabilise"], "_ITERATIONS", 0)
    states = toy_ocean(GRID, noise=2.0)
    constraint = MinimumChange(LAYOUT)
    out = constraint.project(states)
    assert (constraint.residual(states) > 0).all()
    assert (constraint.residual(out) == 0).all()
    for before, after in zip(column_means(states, LAYOUT), column_means(out, LAYOUT), strict=True):
        np.testing.assert_allclose(after, before, rtol=0, atol=2e-13)


def test_the_report_counts_what_moved():
    states = toy_ocean(GRID, noise=0.5)
    labels = [channel_variable(name)[0].name for name in LAYOUT.fields.channels]
    _, [report] = project_all(states, [MinimumChange(LAYOUT)], labels)
    assert report.residual_before > 0.01
    assert report.residual_after == 0
    assert 0 < report.moved_share < 1
    assert list(report.rms_change) == ["thetao", "so", "zos"]
    assert report.rms_change["zos"] == 0


def test_gap_and_tolerance_are_checked():
    with pytest.raises(ConfigError, match="gap"):
        MinimumChange(LAYOUT, gap=0.0)
