"""What the pages of sea-ice and of ocean states share: tiles, the table of all scores, and facts."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from halocline.data.fields.variables import channel, is_channel
from halocline.evaluate.engine.scorecard import NO_FLOOR, Row, Scorecard
from halocline.report.numbers import display, number, row_name
from halocline.report.page import Page, Section, Table, Tile

Key = tuple[str, str]
"""(id, variable) of a score."""

_MARKS = {True: ("", "as real"), False: (" off", "off"), None: (" none", "no floor")}
_GOOD = {"lower": "lower", "one": "1", "zero": "0", "reference": "as real"}


def states_page(
    card: Scorecard,
    title: str,
    provenance: Mapping[str, Any],
    *,
    lead: Sequence[str],
    tiles: Sequence[Key],
    sections: Sequence[Section],
) -> Page:
    """Return the page of a scorecard: tiles, the figures' sections, all scores, facts.

    Args:
        card: The scorecard.
        title: Heading.
        provenance: What was compared with what.
        lead: Sentences under the heading.
        tiles: Scores that stand on top, those of them that there are.
        sections: Of the figures.
    """
    rated = [row.within_floor for row in card.rows if row.within_floor is not None]
    share = f"{sum(rated)} of {len(rated)} scores lie within the 90 % interval of their floor, where no set of states "
    found = {(row.id, row.variable): row for row in card.rows}
    return Page(
        title,
        [*lead, *([share + "can be distinguished from real ones."] if rated else [])],
        card.about.get("notes", []),
        [_tile(found[key]) for key in tiles if key in found],
        [*sections, _all_scores(card)],
        {**provenance, **_facts(card.about)},
    )


def lead_words(about: Mapping[str, Any], against: str, floor: str) -> list[str]:
    """Return the sentences under the heading."""
    first = f"{about.get('generated_states')} generated states against {against}; "
    return [
        f"{first}copy test against {about.get('training_states')} training states.",
        f"Every score stands beside its floor: {floor}, at the same sample size."
        if about.get("floor") != NO_FLOOR
        else "No score has a floor beside it: the real states do not suffice to be scored against each other.",
    ]


def _tile(row: Row) -> Tile:
    name = row_name(row)
    value, interval = _shown(row, row.value), _between(row, row.floor_low, row.floor_high)
    floor = "no floor" if row.within_floor is None else f"real: {_shown(row, row.floor)} ({interval})"
    return Tile(name, value, display(row.unit, row.id).unit, floor, row.within_floor is not False)


def _all_scores(card: Scorecard) -> Section:
    header = ("", "value", "90 %", "floor", "90 %", "unit", "good", "", "")
    groups = [(score, [_line(row) for row in rows]) for score, rows in groupby(card.rows, key=lambda row: row.score)]
    words = (
        "In the small pictures the grey bar is the floor's 90 % interval, the red line that of the score, the red mark "
        "its value. The same table with SI units: scores.csv, scores.json."
    )
    classes = ("", "num", "range", "num", "range", "", "", "", "")
    return Section("All scores", (words,), table=Table(header, groups, classes))


def _line(row: Row) -> list[str]:
    name = channel(row.variable).long_name if is_channel(row.variable) else row.variable
    mark, words = _MARKS[row.within_floor]
    return [
        " · ".join(part for part in ("" if name == "all" else name, row.band) if part) or "all variables",
        _shown(row, row.value),
        _between(row, row.low, row.high),
        _shown(row, row.floor),
        "" if row.within_floor is None else _between(row, row.floor_low, row.floor_high),
        display(row.unit, row.id).unit,
        _GOOD[row.better],
        _bar(row),
        Markup('<span class="mark{}">{}</span>').format(mark, words),
    ]


def _shown(row: Row, value: float) -> str:
    return number(value * display(row.unit, row.id).factor)


def _between(row: Row, low: float, high: float) -> str:
    return f"{_shown(row, low)} … {_shown(row, high)}"


def _bar(row: Row) -> Markup:
    """Return a small picture: the floor's interval and the value's, places in percent."""
    if row.within_floor is None:
        return Markup("")
    low = min(row.low, row.floor_low, row.value)
    high = max(row.high, row.floor_high, row.value)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round(4.0 + 92.0 * (value - low) / span, 2)

    floor = max(1.0, round(place(row.floor_high) - place(row.floor_low), 2))
    width = max(0.5, round(place(row.high) - place(row.low), 2))
    return Markup(
        '<div class="bar"><i style="left:{}%;width:{}%"></i><b style="left:{}%;width:{}%"></b>'
        '<u style="left:{}%"></u></div>'
    ).format(place(row.floor_low), floor, place(row.low), width, place(row.value))


def _facts(about: Mapping[str, Any]) -> dict[str, Any]:
    facts = {
        "features of the Fréchet distance": about.get("extractor"),
        "grid": f"{about.get('grid')} ({about.get('grid_fingerprint')})",
        "reference fingerprint": about.get("reference_fingerprint"),
        "reference members' roles": ", ".join(about.get("roles", [])),
        "forcing of the generated states": about.get("conditions"),
        "season compared with": about.get("season"),
        "resampling": f"{about.get('replicates')} replicates, seed {about.get('seed')}",
        "spectra": tiles_of_spectra(about),
    }
    return {name: fact for name, fact in facts.items() if fact}


def tiles_of_spectra(about: Mapping[str, Any]) -> str:
    """Return on how many tiles spectra were taken; empty if on none."""
    if "spectrum_tiles" not in about:
        return ""
    return f"{about['spectrum_tiles']} tiles of {about['spectrum_tile_cells']} cells"
