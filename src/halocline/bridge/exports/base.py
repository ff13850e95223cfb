"""What a kind of export is, and the registry of them: sea-ice states as files that others start from or assimilate.

A kind is a frozen dataclass whose fields are the options of its command, each ``Annotated[type, "help text"]``. Files
of kinds import what they need when called, so that listing them is cheap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from halocline.runtime.registry import Registry

if TYPE_CHECKING:
    from halocline.data.reading.choices import Choices


@dataclass(frozen=True)
class Request:
    """What every export is asked.

    Attributes:
        states: File, folder or store of the states, or a dataset.
        out: File to make of one state, or folder to make of several.
        members: Which states, counted from 0 over members and times; all if None.
        choices: What the states do not say.
    """

    states: Any
    out: Path
    members: tuple[int, ...] | None
    choices: "Choices"


class Kind(Protocol):
    """A kind of export; a frozen dataclass of its options."""

    summary: ClassVar[str]
    """One line for the help."""
    folder: ClassVar[bool]
    """Whether it makes a folder even of one state."""

    def write(self, request: Request) -> list[str]:
        """Write the files and return what to tell: notes, and the settings that the receiving model needs.

        Raises:
            InputError: It lists all that is wrong with states, grid and options.
            OutputError: If the output exists or cannot be written.
        """


EXPORTS: "Registry[Callable[..., Kind]]" = Registry("export", __package__, "halocline.exports")
"""Kinds by name."""
