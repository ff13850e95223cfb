"""The table of other limits: a median that rests on what was not reached says so."""

from types import SimpleNamespace

import pytest

from halocline.report.spinup.beside import pays_table, tiers_table
from halocline.report.spinup.fewer import fewer
from halocline.spinup.criterion import Criterion
from halocline.spinup.methods import METHODS
from halocline.spinup.outcome import Outcome, Stage

GOOD = dict.fromkeys(
    [
        *(
            f"{kind}_{name}{part}"
            for kind in ("drift", "distance")
            for name in ("thetao", "so")
            for part in ("", "_upper")
        ),
        *("acc", "moc"),
    ],
    0.0,
)


def _outcome(target, arrives):
    stages = tuple(
        Stage(float(y), 1.0, "plain", GOOD if arrives and y >= arrives else GOOD | {"distance_thetao": 9.0}, "r")
        for y in range(10, 102, 2)
    )
    return Outcome(target, "interior", "cold", stages, {}, (), None)


@pytest.mark.parametrize(
    ("arrivals", "shown"),
    [
        ((50,), "50.0 (1 of 1)"),
        ((None,), "> 100 (0 of 1)"),
        ((50, None), "> 75.0 (1 of 2)"),
        ((50, 60, None), "60.0 (2 of 3)"),
        ((50, None, None), "> 100 (1 of 3)"),
    ],
)
def test_a_median_with_targets_that_did_not_arrive_is_a_bound(arrivals, shown):
    outcomes = [_outcome(f"t{k}", arrives) for k, arrives in enumerate(arrivals)]
    plan = SimpleNamespace(methods=[METHODS["cold"]], criterion=Criterion())
    assert tiers_table(SimpleNamespace(outcomes=outcomes), plan).lines[0][2] == shown


def _at(target, method, years, ran, role="interior"):
    """An outcome that arrived after some years, or whose run ended."""
    stages = (Stage(float(ran), 1.0, "plain", GOOD, "r"),)
    stage = None if years is None else Stage(float(years), 1.0, "plain", GOOD, "r")
    return Outcome(target, role, method, stages, {"whole": stage, "upper": stage}, (), None)


@pytest.mark.parametrize(
    ("cold", "mine", "shown"),
    [
        ((200, 400), (20, 20), "15.0 (10.0 to 20.0)"),
        ((None, None), (20, 40), "> 37.5 (> 25.0 to > 50.0)"),  # cold starts were run for 1000 years
        ((200, None), (20, 20), "> 30.0 (10.0 to > 50.0)"),
        ((200, 300, None), (20, 20, 20), "15.0 (10.0 to > 50.0)"),
        ((200, None), (None, None), "– (< 1 to –)"),
        ((None, None), (None, None), "–"),
        ((None,), (20,), "> 50.0"),
    ],
)
def test_ratios_to_cold_starts_that_did_not_arrive_are_bounds(cold, mine, shown):
    names = [f"t{k}" for k in range(len(cold))]
    colds = [_at(t, "cold", y, 1000) for t, y in zip(names, cold, strict=True)]
    own = [_at(t, "surface", y, 100) for t, y in zip(names, mine, strict=True)]
    assert fewer([*colds, *own], own, "whole") == shown


def test_break_evens_against_bounds_are_bounds():
    cold = [_at(f"t{k}", "cold", None, 1000) for k in range(3)]
    jump = [_at(f"t{k}", "cold-jump", y, 240) for k, y in enumerate((100, 120, None))]
    surface = [_at(f"t{k}", "surface", y, 240) for k, y in enumerate((20, 20, 30))]
    plan = SimpleNamespace(methods=[METHODS[n] for n in ("cold", "cold-jump", "surface")])
    lines = pays_table(SimpleNamespace(outcomes=[*cold, *jump, *surface]), plan, 4900.0).lines
    by = {line[0]: line[1:] for line in lines}
    share = (4900 + 64 * 20) / (64 * 1000)
    assert by[METHODS["surface"].words] == ("20.0", "at most 5", "49", f"at most {share:.4f}"[:15])
    assert by[METHODS["cold-jump"].words][:3] == ("120", "at most 6", "–")
