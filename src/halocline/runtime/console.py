"""Tables and lists for terminals and for files: fixed widths, and no colours or control characters in a file."""

import contextlib
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from halocline.runtime.text import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

PIPED_WIDTH = 100
"""Width of what is written to a file or a pipe, characters."""


def width() -> int:
    """Return the characters a line may have on standard output."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else PIPED_WIDTH


def table_console() -> "Console":
    """Return a console for tables on standard output, in which words are words: no markup, no escapes."""
    from rich.console import Console

    class PlainConsole(Console):
        def render_str(self, text: str, **how: Any) -> "Text":
            return super().render_str(plain(text), **how)

    kept: dict[str, Any] = {"markup": False, "emoji": False, "file": under(sys.stdout)}
    if sys.stdout.isatty():
        return PlainConsole(**kept)
    return PlainConsole(width=PIPED_WIDTH, color_system=None, force_terminal=False, **kept)


class PlainStream:
    """A stream of text that writes control characters out; see ``text.plain``.

    Args:
        stream: Where it goes.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write text; bytes are refused, by which libraries tell streams of text."""
        if not isinstance(text, str):
            raise TypeError("a stream of text")
        known = self.stream.encoding or "utf-8"
        self.stream.write(plain(text).encode(known, "replace").decode(known))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def under(stream: TextIO) -> TextIO:
    """Return the stream below one that is plain, for what writes its own colours."""
    return stream.stream if isinstance(stream, PlainStream) else stream


@contextlib.contextmanager
def plain_streams() -> Iterator[None]:
    """Make standard output and errors plain while the block runs."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (PlainStream(stream) for stream in before)  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def columns(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> str:
    """Return rows as aligned columns of plain text, two spaces between them, one row a line.

    Args:
        header: Names of the columns.
        rows: Cells of each row.
        right: Columns that are aligned to the right.
    """
    lines = [tuple(map(plain, row)) for row in (header, *rows)]
    wide = [max(len(line[k]) for line in lines) for k in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(n) if name in right else cell.ljust(n) for cell, n, name in zip(line, wide, header, strict=True)
        ).rstrip()
        for line in lines
    )


def facts(title: str, entries: Mapping[str, str]) -> str:
    """Return a title and names with values, long values wrapped within the width."""
    indent = max(map(len, entries), default=0) + 4
    lines = [plain(title)]
    for name, value in entries.items():
        first = f"  {plain(name)}".ljust(indent)
        lines += textwrap.wrap(
            plain(value), width(), initial_indent=first, subsequent_indent=" " * indent, break_long_words=False
        ) or [first.rstrip()]
    return "\n".join(lines)
