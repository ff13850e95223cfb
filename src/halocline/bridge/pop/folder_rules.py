"""What the folder of an ensemble must hold for DART's POP interface to start: grid, topography, levels, lists."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.bridge.pop.grid import PopGrid
from halocline.bridge.pop.grid_files import HORIZONTAL, NAMELIST, RECORDS, TOPOGRAPHY, VERTICAL
from halocline.bridge.restarts.rules import Rule

_GRID = "NCAR/DART models/POP/dart_pop_mod.f90"
_SCRIPT = "NCAR/DART models/POP/shell_scripts/cesm2_1/assimilate.csh"
_AGAIN = "Write it with halocline export dart."
_GROUPS = ("time_manager_nml", "io_nml", "init_ts_nml", "restart_nml", "domain_nml", "grid_nml")
_FAR = 0.25
INPUT, OUTPUT, SIZES = "restarts_in.txt", "restarts_out.txt", "pop.r.nc"
NEAR_WORDS = "within a quarter of a cell of where it is"


def pointer(k: int) -> str:
    """Return the name of the pointer file of a member, counted from 0, as CESM names its instances."""
    return f"rpointer.ocn_{k + 1:04d}.restart"


@dataclass(frozen=True)
class PopFolder:
    """What the rules look at.

    Attributes:
        path: The folder.
        name: For errors.
        grid: The grid of the states.
    """

    path: Path
    name: str
    grid: PopGrid

    def listed(self, name: str) -> list[str]:
        """Return the lines of a list of files; none if it is absent."""
        path = self.path / name
        return path.read_text(encoding="utf-8").split() if path.is_file() else []


def _horizontal(f: PopFolder) -> str | None:
    path, cells = f.path / HORIZONTAL, f.grid.kmt.size
    if not path.is_file():
        return f"no {HORIZONTAL}"
    if path.stat().st_size != 8 * cells * len(RECORDS):
        return f"{path.stat().st_size} bytes"
    lat, lon = np.fromfile(path, ">f8", 2 * cells).reshape(2, *f.grid.kmt.shape)
    off = [np.abs(np.degrees(values) - mine).max() for values, mine in ((lat, f.grid.ulat), (lon, f.grid.ulon))]
    return f"corners that differ by up to {max(off):.3g} degrees" if not max(off) < 1e-6 else None


def _topography(f: PopFolder) -> str | None:
    path = f.path / TOPOGRAPHY
    if not path.is_file():
        return f"no {TOPOGRAPHY}"
    if path.stat().st_size != 4 * f.grid.kmt.size:
        return f"{path.stat().st_size} bytes"
    differ = int((np.fromfile(path, ">i4").reshape(f.grid.kmt.shape) != f.grid.kmt).sum())
    return f"{differ} columns of another depth" if differ else None


def _vertical(f: PopFolder) -> str | None:
    path = f.path / VERTICAL
    if not path.is_file():
        return f"no {VERTICAL}"
    lines = path.read_text(encoding="utf-8").splitlines()
    try:
        numbers = np.array([[float(word) for word in line.split()[:3]] for line in lines])
    except ValueError:
        numbers = np.zeros(0)
    if numbers.shape != (len(f.grid.thickness), 3):
        return f"{len(lines)} lines, or some without three numbers"
    thick, centre, bottom = numbers.T
    deep = (np.diff(bottom) > 0).all() and (centre < bottom).all() and (centre[1:] > bottom[:-1]).all()
    if not deep or not np.allclose(np.diff(bottom, prepend=0.0), thick / 100.0, rtol=1e-6):
        return "levels that are no stack of centres between interfaces"
    return None


def _namelist(f: PopFolder) -> str | None:
    path = f.path / NAMELIST
    if not path.is_file():
        return f"no {NAMELIST}"
    text = path.read_text(encoding="utf-8")
    gone = [group for group in _GROUPS if f"&{group}" not in text]
    return f"no &{', &'.join(gone)}" if gone else None


def _northern(f: PopFolder) -> str | None:
    count = int((f.grid.kmt[-1] > 0).sum())
    return f"{count} wet cells in the last row" if count else None


def _sides(f: PopFolder) -> str | None:
    mask = f.grid.cells.mask
    count = int((mask[:, 0] & mask[:, -1]).sum())
    return (
        f"{count} rows wet in the first and the last column, which do not meet"
        if count and not f.grid.periodic
        else None
    )


def _placed(f: PopFolder) -> str | None:
    far = f.grid.misplaced
    count = int((far > _FAR).sum())
    j, i = np.unravel_index(int(far.argmax()), far.shape)
    return f"{count} cells elsewhere, that of row {j}, column {i} by {far.max():.3g} cells" if count else None


def _lists(f: PopFolder) -> str | None:
    names = f.listed(INPUT)
    if not names:
        return f"no file in {INPUT}"
    if len(f.listed(OUTPUT)) != len(names):
        return f"{len(names)} in {INPUT}, {len(f.listed(OUTPUT))} in {OUTPUT}"
    gone = [n for n in (*names, *f.listed(OUTPUT), SIZES) if not (f.path / n).exists()]
    return f"no {', '.join(dict.fromkeys(gone))}" if gone else None


def _pointers(f: PopFolder) -> str | None:
    wrong = [pointer(k) for k, n in enumerate(f.listed(INPUT)) if f.listed(pointer(k))[:1] != [n]]
    return f"none, or of another restart: {', '.join(wrong)}" if wrong else None


FOLDER_RULES: tuple[Rule, ...] = (
    Rule(
        "horizontal grid",
        f"{_GRID}, read_horiz_grid",
        f"{HORIZONTAL}: {len(RECORDS)} records of 8-byte reals, corners in radians",
        _AGAIN,
        _horizontal,
    ),
    Rule(
        "topography",
        f"{_GRID}, read_topography",
        f"{TOPOGRAPHY}: a record of 4-byte integers, KMT of the states",
        _AGAIN,
        _topography,
    ),
    Rule(
        "levels",
        f"{_GRID}, read_vert_grid",
        f"{VERTICAL}: a line a level of cm, m, m",
        _AGAIN,
        _vertical,
    ),
    Rule("namelists", f"{_GRID}, initialize_module", f"{NAMELIST} with all six", _AGAIN, _namelist),
    Rule(
        "northern row",
        f"{_GRID}, read_topography (of 2013; later releases do not ask)",
        "land in the last row",
        "Add a row of land: no grid of POP has its last row wet.",
        _northern,
    ),
    Rule(
        "sides",
        f"{_GRID}, calc_tpoints, read_topography: cyclic from west to east",
        "a grid around the globe, or land on one side",
        "Add a column of land.",
        _sides,
    ),
    Rule(
        "positions",
        f"{_GRID}, calc_tpoints",
        f"each wet cell {NEAR_WORDS}",
        "Add land in the west; begin a global grid elsewhere than at Greenwich; or give POP's own as --template.",
        _placed,
    ),
    Rule("lists", f"{_SCRIPT}, block 4", f"{INPUT}, {OUTPUT} and {SIZES}, and what they name", _AGAIN, _lists),
    Rule("pointer files", f"{_SCRIPT}, block 1", "one for each restart: its name", _AGAIN, _pointers),
)
