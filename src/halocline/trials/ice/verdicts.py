"""What the figures of the Arctic world's runs say: the shock of hours 0 to 48, the first days, the months."""

import numpy as np
import xarray as xr

from halocline.trials.groups import FLOOR
from halocline.trials.judgement import Judgement, Pairs, Verdict, pairs_of

SETTLED = (0.5, 2.0)
"""Hours 12 to 48, in days: when a state that is accepted moves, deforms and grows as a true one does."""
MONTHS = (10.0, 30.0, 90.0, 180.0, 270.0, 365.0)
"""Days on which volume, extent and edge are compared, those of them that were run; the last day too."""
_INSTANT = ("kinetic_energy", "deformation", "deformation_p95", "deformation_p99", "roughness")
_RATES = ("acceleration", "growth", "lead_growth", "melt", "ridging", "coastal_ridging")
_DAMAGE = ("damage_made", "damage_healed")


def judge_ice(runs: xr.Dataset) -> tuple[Verdict, ...]:
    """Compare every group with its controls.

    Ratios of the means over members, since one member may have next to nothing of a figure: each of hours 0 (or 6, for
    rates) to 48, then days 5 and 10; ``NAME_12_48`` is the mean over hours 12 to 48, ``NAME_0_12`` that of the rates of
    hours 0 to 12. Differences: ``volume`` and ``extent``. Values: ``iiee_truth``, the ice-edge error against the
    control's run, ``iiee_climate`` that against the climate's edge. Share: ``crashes``.
    Damage counts for the brittle rheology only.
    """
    return tuple(verdict for pairs in pairs_of(runs) for verdict in _group(pairs))


def _group(pairs: Pairs) -> list[Verdict]:
    runs, days = pairs.runs, pairs.runs["day"].values
    unit = {str(name): str(runs[name].attrs.get("units", "1")) for name in runs.data_vars}
    rates = (*_RATES, *(_DAMAGE if runs.attrs.get("rheology") == "bbm" else ()))
    first = [float(day) for day in days if day <= 2.0 or day in (5.0, 10.0)]
    out = []
    for name in (*_INSTANT, *rates):
        hours = first if name in _INSTANT else first[1:]
        out += [pairs.verdict(name, day, "ratio", pairs.at(name, day), unit[name], of_means=True) for day in hours]
        windows = {"12_48": SETTLED} if name in _INSTANT else {"0_12": (0.25, 0.5), "12_48": SETTLED}
        for label, (low, high) in windows.items():
            inside = (days >= low - 1e-6) & (days <= high + 1e-6)
            mean = runs[name].values[:, inside].mean(axis=1)
            out.append(pairs.verdict(f"{name}_{label}", high, "ratio", mean, unit[name], of_means=True))
    for day in sorted({day for day in (0.0, *MONTHS) if day in days} | {float(days[-1])}):
        for name in ("volume", "extent"):
            out.append(pairs.verdict(name, day, "difference", pairs.at(name, day), unit[name]))
        for name in ("iiee_truth", "iiee_climate"):
            out.append(pairs.verdict(name, day, "value", pairs.at(name, day), unit[name]))
    thickest = np.nanmax(runs["thickest"].values, axis=1)
    out.append(pairs.verdict("thickest", float(days[-1]), "ratio", thickest, "m", of_means=True))
    return [*out, pairs.crashes()]


SHOCK = (*(f"{name}_0_12" for name in (*_RATES, *_DAMAGE)), *_INSTANT)
"""What the shock of hours 0 to 12 is seen by: rates over these hours, other figures at hour 6."""


def told_apart(judgement: Judgement, group: str) -> list[Verdict]:
    """Return the figures of the shock by which a group is told from true states.

    Those whose interval has nothing in common with that of ``another true state``: what a held-out state of the same
    date makes of the same weather, and so no fault.
    """
    out = []
    for figure in SHOCK:
        day = 0.25 if figure in _INSTANT else None
        try:
            own, floor = judgement.find(group, figure, day), judgement.find(FLOOR, figure, day)
        except KeyError:
            continue
        if own.low > floor.high or own.high < floor.low:
            out.append(own)
    return out
