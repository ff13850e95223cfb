"""The one renderer of pages: sections of pictures and tables as one self-contained HTML file."""

import base64
import importlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import jinja2
from matplotlib.figure import Figure

from halocline.evaluate.engine.scorecard import Evaluation
from halocline.report.compare import Comparison
from halocline.report.style import DPI
from halocline.runtime import files

Line = Sequence[str]
"""Cells of a line of a table; of ``markupsafe.Markup`` where they are HTML."""


@dataclass(frozen=True)
class Table:
    """A table of a page.

    Attributes:
        header: Names of the columns.
        groups: (heading, lines) each; no heading if it is empty.
        classes: Style of each column: ``num`` for numbers, ``range`` for intervals, empty for text.
    """

    header: tuple[str, ...]
    groups: Sequence[tuple[str, Sequence[Line]]]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, comparison: Comparison) -> "Table":
        """Return a comparison as a table whose first column is text and whose others are numbers."""
        numbers = ("num",) * (len(comparison.header) - 1)
        return cls(comparison.header, [("", comparison.lines)], ("", *numbers))


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, and what it shows for those who cannot see it.

    Attributes:
        alt: One or two sentences.
        figure: The figure, or a picture as data URI.
    """

    alt: str
    figure: Figure | str


@dataclass(frozen=True, eq=False)
class Section:
    """One section of a page.

    Attributes:
        heading: Its heading.
        words: Paragraphs: what there is to see.
        pictures: Pictures, side by side where there is room.
        table: A table below them.
    """

    heading: str
    words: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    table: Table | None = None


def pictured(
    heading: str, words: str, alt: str, figure: Figure | str | None, *more: tuple[str, Figure | str | None]
) -> list[Section]:
    """Return a section of a picture, and of more (text alternative, picture) if there are; nothing if there is none."""
    pictures = tuple(Picture(*each) for each in ((alt, figure), *more) if each[1] is not None)  # type: ignore[arg-type]
    return [Section(heading, (words,), pictures)] if pictures else []


@dataclass(frozen=True)
class Tile:
    """One of the few numbers on top of a page; ``within`` tells whether it is as it should be."""

    what: str
    value: str
    unit: str
    beside: str
    within: bool


@dataclass(frozen=True, eq=False)
class Page:
    """All that stands on a page.

    Attributes:
        title: Its heading.
        lead: Sentences under the heading.
        notes: Remarks below them.
        tiles: Few numbers on top.
        sections: The page's body.
        provenance: What it was made from, shown at the end as a list.
        files: Where all numbers are, shown there too.
    """

    title: str
    lead: Sequence[str] = ()
    notes: Sequence[str] = ()
    tiles: Sequence[Tile] = ()
    sections: Sequence[Section] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    files: str = ""


def write_report(card: Evaluation[Any], out_dir: Path, title: str, provenance: Mapping[str, Any]) -> Path:
    """Write ``report.html``, ``scores.csv`` and ``scores.json`` into a folder and return the page's path.

    The page holds its pictures itself and asks no network; it needs no script.

    Args:
        card: What an evaluation of states or of a forecast found.
        out_dir: Folder to write into; made if it does not exist.
        title: Heading of the page.
        provenance: What was compared with what, shown at the end of the page as a list.

    Raises:
        OutputError: If the folder cannot be written.
    """
    out_dir = Path(out_dir)
    card.to_csv(out_dir / "scores.csv")
    card.to_json(out_dir / "scores.json")
    page = out_dir / "report.html"
    files.write_text(page, render(page_of(card, title, provenance)))
    return page


def page_of(card: Evaluation[Any], title: str, provenance: Mapping[str, Any]) -> Page:
    """Return the page of an evaluation; without pictures it has the tables only."""
    made: Page = importlib.import_module(f"halocline.report.{card.kind}.page").page(card, title, provenance)
    return made


def render(page: Page) -> str:
    """Return a page as HTML, pictures inside."""
    return _template().render(page=page, png=png)


def render_table(table: Table) -> str:
    """Return a table alone as an HTML fragment."""
    macros: Any = _template().make_module({"page": Page(""), "png": png})
    return str(macros.table(table))


def png(figure: Figure | str) -> str:
    """Return a figure as a data URI."""
    if isinstance(figure, str):
        return figure
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor="white")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


@cache
def _template() -> jinja2.Template:
    source = resources("halocline.report").joinpath("page.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)
