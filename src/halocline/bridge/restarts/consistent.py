"""States made ones that a column of ice can have: ice is there in all variables or in none."""

from dataclasses import dataclass, replace

import numpy as np

from halocline.bridge.restarts.members import Member
from halocline.data.reading.notes import Notes

_ICE_ONLY = ("sit", "sic", "snt", "sid", "siu", "siv")


@dataclass(frozen=True)
class Limits:
    """What a model keeps.

    Attributes:
        concentration: Less ice than this share of a cell is none.
        floe: Thinnest ice, m; thinner floes pile up: less area, the same volume.
        new_ice: Thickness, m, of ice where there is concentration and no volume.
        most: Largest concentration; ice beyond piles up.
    """

    concentration: float = 1e-3
    floe: float = 0.01
    new_ice: float = 0.1
    most: float = 1.0


def consistent(member: Member, mask: np.ndarray, limits: Limits, notes: Notes) -> Member:
    """Return a state in which ice has area, volume and, where there is none, nothing else.

    Where concentration appears without volume, new ice is made: ``new_ice`` thick, without snow, intact. Floes thinner
    than ``floe`` and ice beyond ``most`` pile up, volume kept. Where concentration vanishes, everything does. ``notes``
    count the cells.

    Args:
        member: The state.
        mask: Ocean (y, x).
        limits: Of the model.
        notes: Filled.
    """
    f = {name: np.where(mask, member.fields[name], 0.0) for name in _ICE_ONLY}
    fresh = (f["sic"] >= limits.concentration) & (f["sit"] <= 0)
    f["sit"] = np.where(fresh, f["sic"] * limits.new_ice, f["sit"])
    for name in ("snt", "sid"):
        f[name] = np.where(fresh, 0.0, f[name])
    thin = (f["sic"] > 0) & ~fresh & (f["sit"] < limits.floe * f["sic"])
    f["sic"] = np.where(thin, f["sit"] / limits.floe, f["sic"])
    full = f["sic"] > limits.most
    f["sic"] = np.minimum(f["sic"], limits.most)
    ice = f["sic"] >= limits.concentration
    stray = ~ice & np.any([member.fields[n] != 0 for n in _ICE_ONLY], axis=0) & mask
    told = (
        ("converted", fresh & ice, f"concentration without volume: new ice of {limits.new_ice:g} m"),
        ("converted", thin & ice, f"floes thinner than {limits.floe:g} m: piled up, volume kept"),
        ("converted", full, f"concentration above {limits.most:g}: piled up, volume kept"),
        ("dropped", stray, f"concentration below {limits.concentration:g}: no ice, nothing else"),
    )
    for kind, where, words in told:
        if where.any():
            notes.add(kind, "ice", words, int(where.sum()))  # type: ignore[arg-type]
    return replace(member, fields={name: np.where(ice, values, 0.0) for name, values in f.items()})
