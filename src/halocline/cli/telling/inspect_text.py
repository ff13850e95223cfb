"""What ``halocline inspect`` found, as text for people."""

from collections.abc import Mapping, Sequence
from typing import Any

_HEADS = {"share_at_lower": "at lo", "share_at_upper": "at hi"}


def text_of(about: dict[str, Any]) -> str:
    """Return facts as lines, and statistics as columns below them."""
    from halocline.cli.models import channel_words
    from halocline.runtime.console import columns, facts

    (kind, name), *rest = about.items()
    apart = ("statistics", "readings", "map", "table")
    words = {key: channel_words(v) if key == "variables" else _words(v) for key, v in rest if key not in apart}
    shown = facts(f"{kind} {name}", words)
    for role, found in about.get("readings", {}).items():
        shown += "\n\n" + facts(role, {key: "; ".join(v) if key == "notes" else _words(v) for key, v in found.items()})
    if "map" in about:
        shown += "\n\nfirst state: land #, ice by concentration from . to @\n" + "\n".join(about["map"])
    if about.get("table"):
        return f"{shown}\n\n{table_text(about['table'])}"
    if not about.get("statistics"):
        return shown
    numbers = [key for key in about["statistics"][0] if key not in ("variable", "unit")]
    rows = [
        [row["variable"], row["unit"], *(f"{row[k]:.1%}" if k in _HEADS else f"{row[k]:.4g}" for k in numbers)]
        for row in about["statistics"]
    ]
    header = [_HEADS.get(key, key) for key in numbers]
    title = "training years, ocean cells" if kind == "store" else "ocean cells"
    return f"{shown}\n\n{title}\n{columns(('variable', 'unit', *header), rows, right=header)}"


def table_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows of words and numbers as columns; what is missing or not a number is left blank."""
    from halocline.runtime.console import columns

    keys = list(dict.fromkeys(key for row in rows for key in row))
    numbers = [key for key in keys if not any(isinstance(row.get(key), str) for row in rows)]
    cells = [[_cell(row.get(key)) for key in keys] for row in rows]
    return columns(tuple(keys), cells, right=numbers)


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _words(value: Any) -> str:
    """Return a fact as words: no braces, brackets or quotation marks."""
    if isinstance(value, Mapping):
        if set(value) == {"from", "to", "unit"}:
            return f"{value['from']:.4g} to {value['to']:.4g} {value['unit']}".rstrip()
        return ", ".join(f"{name} {_words(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        between = "; " if any(isinstance(item, (Mapping, list)) for item in value) else ", "
        return between.join(map(_words, value))
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, int) and value >= 100_000:
        return f"{value / 1e6:.2f} M"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
