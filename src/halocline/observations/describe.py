"""What is in a table of observations: counts, ranges, errors, dates, flags, for people and for JSON."""

from typing import Any

import numpy as np
import pandas as pd

from halocline.data.fields.calendar import date_of
from halocline.observations.quantities import quantity
from halocline.observations.table import FLAGS, Observations


def describe(table: Observations) -> dict[str, Any]:
    """Return what a table holds: one row for each kind and variable, with what is used and what flags exclude."""
    about: dict[str, Any] = {"rows": len(table), "used": int(table.good.sum())}
    if len(table):
        first, last = (date_of(float(f(table.time)), table.calendar) for f in (np.min, np.max))
        about["dates"] = f"{first} to {last}"
        about["calendar"] = table.calendar
        about["latitude"] = _range(table.latitude, "degrees_north")
        about["longitude"] = _range(table.longitude, "degrees_east")
    flags = {words: int((table.flag == number).sum()) for number, words in FLAGS.items() if number}
    about["excluded"] = {words.replace("_", " "): count for words, count in flags.items() if count} or "none"
    if len(table):
        about["table"] = rows_of(table)
    return about


def rows_of(table: Observations) -> list[dict[str, Any]]:
    """Return a row for each kind and variable: counts, range of good values, mean error, censored rows."""
    groups = pd.DataFrame({"kind": table.kind, "variable": table.variable}).groupby(["kind", "variable"]).indices
    out = []
    for (kind, name), numbers in sorted(groups.items()):
        part = table.select(np.asarray(numbers))
        good = part.select(part.good)
        numeric = {"min": np.nan, "mean": np.nan, "max": np.nan, "error": np.nan, "representativeness": np.nan}
        if len(good):
            numeric = {
                "min": float(good.value.min()),
                "mean": float(good.value.mean()),
                "max": float(good.value.max()),
                "error": float(good.error.mean()),
                "representativeness": float(good.representativeness.mean()),
            }
        deep = {"deepest": float(np.nanmax(part.depth))} if np.isfinite(part.depth).any() else {}
        out.append(
            {
                "kind": str(kind),
                "variable": str(name),
                "unit": quantity(str(name), on_grid=True).unit,
                "rows": len(part),
                "used": len(good),
                **numeric,
                "at lower bound": int((good.censored == -1).sum()),
                "at upper bound": int((good.censored == 1).sum()),
                **deep,
            }
        )
    return out


def _range(values: np.ndarray, unit: str) -> dict[str, Any]:
    return {"from": float(values.min()), "to": float(values.max()), "unit": unit}
