"""What the steps of the reader share while one dataset goes through them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from halocline.data.files.problems import Problems
from halocline.data.grids.grid import Grid
from halocline.data.reading.choices import Choices
from halocline.data.reading.notes import Notes
from halocline.runtime.errors import InputError

if TYPE_CHECKING:
    from halocline.data.reading.ocean.mesh import Mesh

Group = Literal["seaice", "ocean", "forcing"]


@dataclass
class Work:
    """The reading of one dataset.

    Attributes:
        source: Its name, for errors.
        group: Which variables are looked for.
        choices: The user's answers.
        target: The grid that the file must lie on, if the caller has one: rows are then turned to its order.
        like: A grid on which the file may lie; it becomes the target if the positions fit.
        needs_grid: Whether positions and a mask must be known.
        mesh: A file of the grid beside the states; its grid is the target if there is no other.
        notes: What was done.
        units: The unit that the file or the user said, by variable.
        problems: What is wrong; raised together at the end of a step or of all.
    """

    source: str
    group: Group
    choices: Choices
    target: Grid | None
    like: Grid | None = None
    mesh: "Mesh | None" = None
    needs_grid: bool = True
    notes: Notes = field(default_factory=Notes)
    units: dict[str, str] = field(default_factory=dict)
    problems: Problems = field(init=False)

    def __post_init__(self) -> None:
        self.problems = Problems(self.source)
        if self.target is None and self.mesh is not None:
            self.target = self.mesh.grid

    def wrong(self, what: str, *, found: str, expected: str, remedy: str) -> None:
        """Keep a problem; reading goes on so that all of them are told at once."""
        self.problems.found.append(
            InputError(f"{what} in {self.source}", found=found, expected=expected, remedy=remedy)
        )

    def ask(self, what: str, *, found: str, options: dict[str, str], why: str) -> None:
        """Keep the problem that only the user can decide; ``options`` maps an option to what it means."""
        answers = "; ".join(f"{option} if {meaning}" for option, meaning in options.items())
        self.wrong(what, found=found, expected=why, remedy=f"Say which: {answers}.")
