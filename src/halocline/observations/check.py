"""What must hold in every table of observations, all of it reported at once."""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from halocline.data.files.problems import Problems
from halocline.observations.quantities import Quantity, quantity
from halocline.runtime.errors import HaloclineError, InputError

_WIDER = 0.5
"""Share of a variable's plausible range by which noise may lead out of it at either end."""


def check_table(
    columns: Mapping[str, np.ndarray], flags: Collection[int], source: str, *, on_grid: bool = False
) -> None:
    """Check the columns of a table.

    Args:
        columns: Every column (n,) by name.
        flags: The flags that there are.
        source: For errors.
        on_grid: Whether components along a grid's axes are allowed.

    Raises:
        InputError: It lists every column that is wrong: in how many rows, the first of them, what is there and what
            was expected. Rows that a flag excludes may lack value and error.
    """
    _check_shapes(columns, source)
    check = _Check(columns, source)
    good = columns["flag"] == 0
    check.rows("flag", ~np.isin(columns["flag"], list(flags)), f"one of {', '.join(map(str, flags))}")
    check.rows("censored", ~np.isin(columns["censored"], (-1, 0, 1)), "-1, 0 or 1")
    check.rows("time", ~np.isfinite(columns["time"]), "hours since 2000-01-01 00:00")
    check.rows("latitude", ~(np.abs(columns["latitude"]) <= 90.0), "-90 to 90 degrees north")
    check.rows("longitude", ~(np.abs(columns["longitude"]) <= 360.0), "degrees east, -180 to 180 or 0 to 360")
    depth = columns["depth"]
    check.rows("depth", ~np.isnan(depth) & ~((depth >= 0) & np.isfinite(depth)), "m below the surface, 0 or more")
    for name in ("error", "representativeness"):
        values = columns[name]
        check.rows(name, good & ~((values >= 0) & np.isfinite(values)), "a standard deviation, 0 or more")
    check.rows(
        "error", good & (columns["error"] == 0) & (columns["representativeness"] == 0), "more than 0 in one of the two"
    )
    check.rows("value", good & ~np.isfinite(columns["value"]), "a finite number where the flag is 0")
    check.variables(good, on_grid)
    check.problems.raise_all()


def outside(values: np.ndarray, of: Quantity) -> np.ndarray:
    """Return True where values (n,) lie further out of a quantity's plausible range than noise leads."""
    low, high = of.plausible
    slack = _WIDER * (high - low)
    return (values < low - slack) | (values > high + slack)


def _check_shapes(columns: Mapping[str, np.ndarray], source: str) -> None:
    rows = len(columns["value"]) if columns["value"].ndim else 0
    wrong = {name: v.shape for name, v in columns.items() if v.shape != (rows,) or v.ndim != 1}
    if wrong:
        raise InputError(
            f"columns of {source}",
            found=", ".join(f"'{name}' {shape}" for name, shape in wrong.items()),
            expected=f"({rows},), a number for each row of 'value'",
            remedy="Give every column one length.",
        )


class _Check:
    """Keeps what is wrong."""

    def __init__(self, columns: Mapping[str, np.ndarray], source: str) -> None:
        self.columns, self.source, self.problems = columns, source, Problems(source)

    def rows(self, name: str, wrong: np.ndarray, expected: str, remedy: str = "") -> None:
        """Keep that some rows (n,) of a column are wrong."""
        if not wrong.any():
            return
        where = int(np.argmax(wrong))
        found = f"{self.columns[name][where]} in row {where}; {int(wrong.sum())} of {wrong.size} rows are wrong"
        remedy = remedy or "Correct these rows, or leave them out; a flag other than 0 excludes a row."
        self.problems.found.append(
            InputError(f"column '{name}' of {self.source}", found=found, expected=expected, remedy=remedy)
        )

    def variables(self, good: np.ndarray, on_grid: bool) -> None:
        """Check that variables are known, lie at a depth if they have one, in their unit, with a bound if censored."""
        codes, names = pd.factorize(self.columns["variable"])
        for code, name in enumerate(names):
            try:
                of = quantity(str(name), on_grid=on_grid)
            except HaloclineError as error:
                self.problems.found.append(error)  # type: ignore[arg-type]
                continue
            here = good & (codes == code)
            no_depth = np.isnan(self.columns["depth"])
            if of.levelled:
                self.rows("depth", here & no_depth, f"the depth of {name}, m")
            else:
                self.rows("depth", here & ~no_depth, f"NaN: {name} has no depth")
            self.rows(
                "value",
                here & outside(np.nan_to_num(self.columns["value"]), of),
                f"{name} in {of.unit}, about {of.plausible[0]:g} to {of.plausible[1]:g}",
                f"The unit is probably another one: convert it to {of.unit}; or give rows that are wrong the flag 3.",
            )
            for side, bound in ((-1, of.lower), (1, of.upper)):
                off = here & (self.columns["censored"] == side)
                if bound is None:
                    self.rows("censored", off, f"0: {name} has no such bound")
                else:
                    self.rows("value", off & (self.columns["value"] != bound), f"{bound:g}, the bound, where censored")
