"""Zarr folders wherever they lie: a mirror's large arrays are read from their address, chunk by chunk."""

import asyncio
from pathlib import Path
from typing import Any

import xarray as xr
from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest
from zarr.core.buffer import Buffer, BufferPrototype, default_buffer_prototype
from zarr.storage import FsspecStore, LocalStore

from halocline.runtime.places.reading import place_of, require_size
from halocline.runtime.places.remote import Remote


class MirroredStore(LocalStore):
    """A mirror whose missing chunks are read from the address it stands for.

    Args:
        folder: The mirror.
        address: What it mirrors.
        objects: Bytes of each object there.
    """

    def __init__(self, folder: Path, address: str, objects: dict[str, int]) -> None:
        super().__init__(folder, read_only=True)
        self._address, self._objects = address, objects

    async def get(
        self, key: str, prototype: BufferPrototype | None = None, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return an object or a range of it: from the mirror, else from the address.

        Raises:
            InputError: If the object is not as long as it was written, or cannot be reached.
        """
        found = await super().get(key, prototype, byte_range)
        if found is not None or key not in self._objects:
            return found
        start, end = _span(byte_range, self._objects[key])
        data = await asyncio.to_thread(_read, self._address, key, start, end, self._objects[key])
        return (prototype or default_buffer_prototype()).buffer.from_bytes(data)

    async def exists(self, key: str) -> bool:
        """Tell whether there is an object of this name."""
        return key in self._objects or await super().exists(key)

    def __getstate__(self) -> dict[str, Any]:
        """Travel between processes."""
        return dict(self.__dict__)


def zarr_place(path: Path) -> Path | Store:
    """Return what Zarr opens for reading: a path itself, or for a mirror the store of its address."""
    told = place_of(path)
    if told is None:
        return path
    if told["objects"] is None:
        return FsspecStore.from_url(told["address"], read_only=True)
    return MirroredStore(path, told["address"], told["objects"])


def open_zarr(path: Path) -> xr.Dataset:
    """Open a Zarr folder lazily, times as numbers.

    Of another program's at an address the consolidated metadata name the arrays: a web server lists nothing.
    """
    place = zarr_place(path)
    consolidated = None if isinstance(place, FsspecStore) else False
    return xr.open_zarr(place, consolidated=consolidated, chunks=None, decode_times=False)


def _span(asked: ByteRequest | None, size: int) -> tuple[int, int]:
    if isinstance(asked, RangeByteRequest):
        return asked.start, min(asked.end, size)
    if isinstance(asked, OffsetByteRequest):
        return asked.offset, size
    if isinstance(asked, SuffixByteRequest):
        return max(0, size - asked.suffix), size
    return 0, size


def _read(address: str, key: str, start: int, end: int, size: int) -> bytes:
    whole = (start, end) == (0, size)
    data = Remote(address).bytes_of(f"/{key}", *(() if whole else (start, end)))
    found = 0 if data is None else len(data)
    if data is not None and not whole and found == size:  # plain web servers know no ranges, and send all
        return data[start:end]
    require_size(f"{address}/{key}", found if whole else size - (end - start) + found, size)
    return data or b""
