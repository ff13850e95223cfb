"""One self-contained HTML page of a scorecard, with its table as CSV and JSON beside it."""

import base64
import io
from collections.abc import Mapping
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import jinja2
from matplotlib.figure import Figure

from halocline.evaluate.scorecard import Row, Scorecard
from halocline.report import curves, maps
from halocline.report.style import DPI, display, number
from halocline.runtime import files
from halocline.states.variables import VARIABLES


def write_report(scorecard: Scorecard, out_dir: Path, title: str, provenance: Mapping[str, Any]) -> Path:
    """Write ``report.html``, ``scores.csv`` and ``scores.json`` into a folder and return the page's path.

    The page holds its pictures itself and asks no network; it needs no script.

    Args:
        scorecard: A scorecard with pictures, from ``halocline.evaluate.scores.evaluate``.
        out_dir: Folder to write into; made if it does not exist.
        title: Heading of the page.
        provenance: What was compared with what, shown at the end of the page as a list.

    Raises:
        OutputError: If the folder cannot be written.
    """
    out_dir = Path(out_dir)
    scorecard.to_csv(out_dir / "scores.csv")
    scorecard.to_json(out_dir / "scores.json")
    page = out_dir / "report.html"
    files.write_text(page, render(scorecard, title, provenance))
    return page


def render(scorecard: Scorecard, title: str, provenance: Mapping[str, Any]) -> str:
    """Return the page as HTML; a scorecard without pictures gives the tables only."""
    source = resources("halocline.report").joinpath("template.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    groups = [(score, [_cells(row) for row in scorecard.rows if row.score == score]) for score in scorecard.scores]
    within = sum(row.within_floor for row in scorecard.rows)
    return environment.from_string(source).render(
        title=title,
        about=scorecard.about,
        provenance={**provenance, **_facts(scorecard.about)},
        tiles=_tiles(scorecard),
        groups=groups,
        within=within,
        total=len(scorecard.rows),
        figures=_figures(scorecard),
    )


def png(figure: Figure) -> str:
    """Return a figure as a data URI."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor="white")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _figures(scorecard: Scorecard) -> dict[str, str]:
    pictures = scorecard.pictures
    if pictures is None:
        return {}
    drawn: dict[str, Figure | None] = {
        "gallery": maps.gallery(pictures),
        "climatology": maps.climatology(pictures),
        "spectra": curves.spectra(pictures),
        "histograms": curves.histograms(pictures),
        "series": curves.series(pictures) if pictures.series else None,
        "copy_ratios": curves.copy_ratios(pictures),
        "twins": maps.twins(pictures),
    }
    return {name: png(figure) for name, figure in drawn.items() if figure is not None}


def _cells(row: Row) -> dict[str, Any]:
    unit = display(row.unit, row.score)

    def show(value: float) -> str:
        return number(value * unit.factor)

    name = VARIABLES[row.variable].long_name if row.variable in VARIABLES else row.variable
    return {
        "name": " · ".join(part for part in ("" if name == "all" else name, row.band) if part) or "all variables",
        "value": show(row.value),
        "interval": f"{show(row.low)} … {show(row.high)}",
        "floor": show(row.floor),
        "floor_interval": f"{show(row.floor_low)} … {show(row.floor_high)}",
        "unit": unit.unit,
        "good": {"lower": "lower", "one": "1", "zero": "0", "reference": "as real"}[row.better],
        "within": row.within_floor,
        "bar": _bar(row),
    }


def _bar(row: Row) -> dict[str, float]:
    """Return positions in percent of a small picture: the floor's interval and the value's."""
    low = min(row.low, row.floor_low, row.value)
    high = max(row.high, row.floor_high, row.value)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round(4.0 + 92.0 * (value - low) / span, 2)

    return {
        "floor_left": place(row.floor_low),
        "floor_width": max(1.0, round(place(row.floor_high) - place(row.floor_low), 2)),
        "left": place(row.low),
        "width": max(0.5, round(place(row.high) - place(row.low), 2)),
        "value": place(row.value),
    }


def _tiles(scorecard: Scorecard) -> list[dict[str, Any]]:
    """Return the few numbers on top of the page."""
    wanted = (
        ("Fréchet distance", "all"), ("ice extent", "all"), ("ice volume", "all"), ("marginal ice zone area", "all"),
        ("marginal ice zone width", "all"), ("zero-set mismatch with sic", "sit"),
        ("share of copies of training states", "all"),
    )  # fmt: skip
    found = {(row.score, row.variable): row for row in scorecard.rows if not row.band}
    return [{"score": score, **_cells(found[score, name])} for score, name in wanted if (score, name) in found]


def _facts(about: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "features of the Fréchet distance": about.get("extractor"),
        "grid": f"{about.get('grid')} ({about.get('grid_fingerprint')})",
        "reference fingerprint": about.get("reference_fingerprint"),
        "spectra": f"{about.get('spectrum_tiles')} tiles of {about.get('spectrum_tile_cells')} cells",
        "resampling": f"{about.get('replicates')} replicates a half, seed {about.get('seed')}",
    }
