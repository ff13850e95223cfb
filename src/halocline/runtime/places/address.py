"""Addresses, ``s3://bucket/name``, and the local paths that stand for them while a command runs.

Everything reads and writes local paths. What lies at an address is mirrored under a folder whose own name and whose
inner path tell the address, so that any message can name the address again: no table of what stands for what.
"""

import os
import re
import tempfile
from pathlib import Path

READ, WRITE = "halocline-read-", "halocline-write-"
"""How folders of mirrors, and of outputs that are uploaded once whole, begin."""
_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+):/+(.+)")  # of s3://bucket/name, pathlib leaves one slash
_MIRRORED = re.compile(rf"[^\s'\"]*/(?:{READ}|{WRITE})[0-9a-z_]+/([a-z][a-z0-9+.-]+)/")


def address_of(path: object) -> str | None:
    """Return the address that a text or a path is, without a slash at its end; None if it is a local path."""
    found = _ADDRESS.fullmatch(str(path)) if isinstance(path, str | Path) else None
    return None if found is None else f"{found[1]}://{found[2].rstrip('/')}"


def inside(folder: Path, address: str) -> Path:
    """Return the path under a folder of mirrors that stands for an address."""
    scheme, _, rest = address.partition("://")
    return folder.joinpath(scheme, *(part for part in rest.split("/") if part not in ("", ".", "..")))


def scratch() -> Path:
    """Return where mirrors and outputs on their way lie: ``HALOCLINE_SCRATCH``, or the folder of temporary files."""
    return Path(os.environ.get("HALOCLINE_SCRATCH") or tempfile.gettempdir()).absolute()


def named(text: str) -> str:
    """Return text in which local paths that stand for addresses are the addresses."""
    return _MIRRORED.sub(r"\1://", text) if "/halocline-" in text else text
