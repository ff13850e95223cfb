"""What lies at an address, on hand as a local path: small files copied, chunks of large arrays read when asked for."""

import atexit
import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from halocline.runtime.errors import InputError
from halocline.runtime.places.address import READ, address_of, inside, scratch
from halocline.runtime.places.manifest import COMPLETE, objects_of
from halocline.runtime.places.remote import Remote

NOTE = ".place"
"""Ending of the file beside a mirror that tells its address and what it holds."""
_SEAL = "seal/zarr.json"
_ROOTS = ("zarr.json", ".zgroup", ".zattrs", ".zmetadata", "card.json")
_OURS = (b'"halocline_store"', b'"halocline_forecast"', b'"halocline_model"')
_SMALL = 16_000_000


def at_hand(path: Path | str) -> Path:
    """Return a local path for what a user named: a path as it is, or a mirror of what lies at an address.

    Of a Zarr folder the mirror holds all but the chunks of large arrays, which ``zarr_place`` reads from where they
    are. It lasts until the process ends. Where nothing is at the address, nothing is at the path.

    Raises:
        InputError: If the address cannot be reached, or a folder that Halocline wrote is not whole there.
    """
    address = address_of(path)
    if address is None:
        return Path(path)
    if address.startswith("file://"):
        return Path("/" + address.removeprefix("file://").lstrip("/"))
    remote, local = Remote(address), inside(_fresh_folder(), address)
    local.parent.mkdir(parents=True)
    text = remote.bytes_of(COMPLETE)
    if text is not None:
        objects = objects_of(text, address)
        _note(local, {"address": address, "objects": objects})
        local.mkdir()
        _fetch(remote, local, objects, _at_once(remote, objects))
    elif (about := remote.about()) is not None:
        _require_room(address, int(about["size"] or 0))
        remote.get({"": local})
        _keep_time(local, about)
    else:
        _mirror_roots(remote, local)
    return local


def all_at_hand(pattern: Path | str) -> list[Path]:
    """Return ``at_hand`` of each address that a pattern with ``*`` fits; of a pattern without, or a path, itself."""
    address = address_of(pattern)
    if address is None or "*" not in address:
        return [at_hand(pattern)]
    return [at_hand(found) for found in Remote(address).matching()] or [Path(pattern)]


def fetch_rest(local: Path) -> None:
    """Copy to a mirror all that it has not yet, for what is read file by file; a path that is no mirror is left."""
    if (told := place_of(local)) is None:
        return
    if told["objects"] is None:
        raise InputError(
            told["address"],
            found="a folder that another program wrote, without a list of what it holds",
            expected="one that Halocline wrote, to be read as a whole",
            remedy="Copy it to a local folder with a tool of the object store.",
        )
    there = {path.relative_to(local).as_posix() for path in local.rglob("*") if path.is_file()}
    _fetch(Remote(told["address"]), local, told["objects"], set(told["objects"]) - there)


def place_of(local: Path) -> dict[str, Any] | None:
    """Return the address and the objects (None if that is not known) of a mirror; None if a path is none."""
    note = local.with_name(local.name + NOTE)
    if f"/{READ}" not in str(note) or not note.is_file():
        return None
    told: dict[str, Any] = json.loads(note.read_bytes())
    return told


def _fresh_folder() -> Path:
    scratch().mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=READ, dir=scratch()))
    atexit.register(_forget, folder, os.getpid())
    return folder


def _forget(folder: Path, process: int) -> None:
    if os.getpid() == process:  # and not in one that was forked
        shutil.rmtree(folder, ignore_errors=True)


def _note(local: Path, told: Mapping[str, Any]) -> None:
    local.with_name(local.name + NOTE).write_text(json.dumps(told), encoding="utf-8")


def _at_once(remote: Remote, objects: Mapping[str, int]) -> set[str]:
    """Return the objects that are copied at once: all but the chunks of large arrays."""
    if "zarr.json" not in objects:
        return set(objects)
    chunks: dict[str, list[str]] = {}
    for name in objects:
        array, chunk, _ = name.partition("/c/")
        if chunk:
            chunks.setdefault(array, []).append(name)
    seal = remote.bytes_of("/" + _SEAL) if _SEAL in objects else None
    try:
        large = set(json.loads(seal)["attributes"]["bulk"]) if seal else set()
    except (ValueError, KeyError, TypeError):
        large = set()  # the reader of the seal will tell
    if not seal:
        large = {array for array, names in chunks.items() if sum(objects[n] for n in names) > _SMALL}
    return set(objects) - {name for array in large & set(chunks) for name in chunks[array]}


def _fetch(remote: Remote, local: Path, objects: Mapping[str, int], names: Iterable[str]) -> None:
    names = sorted(names)
    _require_room(remote.address, sum(objects[name] for name in names))
    remote.get({f"/{name}": local / name for name in names})
    for name in names:
        require_size(f"{remote.address}/{name}", (local / name).stat().st_size, objects[name])


def require_size(address: str, found: int, written: int) -> None:
    """Raise InputError unless an object has as many bytes as were written."""
    if found != written:
        raise InputError(
            address,
            found=f"an object of {found} bytes",
            expected=f"the {written} bytes that were written",
            remedy="It was cut or changed there; copy the folder there again: halocline copy FOLDER ADDRESS",
        )


def _mirror_roots(remote: Remote, local: Path) -> None:
    """Mirror a folder without marker, if another program wrote it.

    Raises:
        InputError: If Halocline wrote it.
    """
    roots = {name: data for name in _ROOTS if (data := remote.bytes_of(f"/{name}")) is not None}
    if any(mark in data for data in roots.values() for mark in _OURS) or remote.bytes_of(f"/{_SEAL}") is not None:
        raise InputError(
            remote.address,
            found=f"a folder without the marker {remote.address}{COMPLETE}",
            expected="a folder that is whole",
            remedy="The run or copy that writes it has not ended: give its command again. A folder that was copied "
            "there by another tool gets its marker from: halocline copy FOLDER ADDRESS",
        )
    if not roots:
        return
    local.mkdir()
    for name, data in roots.items():
        (local / name).write_bytes(data)
    _note(local, {"address": remote.address, "objects": None})


def _keep_time(local: Path, about: Mapping[str, Any]) -> None:
    """Give a mirrored file the time of its object, by which an import tells whether it has changed."""
    when: Any = about.get("LastModified") or about.get("created") or about.get("mtime") or 0.0
    if isinstance(when, str):
        with contextlib.suppress(ValueError):
            when = parsedate_to_datetime(when)
    seconds = float(when.timestamp() if hasattr(when, "timestamp") else when if isinstance(when, int | float) else 0)
    os.utime(local, (seconds, seconds))


def _require_room(address: str, need: int) -> None:
    if need > (free := shutil.disk_usage(scratch()).free):
        raise InputError(
            address,
            found=f"{need / 1e9:.3g} GB to copy",
            expected=f"no more than the {free / 1e9:.3g} GB free in {scratch()}",
            remedy="Let the environment variable HALOCLINE_SCRATCH name a folder with more room.",
        )
