"""What a form of files is, and the registry of them: observations of a product or of an assimilation system.

A form is a frozen dataclass whose fields are its options, each ``Annotated[type, "help text"]``. Every form reads;
some write too.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from halocline.observations.table import Observations
from halocline.runtime.registry import Registry


class Form(Protocol):
    """A form of files; a frozen dataclass of its options."""

    summary: ClassVar[str]
    """One line for the list of forms."""
    writes: ClassVar[str]
    """What ``write`` makes: ``file``, ``folder``, or ``no`` if the form is read only."""

    def read(self, files: Sequence[Path]) -> Observations:
        """Return what files hold.

        Raises:
            InputError: If a file is of another form, or a column of it is wrong.
        """


class WritingForm(Form, Protocol):
    """A form that is written, too."""

    def write(self, table: Observations, path: Path) -> list[str]:
        """Write a table to a new path, file or folder; return what to tell.

        The caller gives a hidden path that takes its name when all is written.

        Raises:
            InputError: If the form has no name for a variable.
        """


FORMS: "Registry[Callable[..., Form]]" = Registry("form of observations", __package__, "halocline.observation_forms")
"""Forms by name."""
