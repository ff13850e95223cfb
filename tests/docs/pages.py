"""The pages that people read: the README, the contributor's page and the site."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITTEN_BY_THE_BUILD = (
    "docs/_build/",
    "docs/reference/rooms/",
    "docs/reference/commands.md",
    "docs/reference/python.md",
)
FENCE = re.compile(r"^(```+)\{?([\w-]*)\}?[^\n]*\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Return README, CONTRIBUTING and all pages of the site that a person wrote."""
    site = sorted((ROOT / "docs").rglob("*.md"))
    written = [p for p in site if not str(p.relative_to(ROOT)).startswith(WRITTEN_BY_THE_BUILD)]
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *written]


def name(page: Path) -> str:
    """Return a page's path from the root, for the names of tests."""
    return str(page.relative_to(ROOT))


def blocks(page: Path, *languages: str) -> list[str]:
    """Return the contents of the page's fenced blocks in these languages."""
    return [m[3] for m in FENCE.finditer(page.read_text(encoding="utf-8")) if m[2] in languages]


def prose(page: Path) -> str:
    """Return the page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))
