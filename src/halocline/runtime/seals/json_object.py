"""JSON that holds its own sha256: records of runs that one flipped bit must not change unnoticed.

``seal`` is one entry more in an object, ``{"sha256": …}`` over the others in canonical form. What has none was written
by an older version and is taken as it is.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from halocline.runtime import files
from halocline.runtime.errors import HaloclineError, InputError

SEAL = "seal"
_DIGEST = "sha256"


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON-able content with its seal."""
    return {**content, SEAL: {_DIGEST: _hash(content)}}


def fits(content: Mapping[str, Any]) -> bool:
    """Tell whether content fits its seal; content without one does.

    A seal under another name, as a flipped bit leaves it, does not.
    """
    seals = [key for key, value in content.items() if key == SEAL or _like_a_seal(value)]
    return not seals or (seals == [SEAL] and content[SEAL] == {_DIGEST: _hash(unsealed(content))})


def unsealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return content without its seal."""
    return {key: value for key, value in content.items() if key != SEAL}


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a sealed JSON object, atomically; what is not a finite number must be null already."""
    text = json.dumps(sealed(content), indent=1, ensure_ascii=False, allow_nan=False)
    files.write_text(path, text + "\n")


def read_json(path: Path, what: str, error: type[HaloclineError] = InputError) -> dict[str, Any]:
    """Read what ``write_json`` wrote, without the seal.

    Args:
        path: The file.
        what: What it is, for errors.
        error: The class to raise.

    Raises:
        HaloclineError: If it is absent, no JSON object, or does not fit its seal.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        raise damaged(f"{what} {path}", f"a file that cannot be read ({problem})", error) from problem
    if not isinstance(content, dict):
        raise damaged(f"{what} {path}", f"JSON that is no object ({type(content).__name__})", error)
    if not fits(content):
        raise damaged(f"{what} {path}", "content that does not fit its own checksum", error)
    return unsealed(content)


def has_seal(path: Path) -> bool:
    """Tell whether a JSON file that can be read carries a seal."""
    return SEAL in json.loads(path.read_bytes())


def damaged(field: str, found: str, error: type[HaloclineError] = InputError) -> HaloclineError:
    """Return the error that says that a file is not as it was written."""
    remedy = "It is truncated or was changed on disk; copy it again, or remove it and make it again."
    return error(field, found=found, expected="the file as it was written", remedy=remedy)


def _like_a_seal(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {_DIGEST}


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
