"""Named arrays in a file: safetensors that hold a digest of themselves, and .npz, whose members carry a CRC-32."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from halocline.runtime import files
from halocline.runtime.errors import HaloclineError, InputError
from halocline.runtime.seals.json_object import damaged

_NOTES, _DIGEST = "halocline", "sha256"


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray], notes: Mapping[str, str]) -> None:
    """Write arrays and notes to one safetensors file with their digest, atomically; equal ones to equal bytes."""
    contiguous = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    told = json.dumps({**notes, _DIGEST: _hash(contiguous, notes)}, sort_keys=True)
    files.write_bytes(path, safetensors.numpy.save(contiguous, metadata={_NOTES: told}))


def read_arrays(
    path: Path, what: str, error: type[HaloclineError] = InputError
) -> tuple[dict[str, np.ndarray], dict[str, str], bool]:
    """Read what ``write_arrays`` wrote.

    Args:
        path: The file.
        what: What it is, for errors.
        error: The class to raise.

    Returns:
        Arrays, notes, and whether they have a digest; files of older versions have none.

    Raises:
        HaloclineError: If it cannot be read, or does not fit its digest.
    """
    try:
        data = path.read_bytes()
        arrays: dict[str, np.ndarray] = safetensors.numpy.load(data)
        told = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__", {})
        notes: dict[str, str] = json.loads(told[_NOTES]) if _NOTES in told else dict(told)
        stated = notes.pop(_DIGEST) if _NOTES in told else None
    except Exception as problem:  # the library's errors have no class in common
        raise damaged(f"{what} {path}", f"a file that cannot be read as one ({problem})", error) from problem
    lost = stated is None and any(_DIGEST in words for words in notes.values())
    if lost or (stated is not None and stated != _hash(arrays, notes)):
        raise damaged(f"{what} {path}", "arrays that do not fit their own checksum", error)
    return arrays, notes, stated is not None


def read_npz(path: Path | str, what: str, *names: str, error: type[HaloclineError] = InputError) -> dict[str, Any]:
    """Read the arrays ``names`` of an .npz, or all of them; each member's CRC-32 is checked.

    Raises:
        HaloclineError: If the file cannot be read, or lacks one.
    """
    try:
        with np.load(path) as file:
            return {name: file[name] for name in names or file.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as problem:
        raise damaged(f"{what} {path}", f"a file that cannot be read ({problem})", error) from problem


def _hash(arrays: Mapping[str, np.ndarray], notes: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(dict(notes), sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return digest.hexdigest()
