"""Outputs that replace an older one of the same kind, once they are complete."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from halocline.runtime import files
from halocline.runtime.disk.leftovers import clear_beside
from halocline.runtime.errors import OutputError
from halocline.runtime.limits import check_name
from halocline.runtime.processes.joining import is_first
from halocline.runtime.run_lock import only_run


def _zarr_says(path: Path, word: bytes) -> bool:
    return (path / "zarr.json").is_file() and word in (path / "zarr.json").read_bytes()


def _is_states(path: Path) -> bool:
    store = _zarr_says(path, b'"halocline_store"') or _zarr_says(path, b'"halocline_forecast"')
    return path.is_file() or (_zarr_says(path, b'"group"') and not store)


KINDS: dict[str, Callable[[Path], bool]] = {
    "a file": Path.is_file,
    "a file of states": _is_states,
    "an export": lambda path: path.is_file() or (path / "export.json").is_file(),
    "a forecast": lambda path: _zarr_says(path, b'"halocline_forecast"'),
    "a model": lambda path: (path / "card.json").is_file(),
    "a report": lambda path: (path / "scores.json").is_file(),
}
"""How to tell that an old output is of the kind that a command writes: data of another kind are never replaced."""

_CONTINUED = ("a forecast", "a model")


@contextlib.contextmanager
def replacing(out: Path, kind: str, *, overwrite: bool) -> Iterator[Path]:
    """Yield the path to write to: ``out``, or where an old one is to be replaced, a path beside it.

    Meanwhile no other run writes to ``out``. The old output is untouched until the block succeeds. What the block wrote
    then takes its name, and it is removed. A block that fails or is killed leaves the old output as it was; what can be
    continued lies at the path beside it, where the same command with ``overwrite`` again finds it. A replacement that
    was killed between two names is brought to its end by the next run.

    Args:
        out: The output.
        kind: What it is, out of KINDS; anything else is never replaced.
        overwrite: Whether an old one may be replaced.

    Raises:
        OutputError: If ``out`` is there and of another kind, or another run writes it.
    """
    out = Path(out)
    check_name(out)
    if not is_first():  # one of several processes does all this for all of them
        yield out
        return
    beside, old = (out.with_name(f".{out.stem}.{word}{out.suffix}") for word in ("new", "old"))
    with only_run(out):
        _end_replacement(out, beside, old)
        with files.explain_write_errors(out):
            clear_beside(beside)
            if kind not in _CONTINUED:
                files.remove(beside)
        if not overwrite or not (out.exists() or out.is_symlink()):
            yield out
            return
        _require_kind(out, kind)
        yield beside
        with files.explain_write_errors(out):
            if not (out.exists() or out.is_symlink()):
                files.give_name(beside, out)
                return
            _require_kind(out, kind)  # another program may have put something there meanwhile
            if out.is_file() and beside.is_file():
                os.replace(beside, out)
                return
            os.rename(out, old)
            files.give_name(beside, out)
            files.remove(old)


def _end_replacement(out: Path, beside: Path, old: Path) -> None:
    """Do what is left of a replacement that was killed: ``old`` is there only once the new output is whole."""
    if not (old.exists() or old.is_symlink()):
        return
    with files.explain_write_errors(out):
        if not out.exists() and beside.exists():
            files.give_name(beside, out)
        elif not out.exists():
            files.give_name(old, out)
        files.remove(old)


def _require_kind(out: Path, kind: str) -> None:
    if not KINDS[kind](out):
        remedy = "Choose another path, or remove what is there yourself."
        raise OutputError(f"output {out}", found="something else", expected=f"{kind}, to be replaced", remedy=remedy)
