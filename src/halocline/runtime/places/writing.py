"""Outputs at an address: made whole on this machine first, then uploaded, the marker last.

An object store has neither rename nor locks. What keeps two runs apart is the object ``NAME.begun``, which a run
creates before its work (where the store can, only if it is not there) and reads back; it stays if the run is killed,
and lets the same machine go on, but no other.
"""

import atexit
import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from halocline.runtime import files
from halocline.runtime.errors import HaloclineError, OutputError
from halocline.runtime.places.address import WRITE, address_of, inside, scratch
from halocline.runtime.places.manifest import BEGUN, COMPLETE, marker
from halocline.runtime.places.remote import Remote
from halocline.runtime.processes.joining import processes
from halocline.runtime.run_lock import only_run

_MADE, _CLAIM = ".made", ".claim"
"""Endings of files beside an output on its way: it is whole but not uploaded; the content of its ``NAME.begun``."""


@contextlib.contextmanager
def staged(out: Path | str) -> Iterator[Path]:
    """Yield the local path to write to: ``out`` itself, or for an address one that is uploaded when the block ends.

    A block that is broken off leaves what it made here, and the same command goes on with it.

    Raises:
        OutputError: If something is at the address, another run writes there, or the upload fails.
    """
    address = address_of(out)
    if address is None or address.startswith("file://"):
        yield Path(out) if address is None else Path("/" + address.removeprefix("file://").lstrip("/"))
        return
    _require_writable(address)
    if processes() > 1:
        raise OutputError(
            f"output {address}",
            found=f"{processes()} processes",
            expected="one process that writes to an object store",
            remedy="Write to a file system that all machines see, then: halocline copy FOLDER ADDRESS",
        )
    local, remote = inside(_own_folder(), address), Remote(address)
    local.parent.mkdir(parents=True, exist_ok=True)
    with only_run(local):
        claim = _claimed(remote, local)
        try:
            yield local
        except BaseException:
            if not _begun(local):
                _give_up(remote, claim)
            raise
        if local.exists():
            upload(local, address, claim=claim)


def upload(source: Path, address: str, *, claim: Path | None = None) -> None:
    """Copy a file or folder that is whole to an address; a folder's marker comes last.

    Args:
        source: The file or folder.
        address: Where it shall be.
        claim: The claim on the address, if it is taken already.

    Raises:
        OutputError: If something is at the address, another run writes there, or the upload fails.
    """
    _require_writable(address)
    remote, local = Remote(address), inside(_own_folder(), address)
    local.parent.mkdir(parents=True, exist_ok=True)
    own = local.exists() and source.samefile(local)
    with only_run(local):
        if own:
            _beside(local, _MADE).touch()
        taken = _claimed(remote, local, made=own) if claim is None else claim
        try:
            _send(source, remote)
        except HaloclineError as error:
            told = error.__cause__ or error
            raise OutputError(
                f"output {address}",
                found=f"an upload that failed ({type(told).__name__}: {str(told)[:300]})",
                expected="every object written",
                remedy=f"Nothing there counts as whole. Try again: halocline copy {_as_it_is(source)} {address}",
            ) from error
        _give_up(remote, taken)
        _beside(local, _MADE).unlink(missing_ok=True)
    if own:
        atexit.register(_drop, local, os.getpid())  # not before: what was returned reads it


def _require_writable(address: str) -> None:
    if address.startswith(("http://", "https://")):
        raise OutputError(
            f"output {address}",
            found="a web server, which is only read from",
            expected="an object store (s3://…, gs://…), or a path on a file system",
            remedy="Write to one of these.",
        )


def _send(source: Path, remote: Remote) -> None:
    if source.is_file():
        remote.put({"": source})
        _require_sizes(remote, {"": source.stat().st_size})
        return
    inner = sorted(path for path in source.rglob("*") if path.is_file())
    objects = {path.relative_to(source).as_posix(): path.stat().st_size for path in inner}
    remote.put({f"/{name}": source / name for name in objects})
    _require_sizes(remote, objects)
    if not remote.create(COMPLETE, marker(objects)):
        raise _there(remote.address, "a folder that another run has finished there meanwhile")


def _require_sizes(remote: Remote, written: dict[str, int]) -> None:
    """Raise OutputError unless each object has the bytes that were sent."""
    if "" in written:
        about = remote.about()
        found = {} if about is None else {"": int(about["size"])}
    else:
        found = remote.sizes()
    for name, size in written.items():
        if found.get(name) != size:
            words = "no object" if name not in found else f"{found[name]} bytes"
            remedy = "Give the same command again."
            raise OutputError(f"{remote.address}/{name}", found=words, expected=f"{size} bytes", remedy=remedy)


def _claimed(remote: Remote, local: Path, *, made: bool = False) -> Path:
    """Take an address for this run; return the file that holds the claim."""
    if remote.bytes_of(COMPLETE) is not None or remote.about() is not None:
        raise _there(remote.address, "it exists already")
    if _beside(local, _MADE).exists() and not made:
        where = _as_it_is(local)
        raise OutputError(
            f"output {remote.address}",
            found="an output that is made, but not uploaded",
            expected="none that waits",
            remedy=f"Upload it with: halocline copy {where} {remote.address} - or remove it, and {where}{_MADE}",
        )
    claim, theirs = _beside(local, _CLAIM), remote.bytes_of(BEGUN)
    if theirs is not None and claim.exists() and claim.read_bytes() == theirs:
        return claim  # a run that was broken off here
    if theirs is None and remote.sizes():
        raise _there(remote.address, "something that no run of Halocline has begun")
    if theirs is None and local.exists() and not made:
        files.remove(local)  # what a run has uploaded, and left when it was killed
    token = f"{os.uname().nodename if hasattr(os, 'uname') else ''} {os.getpid()} {secrets.token_hex(8)}\n".encode()
    if theirs is None and remote.create(BEGUN, token):
        theirs = remote.bytes_of(BEGUN)  # some stores cannot refuse: the last one that wrote it has it
    if theirs != token:
        raise OutputError(
            f"output {remote.address}",
            found=f"another run at work there ({(theirs or b'').decode(errors='replace').strip()})",
            expected="one run at a time",
            remedy=f"Wait until it ends. If it was killed, go on on its machine, or remove {remote.address}{BEGUN} and "
            "all below the address.",
        )
    claim.write_bytes(token)
    return claim


def _give_up(remote: Remote, claim: Path) -> None:
    with contextlib.suppress(HaloclineError):  # it stands in nobody's way but that of another run to the same address
        remote.remove(BEGUN)
    claim.unlink(missing_ok=True)


def _there(address: str, found: str) -> OutputError:
    remedy = "Choose another address, or remove what is there."
    return OutputError(f"output {address}", found=found, expected="an address where nothing is", remedy=remedy)


def _own_folder() -> Path:
    """Return this user's folder of outputs on their way; nobody else may write there."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = scratch() / f"{WRITE}{user}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if hasattr(os, "getuid") and (folder.is_symlink() or folder.stat().st_uid != user):
        remedy = "Let the environment variable HALOCLINE_SCRATCH name a folder of your own."
        raise OutputError(str(folder), found="a folder of another user", expected="your own", remedy=remedy)
    return folder


def _beside(local: Path, ending: str) -> Path:
    return local.with_name(local.name + ending)


def _begun(local: Path) -> bool:
    """Tell whether a run has left something here with which it can go on."""
    idle = {f".{local.name}.lock", f".{local.name}.softlock", local.name + _CLAIM, local.name + _MADE}
    return any(local.name in path.name and path.name not in idle for path in local.parent.iterdir())


def _as_it_is(path: Path) -> str:
    """Return a path with "./" inside, so that messages tell it as it is and not as the address that it stands for."""
    return str(path).replace(str(_own_folder()), f"{_own_folder()}/.", 1)


def _drop(local: Path, process: int) -> None:
    if os.getpid() == process:
        with contextlib.suppress(OSError):
            files.remove(local)
