"""What a restart must fulfil for NEMO 4.2 and 5.0 to read it with an Euler first step, rule by rule.

Source: notes on the restart readers of NEMO 4.2 and 5.0, and runs of NEMO from restarts that obey the rules, made
outside of this repository. Some rules are stricter than NEMO, which takes the same file with one process and nn_rstctl
= 0: the file name, ranges, the calendar, rdt, single precision. Each rule looks at one open file and returns what it
found, or None.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import netCDF4
import numpy as np

from halocline.bridge.nemo.mesh import NemoMesh
from halocline.data.fields.variables import variable
from halocline.data.files.pieces import piece_number

MANDATORY = ("tn", "sn", "un", "vn", "sshn")
BEFORE = {"tb": "tn", "sb": "sn", "ub": "un", "vb": "vn", "sshb": "sshn"}
TURBULENCE = ("en", "avt_k", "avm_k", "dissl")
CALENDAR = ("kt", "ndastp", "adatrj")
DIMENSIONS = ("x", "y", "nav_lev", "time_counter")
_DEEP = ("time_counter", "nav_lev", "y", "x")
_SHAPES = {**dict.fromkeys(("tn", "sn", "un", "vn"), _DEEP), "sshn": ("time_counter", "y", "x")}


@dataclass(frozen=True)
class Context:
    """What the rules look at.

    Attributes:
        file: The restart, open, masks off.
        name: The name that the file has or will have.
        mesh: The mesh it shall fit; None if unknown.
    """

    file: netCDF4.Dataset
    name: str
    mesh: NemoMesh | None = None

    def get(self, name: str) -> np.ndarray | None:
        """Return a variable, or None if it is absent."""
        return np.asarray(self.file[name][:]) if name in self.file.variables else None

    def planes(self, name: str) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
        """Yield the planes (y, x) of a variable and their places: a whole one of ORCA025 is 0.9 GB."""
        found = self.file[name]
        for place in np.ndindex(found.shape[:-2]):
            yield place, np.asarray(found[place] if place else found[:])

    @cached_property
    def wet(self) -> np.ndarray | None:
        """The wet tracer cells (level, y, x): the mesh's, else where salinity is not 0."""
        if self.mesh is not None:
            return self.mesh.grid.wet
        if "sn" not in self.file.variables or self.file["sn"].ndim != 4:
            return None
        return np.stack([so != 0 for place, so in self.planes("sn") if not place[0]])


@dataclass(frozen=True)
class Rule:
    """One rule: its name, what is expected, what to do, and the check."""

    name: str
    expected: str
    remedy: str
    found: Callable[[Context], str | None]


def _file_name(c: Context) -> str | None:
    digits = piece_number(c.name)
    return None if digits is None else f"'{c.name}', which NEMO takes for the piece of process {digits}"


def _whole(c: Context) -> str | None:
    total = getattr(c.file, "DOMAIN_number_total", 1)
    return f"piece {getattr(c.file, 'DOMAIN_number', '?')} of {total}" if int(total) > 1 else None


def _dimensions(c: Context) -> str | None:
    missing = [d for d in DIMENSIONS if d not in c.file.dimensions]
    return f"no dimension {', '.join(missing)}" if missing else None


def _unlimited(c: Context) -> str | None:
    time = c.file.dimensions.get("time_counter")
    if time is None:
        return None
    if not time.isunlimited():
        return f"a fixed dimension of length {len(time)}"
    return None if len(time) == 1 else f"{len(time)} records"


def _mandatory(c: Context) -> str | None:
    missing = [n for n in MANDATORY if n not in c.file.variables]
    return f"no {', '.join(missing)}" if missing else None


def _shapes(c: Context) -> str | None:
    shapes = _SHAPES | {b: _SHAPES[n] for b, n in BEFORE.items()}
    wrong = [
        f"{n}{c.file[n].dimensions}" for n, d in shapes.items() if n in c.file.variables and c.file[n].dimensions != d
    ]
    return ", ".join(wrong) or None


def _double(c: Context) -> str | None:
    names = [n for n in (*MANDATORY, *BEFORE) if n in c.file.variables and c.file[n].dtype != np.float64]
    return f"{', '.join(names)} in another type" if names else None


def _finite(c: Context) -> str | None:
    counts = {n: sum(int(np.count_nonzero(~np.isfinite(v))) for _, v in c.planes(n)) for n in _numbers(c)}
    bad = [f"{k} in {n}" for n, k in counts.items() if k]
    return f"NaN or infinite values: {', '.join(bad)}" if bad else None


def _fill_values(c: Context) -> str | None:
    def filled(v: np.ndarray) -> bool:
        return bool(v.size and np.abs(np.where(np.isfinite(v), v, 0)).max() > 1e19)

    bad = [n for n in _numbers(c) if any(filled(v) for _, v in c.planes(n))]
    return f"fill values in {', '.join(bad)}" if bad else None


def _land(c: Context) -> str | None:
    wet = c.wet
    bad = []
    for n in (*MANDATORY, *BEFORE):
        shape = c.file[n].shape if n in c.file.variables else ()
        if wet is None or len(shape) not in (3, 4) or shape[-2:] != wet.shape[-2:]:
            continue
        mask = wet[0] if len(shape) == 3 else wet
        if c.mesh is not None and n in ("un", "ub"):
            mask = c.mesh.wet_u
        if c.mesh is not None and n in ("vn", "vb"):
            mask = c.mesh.wet_v
        elif c.mesh is None and n in ("un", "ub", "vn", "vb"):
            continue  # faces are unknown without a mesh
        if shape[1:] != mask.shape:
            continue
        count = sum(int(np.count_nonzero(v[~mask[at[1:]]])) for at, v in c.planes(n) if not at[0])
        if count:
            bad.append(f"{count} in {n}")
    return f"values other than 0 on land: {', '.join(bad)}" if bad else None


def _levels(c: Context) -> str | None:
    depth = c.get("nav_lev")
    if depth is None or depth.ndim != 1:
        return "no one-dimensional variable nav_lev"
    return None if (depth >= 0).all() and (np.diff(depth) > 0).all() else f"nav_lev from {depth[0]:g} to {depth[-1]:g}"


def _same_mesh(c: Context) -> str | None:
    if c.mesh is None or "tn" not in c.file.variables or "sn" not in c.file.variables:
        return None
    shape, mask = c.file["sn"].shape, c.mesh.grid.wet
    if shape[1:] != mask.shape:
        return f"fields of {shape[1:]} on a mesh of {mask.shape}"
    dry = sum(int(np.count_nonzero((so == 0) & mask[at[1:]])) for at, so in c.planes("sn") if not at[0])
    if dry:
        return f"{dry} wet cells of the mesh with salinity 0"
    depth = c.get("nav_lev")
    if depth is not None and depth.shape == c.mesh.nav_lev.shape and not np.allclose(depth, c.mesh.nav_lev, 1e-3, 0.1):
        return f"levels that differ by up to {np.abs(depth - c.mesh.nav_lev).max():.3g} m"
    return None


def _range(now: str, registered: str) -> Callable[[Context], str | None]:
    def found(c: Context) -> str | None:
        shape, wet = c.file[now].shape if now in c.file.variables else (), c.wet
        if not shape or wet is None or shape[-2:] != wet.shape[-2:]:
            return None
        wet = wet[0] if len(shape) == 3 else wet
        low, high = np.inf, -np.inf
        for at, values in c.planes(now):
            if len(shape) in (3, 4) and at[0]:
                continue
            inside = values[wet[at[1:]]] if len(shape) in (3, 4) else values
            inside = inside[np.isfinite(inside)]
            low, high = min(low, inside.min(initial=np.inf)), max(high, inside.max(initial=-np.inf))
        if low <= high and not variable(registered).is_plausible(float(low), float(high)):
            return f"{now} from {low:g} to {high:g}"
        return None

    return found


def _euler(c: Context) -> str | None:
    """Before fields equal to now begin an Euler step; those of a leap-frog run all differ, and NEMO overwrites them."""
    differ: dict[bool, list[str]] = {True: [], False: []}
    for before, now in BEFORE.items():
        if {before, now} <= set(c.file.variables):
            differ[not _same(c, before, now)].append(f"{before} and {now}")
    return f"different {', '.join(differ[True])}, equal {', '.join(differ[False])}" if all(differ.values()) else None


def _same(c: Context, a: str, b: str) -> bool:
    if c.file[a].shape != c.file[b].shape:
        return False
    pairs = zip(c.planes(a), c.planes(b), strict=True)
    return all(np.array_equal(one, other, equal_nan=True) for (_, one), (_, other) in pairs)


def _turbulence(c: Context) -> str | None:
    present = [n for n in TURBULENCE if n in c.file.variables]
    return f"only {', '.join(present)}" if 0 < len(present) < len(TURBULENCE) else None


def _calendar(c: Context) -> str | None:
    missing = [n for n in CALENDAR if n not in c.file.variables]
    if missing:
        return f"no {', '.join(missing)}"
    kt, date, days = (float(np.ravel(c.file[n][:])[0]) for n in CALENDAR)
    month, day = int(date) // 100 % 100, int(date) % 100
    if kt < 0 or kt != int(kt):
        return f"kt = {kt:g}"
    if date != int(date) or not (1 <= month <= 12 and 1 <= day <= 31):
        return f"ndastp = {date:.10g}"
    return f"adatrj = {days:g}" if not days >= 0 else None


def _time_step(c: Context) -> str | None:
    rdt = c.get("rdt")
    if rdt is None:
        return "no rdt"
    value = float(np.ravel(rdt)[0])
    return None if 0 < value <= 86400 else f"rdt = {value:g} s"


def _numbers(c: Context) -> list[str]:
    return [n for n, v in c.file.variables.items() if np.issubdtype(v.dtype, np.floating)]


_AGAIN = "Write it with halocline export nemo."
RULES: tuple[Rule, ...] = (
    Rule("file name", "a last '_' part that is not a number", "Rename it, e.g. restart_start.nc.", _file_name),
    Rule("whole domain", "one global file", "Put the pieces together with NEMO's REBUILD_NEMO tool.", _whole),
    Rule("dimensions", "x, y, nav_lev and time_counter", _AGAIN, _dimensions),
    Rule(
        "time dimension",
        "time_counter unlimited, one record",
        "Make it unlimited (ncks --mk_rec_dmn time_counter), else NEMO counts one dimension too many and stops.",
        _unlimited,
    ),
    Rule("mandatory variables", ", ".join(MANDATORY), _AGAIN, _mandatory),
    Rule("order of dimensions", "(time_counter, nav_lev, y, x), sshn without nav_lev", _AGAIN, _shapes),
    Rule("double precision", "float64 (double)", "Convert the variables to double.", _double),
    Rule("finite values", "numbers everywhere, 0 on land", "Set land to 0: NEMO's masks do not stop NaN.", _finite),
    Rule("fill values", "numbers everywhere, 0 on land", "Set land to 0 instead of a fill value.", _fill_values),
    Rule("land", "0 on land", "Multiply by the mask.", _land),
    Rule("order of levels", "nav_lev growing from the surface down", "Turn the levels round.", _levels),
    Rule("mesh", "fields that fit the mesh", "Use states and template of the mesh NEMO will run on.", _same_mesh),
    Rule("temperature", "potential temperature in degC", "Convert from Kelvin.", _range("tn", "thetao")),
    Rule("salinity", "practical salinity (psu)", "Convert to psu: kg/kg times 1000.", _range("sn", "so")),
    Rule("sea-surface height", "metres", "Convert to m.", _range("sshn", "zos")),
    Rule(
        "Euler first step",
        "before equal to now, or all of another step",
        "Copy now to before, or leave the before fields out.",
        _euler,
    ),
    Rule("turbulence", "all four of en, avt_k, avm_k, dissl, or none", "Remove the rest of them.", _turbulence),
    Rule(
        "calendar",
        "kt >= 0, ndastp = yyyymmdd, adatrj >= 0",
        "Correct them; with nn_rstctl = 0 NEMO ignores them.",
        _calendar,
    ),
    Rule(
        "time step",
        "rdt in (0, 86400] s",
        "Set rdt to rn_Dt of the namelist; another forces an Euler step.",
        _time_step,
    ),
)
