"""Names of what is not whole yet, or no longer."""

import re
import secrets
from pathlib import Path

_HIDDEN = re.compile(r"\..+\.[0-9a-z_]+\.tmp(\..+)?")
_ZARR = re.compile(r".+\.[0-9a-f]{32}\.partial")
"""What Zarr calls a chunk before it is whole."""


def hidden_beside(path: Path) -> Path:
    """Return a fresh path beside ``path``, ``.NAME.<random>.tmp`` with the ending of ``path``."""
    return path.with_name(f"{prefix_of(path)}{secrets.token_hex(4)}.tmp{path.suffix}")


def prefix_of(path: Path) -> str:
    """Return how all such names of a path begin."""
    return f".{path.name.lstrip('.')}."


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder of this name is not whole."""
    return _HIDDEN.fullmatch(name) is not None


def is_partial_chunk(name: str) -> bool:
    """Tell whether a file of this name is a chunk of Zarr that is not whole."""
    return _ZARR.fullmatch(name) is not None
