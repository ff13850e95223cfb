"""The commit marker of a folder in an object store: what it holds, written last, beside it.

Object stores have no rename, so that nothing there appears whole by itself but a single object. A folder ``NAME`` is
whole once the object ``NAME.complete`` is there, sealed JSON with the size of each object of the folder. While a run is
at work, ``NAME.begun`` says so.
"""

import json
from collections.abc import Mapping
from typing import Any

from halocline.runtime.errors import HaloclineError, InputError
from halocline.runtime.seals.json_object import fits, sealed

COMPLETE, BEGUN = ".complete", ".begun"
_VERSION = 1
Objects = Mapping[str, int]
"""Bytes of each object by its name in the folder."""


def marker(objects: Objects) -> bytes:
    """Return the marker of a folder that holds these objects."""
    content = sealed({"halocline_place": _VERSION, "objects": dict(objects)})
    return (json.dumps(content, indent=0) + "\n").encode()


def objects_of(text: bytes, address: str) -> dict[str, int]:
    """Return what a marker says that the folder at an address holds.

    Raises:
        InputError: If the marker is damaged, or of another version.
    """
    try:
        content: Any = json.loads(text)
        objects = {str(name): int(size) for name, size in content["objects"].items()}
        sound = fits(content) and content["halocline_place"] == _VERSION
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise _damaged(address, f"a marker that cannot be read ({problem})") from problem
    if not sound or any(".." in name.split("/") or name.startswith("/") for name in objects):
        raise _damaged(address, "a marker that is not as it was written")
    return objects


def _damaged(address: str, found: str) -> HaloclineError:
    remedy = "Copy the folder there again: halocline copy FOLDER ADDRESS"
    return InputError(f"{address}{COMPLETE}", found=found, expected="the marker of a whole folder", remedy=remedy)
