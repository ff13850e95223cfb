"""What exports of columns read before they write: options, grid, the first state, the air; told together if wrong."""

from collections.abc import Callable

from halocline.bridge.exports.base import Request
from halocline.bridge.restarts.air import Air, air_temperature
from halocline.bridge.restarts.members import Members, open_members
from halocline.bridge.restarts.settings import Options
from halocline.data.grids.grid import Grid
from halocline.runtime.errors import HaloclineError


def prepare(
    request: Request, options: Options, air: str | None, read_grid: Callable[[], Grid] | None = None
) -> tuple[Members, Air]:
    """Return the states and the air above them.

    Args:
        request: What is asked.
        options: With what is wrong with the options so far.
        air: The option ``--air-temperature``.
        read_grid: Reads the receiving model's grid; None takes that of the states.

    Raises:
        InputError: It lists all that is wrong with options, grid, states and air.
    """
    found = None
    grid = None if read_grid is None else options.taken(read_grid, None)
    try:
        members = open_members(request.states, request.choices, request.members, grid)
        found = members, air_temperature(air, members.grid, len(members), members.first)
    except HaloclineError as error:
        options.keep(error)
    options.problems.raise_all()
    assert found is not None
    return found
