"""What a kind of source is, and the registry of them: the files of one model or product, completed for the reader.

A kind knows what the manual of its product says and the files do not. It says so in the attributes of the variables
(``units``, ``standard_name``, ``cell_methods``, ``halocline_damage_of_1``), and leaves every conversion to the one
reader of all commands, ``halocline.data.reading``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from halocline.data.files.open import open_dataset
from halocline.data.reading.work import Group
from halocline.runtime.registry import Registry

if TYPE_CHECKING:
    import xarray as xr

Read = Callable[[Sequence[Path]], "xr.Dataset"]
"""``read(files)``: one dataset in memory; the simplest form of a kind, registered in its place."""


@dataclass(frozen=True)
class Part:
    """Files that belong together: the same times on different points or pieces of one grid.

    Attributes:
        files: The files.
    """

    files: tuple[Path, ...]


class Kind(Protocol):
    """Files of one model or product."""

    @property
    def summary(self) -> str:
        """One line for ``halocline import --list``: model, versions, files."""

    @property
    def group(self) -> Group | None:
        """Which variables they hold; None if the files tell."""

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Group the files; each group is read on its own, one after the other in time."""

    def open(self, part: Part) -> "xr.Dataset":
        """Return the files of a group as one dataset, lazy, with what the manual says in its attributes.

        Raises:
            InputError: If a file is another one than this kind's.
        """

    def tidy(self, slab: "xr.Dataset") -> "xr.Dataset":
        """Return a slab in memory after the arithmetic of this kind, e.g. thickness categories summed."""


class FileByFile:
    """The common kind: every file is a part, and nothing is computed."""

    group: Group | None = "seaice"

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Return one part a file."""
        return [Part((file,)) for file in files]

    def open(self, part: Part) -> "xr.Dataset":
        """Open the file lazily; dates are those of its own calendar."""
        return open_dataset(part.files[0], times="cftime")

    def tidy(self, slab: "xr.Dataset") -> "xr.Dataset":
        """Return the slab as it is."""
        return slab


SOURCES: "Registry[Kind | Read]" = Registry("data source", __package__, "halocline.sources")
"""Kinds by name."""
