"""DART's observation sequences ``obs_seq.out``: text, positions in radians, error variances.

Source: DART documentation, "Observation Sequences", and the sample ``models/cice/work/obs_seq.out``; the types of
``obs_def_cice_mod`` and ``obs_def_ocean_mod``: AGREG_THICKNESS is volume / concentration, AGREG_VOLUME is per area of
the cell. Days are counted from 1601-01-01 of the Gregorian calendar. From the manual, not tried in DART.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np

from halocline.observations.forms._parts import flagged, for_writing, in_situ, names_with, potential, unknown_name
from halocline.observations.forms.base import FORMS
from halocline.observations.quantities import quantity
from halocline.observations.table import Observations
from halocline.runtime.errors import InputError, require_choice

OUT = {
    "sic": "SAT_SEAICE_AGREG_CONCENTR",
    "sit_ice": "SAT_SEAICE_AGREG_THICKNESS",
    "sit": "SAT_SEAICE_AGREG_VOLUME",
    "snt": "SAT_SEAICE_AGREG_SNOWVOLUME",
    "snt_ice": "SAT_SEAICE_AGREG_SNOWDEPTH",
    "ice_eastward": "SAT_U_SEAICE_COMPONENT",
    "ice_northward": "SAT_V_SEAICE_COMPONENT",
    "thetao": "FLOAT_TEMPERATURE",
    "so": "FLOAT_SALINITY",
    "zos": "SATELLITE_SSH",
}
"""Types that are written."""
_FROM = ("", "ARGO_", "ADCP_", "DRIFTER_", "GLIDER_", "MOORING_", "BOTTLE_", "CTD_", "XCTD_", "XBT_", "MBT_")
_IN = {
    **{name: ours for ours, name in OUT.items()},
    **{f"{p}TEMPERATURE": "thetao" for p in _FROM},
    **{f"{p}SALINITY": "so" for p in _FROM},
    "SEA_SURFACE_HEIGHT": "zos",
}
_DAYS_TO_2000 = 145731  # from 1601-01-01
_UNDEFINED, _SURFACE, _LEVEL, _HEIGHT = -2, -1, 1, 3
_OBSERVED = ("observation", "observations")
_Row = tuple[str, float, float, float, float, float, int, float, float]
"""Type, value, variance, latitude, longitude (radians), vertical, which_vert, quality, hours since 2000-01-01."""


@FORMS.register("dart")
@dataclass(frozen=True)
class Dart:
    """One file."""

    summary: ClassVar[str] = "DART: obs_seq.out, text"
    writes: ClassVar[str] = "file"

    names: Annotated[str, "TYPE=OURS of types that are not known by name"] = ""
    temperature: Annotated[str, "in-situ: temperatures of the files are so, as DART's operators have it; potential"] = (
        "in-situ"
    )
    salinity_factor: Annotated[float, "salinity is multiplied with it when read: 1000 of kg kg-1"] = 1.0

    def read(self, files: Sequence[Path]) -> Observations:
        """Return the observations of files; quality other than 0 is flagged 1."""
        require_choice("dart.temperature", self.temperature, ("in-situ", "potential"))
        known = names_with(_IN, self.names)
        rows = [row for path in files for row in _rows(path)]
        if not rows:
            return Observations.empty()
        source = ", ".join(path.name for path in files)
        for name in dict.fromkeys(row[0] for row in rows):
            if name not in known:
                raise unknown_name(name, source, "dart", known)
        variable = np.array([known[row[0]] for row in rows])
        value, variance, lat, lon, vert, which, quality, hours = np.array([row[1:] for row in rows], np.float64).T
        error = np.sqrt(np.where(variance >= 0, variance, np.nan))
        salt = variable == "so"
        value, error = (np.where(salt, v * self.salinity_factor, v) for v in (value, error))
        if salt.any() and np.nanmax(value[salt]) < 1.0:
            raise InputError(
                f"salinity of {source}",
                found=f"values up to {np.nanmax(value[salt]):.4g}",
                expected="the practical scale, about 35",
                remedy="It is a fraction: --set dart.salinity_factor=1000",
            )
        levelled = np.array([quantity(str(v)).levelled for v in variable])
        depth = np.where(levelled, _depths(which, vert, levelled, source), np.nan)
        if self.temperature == "in-situ":
            warm = variable == "thetao"
            value[warm] = potential(value[warm], depth[warm], np.rad2deg(lat[warm]))
        flag = (quality != 0).astype(np.int8)
        for name in np.unique(variable):
            here = variable == name
            flag[here] = flagged(flag[here], value[here], error[here], str(name))
        return Observations.of(
            time=hours,
            latitude=np.rad2deg(lat),
            longitude=np.rad2deg(lon),
            depth=depth,
            variable=variable,
            value=value,
            error=error,
            flag=flag,
            kind="dart",
            source=source,
        )

    def write(self, table: Observations, path: Path) -> list[str]:
        """Write one sequence, ordered in time as DART wants it."""
        rows, told = for_writing(table)
        rows = rows.select(np.argsort(rows.time, kind="stable"))
        warm = rows.variable == "thetao"
        if self.temperature == "in-situ" and warm.any():
            rows = rows.replace(value=np.where(warm, in_situ(rows.value, rows.depth, rows.latitude), rows.value))
        names = OUT | {ours: theirs for theirs, ours in names_with({}, self.names).items()}
        used = sorted(set(map(str, rows.variable)))
        for name in used:
            if name not in names:
                raise InputError(
                    f"'{name}' in DART's form",
                    found="no type of it",
                    expected=", ".join(names),
                    remedy=f"Give the type: --set dart.names=TYPE={name}",
                )
        with path.open("w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in _lines(rows, {name: names[name] for name in used}))
        return [*told, f"{len(rows)} observations of {', '.join(names[n] for n in used)}."]


def _depths(which: np.ndarray, vert: np.ndarray, levelled: np.ndarray, source: str) -> np.ndarray:
    """Return depths, m; heights are negative or depths positive, as converters write either."""
    known = np.isin(which, (_UNDEFINED, _SURFACE, _HEIGHT))
    if (levelled & ~known).any():
        raise InputError(
            f"vertical positions of {source}",
            found=f"which_vert = {int(which[levelled & ~known][0])}",
            expected=f"{_HEIGHT} (m), or {_SURFACE} (surface)",
            remedy="Convert levels or pressures to depths in m first.",
        )
    return np.where(which == _HEIGHT, np.abs(vert), 0.0)


def _rows(path: Path) -> Iterator[_Row]:
    """Yield the observations of a file; InputError if it is of another form."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, f"a file that cannot be read ({error})") from error
    try:
        yield from _parsed(path, lines)
    except (IndexError, ValueError, StopIteration) as error:
        raise _damaged(path, f"text that does not fit the form ({error})") from error


def _parsed(path: Path, lines: list[str]) -> list[_Row]:
    if not lines or lines[0].strip() != "obs_sequence":
        raise _damaged(path, f"'{lines[0].strip()[:40] if lines else ''}' at its beginning")
    count = int(lines[2])
    types = {int(line.split()[0]): line.split()[1] for line in lines[3 : 3 + count]}
    at = 3 + count
    head = lines[at].split()
    copies, qcs = int(head[1]), int(head[3])
    total = int(lines[at + 1].split()[1])
    labels = [line.strip() for line in lines[at + 2 : at + 2 + copies + qcs]]
    observed = [k for k, label in enumerate(labels[:copies]) if label.lower() in _OBSERVED]
    if not observed:
        raise _damaged(path, f"copies {', '.join(labels[:copies]) or 'none'}, none of them observations")
    at += 3 + copies + qcs
    rows = []
    while at < len(lines):
        if not lines[at].split():
            at += 1
            continue
        if lines[at].split()[0] != "OBS":
            raise _damaged(path, f"'{lines[at].strip()[:40]}' in line {at + 1} where an OBS begins")
        values = [float(lines[at + 1 + k].split()[0]) for k in range(copies + qcs)]
        at += 1 + copies + qcs + 1  # and the links
        if lines[at].strip() != "obdef" or lines[at + 1].strip() != "loc3d" or lines[at + 3].strip() != "kind":
            raise _damaged(path, f"a location or a type of another form in line {at + 1}")
        place = lines[at + 2].split()
        lon, lat, vert, which = float(place[0]), float(place[1]), float(place[2]), int(place[3])
        name = types[int(lines[at + 4])]
        seconds, days = (int(word) for word in lines[at + 5].split())
        variance = float(lines[at + 6].split()[0])
        hours = 24.0 * (days - _DAYS_TO_2000) + seconds / 3600.0
        quality = values[copies] if qcs else 0.0
        rows.append((name, values[observed[0]], variance, lat, lon, vert, which, quality, hours))
        at += 7
    if len(rows) != total:
        raise _damaged(path, f"{len(rows)} observations where its head says {total}")
    return rows


def _lines(rows: Observations, names: dict[str, str]) -> Iterator[str]:
    numbers = {name: k for k, name in enumerate(names, 1)}
    count = len(rows)
    yield " obs_sequence"
    yield "obs_kind_definitions"
    yield f"{len(names):12d}"
    for name, number in numbers.items():
        yield f"{number:12d} {names[name]:<32s}"
    yield f"  num_copies: {1:12d}  num_qc: {1:12d}"
    yield f"  num_obs: {count:12d}  max_num_obs: {count:12d}"
    yield f"{'observations':<64s}"
    yield f"{'Quality Control':<64s}"
    yield f"  first: {1 if count else -1:12d}  last: {count if count else -1:12d}"
    lon, lat = np.deg2rad(rows.longitude % 360.0), np.deg2rad(rows.latitude)
    seconds = np.rint(rows.time * 3600.0).astype(np.int64) + _DAYS_TO_2000 * 86400
    for k in range(count):
        deep = not np.isnan(rows.depth[k])
        yield f" OBS {k + 1:12d}"
        yield f"  {rows.value[k]:.15E}"
        yield f"  {float(rows.flag[k]):.15E}"
        yield f"{k if k else -1:12d}{k + 2 if k + 1 < count else -1:12d}{-1:12d}"
        yield "obdef"
        yield "loc3d"
        vert = rows.depth[k] if deep else 0.0
        yield f"  {lon[k]:.16f} {lat[k]:.16f} {vert:.9f} {_HEIGHT if deep else _SURFACE:6d}"
        yield "kind"
        yield f"{numbers[str(rows.variable[k])]:12d}"
        yield f"{seconds[k] % 86400:6d} {seconds[k] // 86400:10d}"
        yield f"  {rows.sigma[k] ** 2:.15E}"


def _damaged(path: Path, found: str) -> InputError:
    return InputError(
        f"{path.name} as DART's observation sequence",
        found=found,
        expected="text of DART's program filter or create_obs_sequence",
        remedy="Give a file in text form, whole; binary sequences are rewritten by obs_sequence_tool.",
    )
