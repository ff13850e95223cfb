"""Links lead somewhere, files that are named exist, pictures have words, lines are short."""

import re

import pytest

from tests.docs.pages import ROOT, name, pages, prose

PAGES = pytest.mark.parametrize("page", pages(), ids=name)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:[\w.-]+/)+(?:[\w-]+\.(?:py|toml|md|j2)|(?=`)))`")
HOMES = (ROOT, ROOT / "src" / "halocline", ROOT / "src", ROOT / "docs")
OUTPUTS = ("demo/", "docs/_build/", "members/", "DATA.zarr")  # made by commands, not part of the repository


def anchors(path):
    """Return the anchors of a page's headings, as GitHub and MyST make them."""
    heads = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@PAGES
def test_every_link_inside_the_repository_resolves(page):
    for picture, words, target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists() or name(found).startswith("docs/reference/"), f"[{words}]({target})"
        assert not anchor or anchor in anchors(found), f"[{words}]({target})"
        assert not picture or words.strip(), f"{target} has no text alternative"


@PAGES
def test_files_of_the_repository_that_are_named_exist(page):
    for path in FILE.findall(prose(page)):
        if not path.startswith(OUTPUTS):
            assert any((home / path).exists() for home in HOMES), f"`{path}`"


@PAGES
def test_lines_are_at_most_120_long(page):
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        free = line.startswith("|") or LINK.search(line) or "http" in line
        assert free or len(line) <= 120, f"line {number}: {len(line)}"


def test_the_checks_see_links_and_files():
    assert sum(len(LINK.findall(prose(p))) for p in pages()) > 40
    assert sum(len(FILE.findall(prose(p))) for p in pages()) > 30
