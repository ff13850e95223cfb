"""Tables and lists for terminals and for files: fixed widths, and no colours or control characters in a file."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 100
"""Width of what is written to a file or a pipe, characters."""


def width() -> int:
    """Return the characters a line may have on standard output."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else PIPED_WIDTH


def table_console() -> "Console":
    """Return a console for tables on standard output."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH, color_system=None, force_terminal=False)


def columns(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> str:
    """Return rows as aligned columns of plain text, two spaces between them, one row a line.

    Args:
        header: Names of the columns.
        rows: Cells of each row.
        right: Columns that are aligned to the right.
    """
    lines = [tuple(header), *(tuple(row) for row in rows)]
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
    lines = [title]
    for name, value in entries.items():
        first = f"  {name}".ljust(indent)
        lines += textwrap.wrap(
            value, width(), initial_indent=first, subsequent_indent=" " * indent, break_long_words=False
        ) or [first.rstrip()]
    return "\n".join(lines)
