"""One self-contained HTML page of a scorecard, with its table as CSV and JSON beside it."""

import base64
import io
from collections.abc import Mapping
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import jinja2
from matplotlib.figure import Figure

from halocline.data.fields.variables import is_variable, variable
from halocline.evaluate.engine.table import Row, Scorecard
from halocline.report.figures import figures_of
from halocline.report.style import DPI, display, number
from halocline.runtime import files


def write_report(scorecard: Scorecard, out_dir: Path, title: str, provenance: Mapping[str, Any]) -> Path:
    """Write ``report.html``, ``scores.csv`` and ``scores.json`` into a folder and return the page's path.

    The page holds its pictures itself and asks no network; it needs no script.

    Args:
        scorecard: A scorecard with pictures, from ``halocline.evaluate.ice.evaluate.evaluate``.
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
        figures=[
            {"heading": shown.heading, "words": shown.words, "images": [(text, png(f)) for text, f in shown.figures]}
            for shown in figures_of(scorecard)
        ],
        lead=_lead(scorecard.about),
    )


def page_style() -> str:
    """Return the style sheet that all pages share."""
    source = resources("halocline.report").joinpath("template.html.j2").read_text(encoding="utf-8")
    return source[source.index("<style>") + len("<style>") : source.index("</style>")]


def png(figure: Figure) -> str:
    """Return a figure as a data URI."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor="white")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _cells(row: Row) -> dict[str, Any]:
    unit = display(row.unit, row.score)

    def show(value: float) -> str:
        return number(value * unit.factor)

    name = variable(row.variable).long_name if is_variable(row.variable) else row.variable
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


_TILES = (
    ("Fréchet distance", "all", ""),
    ("ice extent", "all", ""),
    ("ice volume", "all", ""),
    ("marginal ice zone area", "all", ""),
    ("marginal ice zone width", "all", ""),
    ("zero-set mismatch with sic", "sit", ""),
    ("energy distance", "all", ""),
    ("density error", "all", "surface, strict"),
    ("density error", "all", "local, strict"),
    ("spread of level means", "thetao", "mean over levels"),
    ("spread of cells", "thetao", "mean over levels"),
    ("water mass", "thetao", "deep water"),
    ("water mass", "thetao", "bottom water"),
    ("share of copies of training states", "all", ""),
)


def _tiles(scorecard: Scorecard) -> list[dict[str, Any]]:
    """Return the few numbers on top of the page."""
    found = {(row.score, row.variable, row.band): row for row in scorecard.rows}
    return [
        {"score": ", ".join(part for part in (key[0], key[1].replace("all", ""), key[2]) if part), **_cells(found[key])}
        for key in _TILES
        if key in found
    ]


_FLOORS = {
    "years": "the same score of real states against real states of the same members, other years",
    "members": "the same score of real states against real states of members under other forcing",
}


def _lead(about: Mapping[str, Any]) -> list[str]:
    """Return the sentences under the heading."""
    size, held, trained = (about.get(k) for k in ("generated_states", "held_out_states", "training_states"))
    parts = " + ".join(map(str, held or []))
    copies = f"copy test against {trained} training states."
    if about.get("kind") == "ocean":
        members = ", ".join(map(str, about["held_out_members"]))
        first = f"{size} generated states against {parts} real ones of member(s) {members}; {copies}"
        floor = _FLOORS[about["floor"]]
    else:
        first = f"{size} generated states against {sum(held or [])} held-out real ones ({parts} of different "
        first += f"member-years); {copies}"
        floor = "the same score of real states against real states of other years"
    return [first, f"Every score stands beside its floor: {floor}, at the same sample size."]


def _facts(about: Mapping[str, Any]) -> dict[str, Any]:
    facts = {
        "features of the Fréchet distance": about.get("extractor"),
        "grid": f"{about.get('grid')} ({about.get('grid_fingerprint')})",
        "reference fingerprint": about.get("reference_fingerprint"),
        "reference members' roles": ", ".join(about.get("roles", [])),
        "forcing of the generated states": about.get("conditions"),
        "resampling": f"{about.get('replicates')} replicates, seed {about.get('seed')}",
    }
    if "spectrum_tiles" in about:
        facts["spectra"] = f"{about['spectrum_tiles']} tiles of {about['spectrum_tile_cells']} cells"
    return {name: fact for name, fact in facts.items() if fact}
