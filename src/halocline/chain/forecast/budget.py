"""How many members and tiles go together in the memory that the user gives."""

from dataclasses import dataclass

from pydantic import ByteSize, TypeAdapter, ValidationError

from halocline.chain.forecast.stepper import Stepper
from halocline.data.grids.grid import Grid
from halocline.runtime.errors import ConfigError

MOST_TILES = 64
_COPIES = 3  # states before the step, those after it by part, and these put together


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
    try:
        return int(TypeAdapter(ByteSize).validate_python(text))
    except ValidationError:
        remedy = "Write for example --memory 2GB"
        raise ConfigError(
            "memory", found=f"'{text}'", expected="a number and MB, GB, MiB or GiB", remedy=remedy
        ) from None


def plan(stepper: Stepper, grid: Grid, members: int, memory: int, air: int = 0, begun: int = 0) -> Budget:
    """Return what fits: as many tiles together as is useful, then as many members.

    Args:
        stepper: The model.
        grid: The grid.
        members: Members of one start that this process carries at once.
        memory: Bytes there are.
        air: Bytes of the weather: what is kept of it, and the records around a step.
        begun: Bytes of the states of all starts.

    Raises:
        ConfigError: If not even one tile of one member fits.
    """
    own, per_member, per_tile = stepper.working_bytes(grid)
    held = _COPIES * members * 4 * len(stepper.channels) * grid.mask.size
    room = memory - own - air - begun - held - per_member - per_tile
    if room < 0:
        parts = {
            "the network": own,
            "the weather kept": air,
            "the starts": begun,
            f"the states of {members} members": held,
            "a member in its step": per_member,
            "a tile": per_tile,
        }
        raise ConfigError(
            "memory",
            found=f"{memory / 1e6:.0f} MB",
            expected=f"at least {-(-(memory - room) // 10**6)} MB: "
            + ", ".join(f"{part} {size / 1e6:.0f}" for part, size in parts.items()),
            remedy="Give more --memory (what the program itself takes comes on top), or forecast with fewer --members.",
        )
    together = min(members, 1 + room // max(1, per_member + per_tile))
    room -= (together - 1) * (per_member + per_tile)
    return Budget(int(together), int(min(MOST_TILES, together + room // max(1, per_tile))))
