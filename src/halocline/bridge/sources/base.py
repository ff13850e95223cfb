"""What a source of states is, and the registry of them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from halocline.runtime.registry import Registry

if TYPE_CHECKING:
    import xarray as xr

Source = Callable[[Sequence[Path]], "xr.Dataset"]
"""``read(files)``: one dataset in the form of ``write_store``, the grid's variables beside the states."""

SOURCES: "Registry[Source]" = Registry("data source", __package__, "halocline.sources")
"""Sources by name."""
