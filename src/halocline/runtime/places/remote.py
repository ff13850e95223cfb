"""The only place that talks to fsspec: objects by address, and its errors in words."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from halocline.runtime.errors import HaloclineError, InputError
from halocline.runtime.extras import require_extra

_EXTRAS = {"s3": "cloud", "s3a": "cloud", "http": "cloud", "https": "cloud", "gs": "gcs", "gcs": "gcs"}
"""Extra that brings the package of each kind of address."""
_REMEDY = (
    "Check the address, the credentials and the server; the library's own environment variables (AWS_PROFILE, "
    "AWS_ENDPOINT_URL, FSSPEC_…) tell it where and who."
)


class Remote:
    """What lies at an address and below it.

    Args:
        address: E.g. ``s3://bucket/name``.

    Raises:
        InputError: If there is no such kind of address, or it cannot be reached.
        MissingExtraError: If the package that reaches it is not installed.
    """

    def __init__(self, address: str) -> None:
        from fsspec.core import url_to_fs

        self.address = address
        try:
            with reaching(address):
                self._fs, self._path = url_to_fs(address, use_listings_cache=False, skip_instance_cache=False)
        except HaloclineError as error:
            if isinstance(error.__cause__, ImportError):
                _require_package(address, error.__cause__)
            raise

    def bytes_of(self, ending: str, start: int | None = None, end: int | None = None) -> bytes | None:
        """Return an object, or a range of its bytes; None if there is none.

        Args:
            ending: What follows the address: ``/name`` of an object below, or ``.complete``.
            start: First byte.
            end: Byte behind the last.
        """
        with reaching(self.address + ending):
            try:
                return bytes(self._fs.cat_file(self._path + ending, start=start, end=end))
            except (FileNotFoundError, IsADirectoryError):
                return None

    def about(self) -> Mapping[str, Any] | None:
        """Return what the server tells of a single object at the address; None if there is no object."""
        with reaching(self.address):
            try:
                found: Mapping[str, Any] = self._fs.info(self._path)
            except FileNotFoundError:
                return None
            return found if found["type"] == "file" else None

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each object below the address by name."""
        with reaching(self.address):
            self._fs.invalidate_cache()
            found = self._fs.find(self._path, detail=True)
        stem = self._fs._strip_protocol(self._path).rstrip("/") + "/"
        return {name[len(stem) :]: int(info["size"]) for name, info in found.items() if name.startswith(stem)}

    def matching(self) -> list[str]:
        """Return the addresses that fit one with ``*`` in it, in order."""
        with reaching(self.address):
            return sorted(str(self._fs.unstrip_protocol(name)) for name in self._fs.glob(self._path))

    def get(self, local: Mapping[str, Path]) -> None:
        """Copy objects to local files.

        Args:
            local: File of each ending.
        """
        for path in local.values():
            path.parent.mkdir(parents=True, exist_ok=True)
        with reaching(self.address):
            self._fs.get([self._path + ending for ending in local], [str(path) for path in local.values()])

    def put(self, local: Mapping[str, Path]) -> None:
        """Copy local files to objects."""
        with reaching(self.address):
            for ending, path in local.items():
                self._fs.put_file(str(path), self._path + ending)

    def create(self, ending: str, data: bytes) -> bool:
        """Write an object that must not be there; return False if it is, where the store can tell."""
        with reaching(self.address + ending):
            try:
                self._fs.pipe_file(self._path + ending, data, mode="create")
            except FileExistsError:
                return False
        return True

    def remove(self, ending: str) -> None:
        """Remove an object, or nothing if it is absent."""
        with reaching(self.address + ending), contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._path + ending)


def _require_package(address: str, error: ImportError) -> None:
    """Raise the error for a kind of address whose package is not installed; fsspec's own names it."""
    if extra := _EXTRAS.get(address.partition("://")[0]):
        require_extra(extra, f"reaching {address}")
    raise InputError(address, found="no package that reaches it", expected="one", remedy=f"{error}.") from error


@contextlib.contextmanager
def reaching(address: str) -> Iterator[None]:
    """Turn what libraries raise on their way to an address into an error that names it; they have no class in common.

    FileNotFoundError that the block does not catch is an error, too.
    """
    try:
        yield
    except HaloclineError:
        raise
    except Exception as error:
        found = f"it cannot be reached ({type(error).__name__}: {str(error)[:300]})"
        raise InputError(address, found=found, expected="a server that answers", remedy=_REMEDY) from error
