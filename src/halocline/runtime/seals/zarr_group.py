"""Seals of Zarr folders: what every file held when it was written, so that one flipped bit anywhere is told.

The seal is a Zarr group ``seal`` beside the arrays, so that no tool copies it with the data: what another program wrote
anew has none. Its attributes hold the sha256 of each small file (attributes, layouts, coordinates, grid), looked at on
each opening, and of the large arrays one digest over the checksums that their chunks carry, looked at when all is read.
A folder without seal was written by an older version, or by another program.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from halocline.runtime import files
from halocline.runtime.errors import HaloclineError, InputError
from halocline.runtime.places.reading import fetch_rest
from halocline.runtime.seals.json_object import fits, sealed

SEAL = "seal"
SEAL_VERSION = 1
_ROOT = "zarr.json"
_CRC_BYTES = 4


def seal_folder(folder: Path, bulk: Collection[str], *, whole: bool = False) -> None:
    """Seal a Zarr group that is being made.

    Args:
        folder: The group.
        bulk: Its large arrays, which are written later or one by one.
        whole: Whether the large arrays are whole already.
    """
    heads = {name: [files.sha256_of(folder / name)] for name in _small(folder, bulk)}
    _write(folder, {"heads": heads, "bulk": {name: _digest(folder, name) if whole else None for name in sorted(bulk)}})


def change_attributes(
    folder: Path, changes: Mapping[str, Any], *, whole: Collection[str] = (), open_again: Collection[str] = ()
) -> None:
    """Change attributes of a sealed group; after a kill at any moment the seal fits what is there.

    Args:
        folder: The group.
        changes: New values by name.
        whole: Large arrays that are whole now.
        open_again: Large arrays that are no longer, and will be written to.

    Raises:
        InputError: If the folder does not fit its seal.
    """
    root = folder / _ROOT
    seal = check_seal(folder)
    content = json.loads(root.read_bytes())
    content["attributes"] = {**content.get("attributes", {}), **json.loads(json.dumps(changes))}
    data = (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
    if seal is not None:
        seal["bulk"] |= {name: _digest(folder, name) for name in whole} | dict.fromkeys(open_again)
        seal["heads"][_ROOT] = [files.sha256_of(root), hashlib.sha256(data).hexdigest()]
        _write(folder, seal)
    files.write_bytes(root, data)
    if seal is not None:
        seal["heads"][_ROOT] = seal["heads"][_ROOT][1:]
        _write(folder, seal)


def settle_seal(folder: Path) -> None:
    """Have a seal fit what is there alone; a kill while attributes were changed has left one that fits both contents.

    Only the run that holds the lock may, see ``runtime/disk/leftovers.py``.

    Raises:
        InputError: If the folder does not fit its seal.
    """
    seal = check_seal(folder)
    if seal is not None and any(len(allowed) > 1 for allowed in seal["heads"].values()):
        seal["heads"] = {name: [files.sha256_of(folder / name)] for name in seal["heads"]}
        _write(folder, seal)


def check_seal(
    folder: Path, what: str = "folder", error: type[HaloclineError] = InputError, *, whole: bool = False
) -> dict[str, Any] | None:
    """Check the small files of a Zarr group against its seal.

    Args:
        folder: The group.
        what: What it is, for errors.
        error: The class to raise.
        whole: Whether to check the digests of the large arrays, and that no file came in, too.

    Returns:
        The seal; None if the folder has none.

    Raises:
        HaloclineError: If a file is absent or was changed.
    """
    try:
        text = (folder / SEAL / _ROOT).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise _broken(f"{what} {folder}", f"a seal that cannot be read ({problem.strerror})", error) from problem
    try:
        seal: dict[str, Any] = json.loads(text)["attributes"]
        sound = fits(seal) and seal["halocline_seal"] == SEAL_VERSION
        heads, bulk = dict(seal["heads"]), dict(seal["bulk"])
    except (ValueError, KeyError, TypeError) as problem:
        raise _broken(f"{what} {folder}", f"a seal that cannot be read ({problem})", error) from problem
    if not sound:
        raise _broken(f"{what} {folder}", "a seal that does not fit its own checksum", error)
    for name, allowed in heads.items():
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as problem:
            raise _broken(f"{what} {folder}", f"no {name} that can be read ({problem.strerror})", error) from problem
        if found not in allowed:
            raise _broken(f"{what} {folder}", f"another {name} than was written", error)
    if whole:
        fetch_rest(folder)
        if strange := sorted(set(_small(folder, bulk)) - set(heads)):
            raise _broken(f"{what} {folder}", f"a file that was not written with it, {strange[0]}", error)
        for name, digest in bulk.items():
            if digest is not None and digest != _digest(folder, name):
                raise _broken(f"{what} {folder}", f"chunks of '{name}' that are missing or were changed", error)
    return {"heads": heads, "bulk": bulk}


def _write(folder: Path, seal: Mapping[str, Any]) -> None:
    attributes = sealed({"halocline_seal": SEAL_VERSION, **seal})
    content = {"zarr_format": 3, "node_type": "group", "attributes": attributes}
    files.write_text(folder / SEAL / _ROOT, json.dumps(content, indent=1) + "\n")


def _small(folder: Path, bulk: Collection[str]) -> Iterator[str]:
    """Yield the names of the files of a group but for its seal and the chunks of its large arrays."""
    for path in sorted(folder.iterdir()):
        if path.name in bulk:
            yield f"{path.name}/{_ROOT}"
        elif path.name != SEAL:
            inside = [path] if path.is_file() else sorted(path.rglob("*"))
            yield from (p.relative_to(folder).as_posix() for p in inside if p.is_file() and not _unfinished(p))


def _unfinished(path: Path) -> bool:
    """Tell whether a kill left a file while it was written."""
    return path.name.startswith(".") or path.name.endswith(".partial")


def _digest(folder: Path, name: str) -> str:
    """Return a digest over the chunks of an array: the CRC-32C at the end of each if it has one, or its sha256."""
    array = folder / name
    codecs = [codec.get("name") for codec in json.loads((array / _ROOT).read_bytes())["codecs"]]
    digest = hashlib.sha256()
    for path in sorted(p for p in array.rglob("*") if p.is_file() and p != array / _ROOT):
        data = _tail(path) if codecs[-1] == "crc32c" else hashlib.sha256(path.read_bytes()).digest()
        digest.update(f"{path.relative_to(array).as_posix()} {path.stat().st_size} {data.hex()}\n".encode())
    return digest.hexdigest()


def _tail(path: Path) -> bytes:
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - _CRC_BYTES))
        return file.read()


def _broken(field: str, found: str, error: type[HaloclineError]) -> HaloclineError:
    remedy = "It is truncated or was changed on disk; copy it again or make it again. "
    remedy += f"If you changed it yourself and mean it, remove its folder '{SEAL}'."
    return error(field, found=found, expected="every file as it was written", remedy=remedy)
