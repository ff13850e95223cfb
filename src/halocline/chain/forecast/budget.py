"""How many members and tiles go together in the memory that the user gives."""

import re
from dataclasses import dataclass

from halocline.chain.forecast.stepper import Stepper
from halocline.data.grids.grid import Grid
from halocline.runtime.errors import ConfigError

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
MOST_TILES = 64


@dataclass(frozen=True)
class Budget:
    """Members stepped together, and tiles computed together."""

    members: int
    tiles: int


def parse_memory(text: str) -> int:
    """Return bytes of e.g. ``2GB`` or ``500 MiB``.

    Raises:
        ConfigError: If it is no amount of memory.
    """
    found = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([A-Za-z]*)\s*", text)
    unit = found.group(2).upper() if found else "?"
    if found is None or unit not in _UNITS:
        raise ConfigError(
            "memory",
            found=f"'{text}'",
            expected="a number and MB, GB, MiB or GiB",
            remedy="Write for example --memory 2GB",
        )
    return int(float(found.group(1)) * _UNITS[unit])


def plan(stepper: Stepper, grid: Grid, members: int, memory: int) -> Budget:
    """Return what fits: as many tiles together as is useful, then as many members.

    Raises:
        ConfigError: If not even one tile of one member fits.
    """
    own, per_member, per_tile = stepper.working_bytes(grid)
    room = memory - own - per_member - per_tile
    if room < 0:
        need = own + per_member + per_tile
        raise ConfigError(
            "memory",
            found=f"{memory / 1e6:.0f} MB",
            expected=f"at least {-(-need // 10**6)} MB: the network {own / 1e6:.0f}, a member {per_member / 1e6:.0f}, "
            f"a tile {per_tile / 1e6:.0f}",
            remedy="Give more --memory (what the program itself takes comes on top), or use a smaller model.",
        )
    together = min(members, 1 + room // max(1, per_member + per_tile))
    room -= (together - 1) * (per_member + per_tile)
    return Budget(int(together), int(min(MOST_TILES, together + room // max(1, per_tile))))
