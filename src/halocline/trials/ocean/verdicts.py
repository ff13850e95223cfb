"""What the figures of the ocean model's runs say: ratios of the first days, differences of the years."""

import numpy as np
import xarray as xr

from halocline.trials.judgement import Kind, Pairs, Verdict, pairs_of

YEAR = 360.0
"""Days."""


def judge_ocean(runs: xr.Dataset) -> tuple[Verdict, ...]:
    """Compare every group with its controls.

    Ratios: ``kinetic_energy`` and ``w_rms`` by day 1..10; ``mixing_integral`` over days 1..10 (the first day, when the
    turbulence starts, is left out); ``potential_energy_released`` by day 5 and 10 (of the group means, since one may be
    near zero); ``unstable`` on day 0. Differences: ``acc`` and ``moc_upper`` on day 5 and over the last year,
    ``thetao_drift`` and ``so_drift`` from day 0 to the end, per year. Share: ``crashes``.
    """
    return tuple(verdict for pairs in pairs_of(runs) for verdict in _group(pairs))


def _group(pairs: Pairs) -> list[Verdict]:
    runs, at, verdict = pairs.runs, pairs.at, pairs.verdict
    days = runs["day"].values
    first = days[days <= 10]
    out = []
    for name, unit in (("kinetic_energy", "J m-3"), ("w_rms", "m s-1")):
        out += [verdict(name, float(day), "ratio", at(name, day), unit) for day in first[1:]]
    inside = (days >= 1) & (days <= 10)
    mixing = np.trapezoid(runs["mixing"].values[:, inside], days[inside], axis=1)
    out.append(verdict("mixing_integral", float(first[-1]), "ratio", mixing, "1e-3 K"))
    energy = "potential_energy"
    for day in (5.0, 10.0):
        if day in first:
            released = at(energy, 0) - at(energy, day)
            out.append(verdict("potential_energy_released", day, "ratio", released, "J m-3", of_means=True))
    out.append(verdict("unstable", 0.0, "ratio", at("unstable", 0), "percent"))
    if 5.0 in first:
        out += [verdict(name, 5.0, "difference", at(name, 5.0), "Sv") for name in ("acc", "moc_upper")]
    if days[-1] > 10 + 1:
        out += _years(pairs, days)
    return [*out, pairs.crashes()]


def _years(pairs: Pairs, days: np.ndarray) -> list[Verdict]:
    runs, verdict = pairs.runs, pairs.verdict
    end = float(days[-1])
    last = (days > end - YEAR + 1e-6) & (days > 10)
    out = []
    for name, unit in (("acc", "Sv"), ("moc_upper", "Sv"), ("kinetic_energy", "J m-3")):
        kind: Kind = "ratio" if name == "kinetic_energy" else "difference"
        out.append(verdict(f"{name}_last_year", end, kind, runs[name].values[:, last].mean(axis=1), unit))
    for name, unit in (("thetao", "K year-1"), ("so", "1e-3 year-1")):
        values = runs[f"{name}_mean"].values
        out.append(verdict(f"{name}_drift", end, "difference", (values[:, -1] - values[:, 0]) / (end / YEAR), unit))
    return out
