"""When a restart begins: step, date and days of NEMO's calendar, and the namelist that starts from it."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import cftime

from halocline.data.files.ocean import OceanStates
from halocline.data.files.state_day import share_of_year
from halocline.data.sampling.conditions import DAY, YEAR_LENGTH

_DAY = 86400.0  # s
_LEAPY = {360: 30, 365: 0, 366: 1}  # nn_leapy of NEMO's namelist by the days of a year
_CALENDAR = {30: "360_day", 0: "noleap", 1: "standard"}


@dataclass(frozen=True)
class Calendar:
    """Time of a restart; with nn_rstctl = 0 NEMO takes date and step from its namelist.

    Attributes:
        time_step: rdt, s; another one than the namelist's rn_Dt forces an Euler step.
        step: kt, the last step done.
        date: ndastp, yyyymmdd, the day that has ended.
        days: adatrj, days since the run began.
        leapy: nn_leapy, the calendar: 30 for months of 30 days, 0 for years of 365, 1 with leap days; None if unknown.
        dated: Whether the states said on which day of the year they lie.
    """

    time_step: float
    step: int = 0
    date: int = 10101
    days: float = 0.0
    leapy: int | None = None
    dated: bool = False


def of_state(ocean: OceanStates, member: int, calendar: Calendar, source: str) -> Calendar:
    """Return the calendar of a state with a ``day_of_year``: that many days into the year, step 1 on 1 January.

    Models whose season follows the step, as DINO's does, then begin in the season of the state.
    """
    if DAY not in ocean.dataset.variables:
        return calendar
    thetao = ocean.dataset["thetao"]
    one = thetao.isel(dict.fromkeys(thetao.dims[-3:], 0), drop=True).to_dataset(name="state")
    share = share_of_year(one.assign_coords({DAY: ocean.dataset[DAY]}), "state", member, source) or 0.0
    length = float(ocean.dataset[DAY].attrs.get(YEAR_LENGTH, 365.0))
    step = round(share * length * _DAY / calendar.time_step)
    leapy = _LEAPY.get(round(length), 0)
    year, days = calendar.date // 10000 or 1, step * calendar.time_step / _DAY
    date = _date(max(0, math.ceil(days) - 1), 10000 * year + 101, _CALENDAR[leapy])
    return replace(calendar, step=step, date=date, days=days, leapy=leapy, dated=True)


def namelist(out: Path, calendar: Calendar) -> str:
    """Return the block &namrun of NEMO's namelist that starts a run from a restart, dates included."""
    lines = [
        f"nn_it000     = {calendar.step + 1}",
        f"nn_date0     = {_begins(calendar):08d}",
        *([] if calendar.leapy is None else [f"nn_leapy     = {calendar.leapy}"]),
        "ln_rstart    = .true.",
        "nn_rstctl    = 0",
        "ln_1st_euler = .true.",
        f"cn_ocerst_in = '{out.name.removesuffix('.nc')}'",
    ]
    about = "" if str(out.parent) == "." else f"\n   cn_ocerst_indir = '{out.parent}'"
    return "&namrun\n   " + "\n   ".join(lines) + about + "\n/"


def _begins(calendar: Calendar) -> int:
    """Return the date on which the run begins: the day after the one that has ended, the day itself at step 0."""
    if calendar.step == 0:
        return calendar.date
    kind = _CALENDAR[30 if calendar.leapy is None and calendar.date % 100 == 30 else calendar.leapy or 0]
    return _date(1, calendar.date, kind)


def _date(days: float, since: int, calendar: str) -> int:
    """Return the date yyyymmdd some days after another one."""
    origin = f"days since {since // 10000:04d}-{since // 100 % 100:02d}-{since % 100:02d}"
    date = cftime.num2date(days, origin, calendar=calendar)
    return int(10000 * date.year + 100 * date.month + date.day)
