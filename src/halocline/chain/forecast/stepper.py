"""What every forecast model is: something that carries states one step on, given the weather."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from halocline.data.fields.calendar import NOLEAP
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.grids.grid import Grid
from halocline.runtime.ranks import Ranks

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class StepContext:
    """The weather around a step, and whose step it is.

    Attributes:
        hour: Valid time at its beginning, hours since 2000-01-01.
        now: Forcing at its beginning (forcing, y, x), physical units.
        later: Forcing at its end.
        degree_days: Melting and freezing up to its beginning (channel, y, x), K.
        members: Numbers of the members.
        seed: Seed of the ensemble.
        store_member: Member of the store that the start and the weather are from; 0 for files.
        paired: Whether members 2k and 2k + 1 have opposite noise, see noise.step_noise.
        calendar: Calendar of the hour.
    """

    hour: int
    now: np.ndarray
    later: np.ndarray
    degree_days: np.ndarray
    members: Sequence[int]
    seed: int
    store_member: int = 0
    paired: bool = False
    calendar: str = NOLEAP


class Stepper(Protocol):
    """A model of the ice."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the state's variables."""

    @property
    def forcing(self) -> tuple[str, ...]:
        """Names of the forcing that it needs, in order."""

    @property
    def degree_days(self) -> DegreeDays:
        """Melting and freezing that it needs."""

    @property
    def step_hours(self) -> int:
        """Length of a step."""

    @property
    def card(self) -> dict[str, Any]:
        """What goes into the provenance."""

    @property
    def trained_grid(self) -> Grid | None:
        """The grid of its training data; None where nothing was trained."""

    @property
    def device(self) -> "torch.device | None":
        """Where it computes; None for models that need no network."""

    def fitting(self, names: tuple[str, ...]) -> "Stepper":
        """Return the model for states of these variables: itself, unless it takes whatever a start holds."""

    @property
    def provenance(self) -> dict[str, str]:
        """How its steps are drawn, for the forecast's provenance."""

    def trained_strength(self, name: str) -> float | None:
        """Return the root mean square of a forcing variable in the training years; None where nothing was trained."""

    def working_bytes(self, grid: Grid) -> tuple[int, int, int]:
        """Return memory in bytes: of itself, for each member on a grid, for each tile computed at once."""

    def advance(self, states: np.ndarray, context: StepContext, grid: Grid, batch: int, ranks: Ranks) -> np.ndarray:
        """Return the states (member, channel, y, x) one step later, physical units, land 0.

        Args:
            states: Now (member, channel, y, x), physical units, land 0.
            context: The weather; its members are those of the states.
            grid: The grid.
            batch: Tiles computed at once.
            ranks: Processes that share the tiles of each pass; one if each has members of its own.
        """
