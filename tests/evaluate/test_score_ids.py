"""Scores are found by id: words may change, and other packages may add families, without an edit anywhere."""

import re
import subprocess
import sys

import numpy as np
import pytest

from halocline.data.store.store import open_store
from halocline.evaluate.engine.family import Label
from halocline.evaluate.forecast.families import FORECAST_SCORES
from halocline.evaluate.forecast.families import ORDER as FORECAST_ORDER
from halocline.evaluate.forecast.file import forecast_of
from halocline.evaluate.ice.families import ICE_SCORES, ORDER
from halocline.evaluate.ocean.families import OCEAN_SCORES
from halocline.evaluate.ocean.families import ORDER as OCEAN_ORDER
from halocline.evaluate.score import score
from halocline.report.compare import compare
from halocline.report.forecast.table import main_lines
from halocline.report.page import page_of, render
from halocline.runtime.errors import ConfigError
from tests.evaluate.forecast.toy_forecast import STARTS, toy_forecast
from tests.evaluate.ocean.test_ocean_scores import drawn
from tests.evaluate.toy_arctic import as_dataset, perfect


@pytest.fixture(scope="module")
def runs(reference, ocean_store_path, slow_store):
    """What is scored: (states, reference) of each kind."""
    ocean_store = open_store(ocean_store_path)
    return {
        "ice": (as_dataset(perfect(12)), reference),
        "ocean": (drawn(ocean_store, [0, 1, 2], per_member=6), ocean_store),
        "forecast": (toy_forecast(slow_store, (-1, 1), starts=STARTS[:3]), slow_store),
    }


@pytest.fixture(scope="module")
def cards(runs):
    return {kind: score(*run, replicates=5) for kind, run in runs.items()}


def key(row):
    return row.id, row.variable, getattr(row, "source", ""), getattr(row, "lead_hours", 0.0)


def test_what_is_scored_is_found_out_in_memory(cards):
    assert {kind: card.kind for kind, card in cards.items()} == {k: k for k in ("ice", "ocean", "forecast")}


def test_ids_are_lower_case_and_with_the_variable_unique(cards):
    for card in cards.values():
        keys = [key(row) for row in card.rows]
        assert len(set(keys)) == len(keys)
        assert all(re.fullmatch(r"[a-z0-9_.]+", row.id) for row in card.rows)


def test_a_table_is_a_dataframe_with_the_columns_of_the_file(cards, tmp_path):
    for card in cards.values():
        frame = card.to_dataframe()
        card.to_csv(tmp_path / "scores.csv")
        header = (tmp_path / "scores.csv").read_text().splitlines()[0].split(",")
        assert list(frame.columns) == header
        assert header[-1] == "id"
        assert frame["value"].tolist() == pytest.approx([row.value for row in card.rows], nan_ok=True)


@pytest.fixture
def reworded(monkeypatch):
    """Every label's words are others."""
    made = Label.__init__

    def init(self, *args, **kwargs):
        made(self, *args, **kwargs)
        object.__setattr__(self, "score", f"reworded {abs(hash(self.score)) % 1000}")
        object.__setattr__(self, "band", "elsewhere" if self.band else "")

    monkeypatch.setattr(Label, "__init__", init)
    import halocline.evaluate.ice.families.copies as ice

    again = tuple(Label(x.id, x.score, x.variable, x.unit, x.better) for x in ice.COPY_LABELS)
    monkeypatch.setattr(ice, "COPY_LABELS", again)


@pytest.mark.parametrize("kind", ["ice", "ocean", "forecast"])
def test_reworded_labels_lose_no_row_no_tile_no_picture(reworded, runs, cards, kind):
    card, before = score(*runs[kind], replicates=5), cards[kind]
    assert all(row.score.startswith("reworded") for row in card.rows)
    assert [key(row) for row in card.rows] == [key(row) for row in before.rows]
    np.testing.assert_array_equal([row.value for row in card.rows], [row.value for row in before.rows])
    pages = [page_of(c, "A page", {}) for c in (card, before)]
    assert len(pages[0].tiles) == len(pages[1].tiles)
    assert [s.heading for s in pages[0].sections] == [s.heading for s in pages[1].sections]
    tables = [[s.table for s in page.sections if s.table is not None] for page in pages]
    lines = [[sum(len(group) for _, group in table.groups) for table in found] for found in tables]
    assert lines[0] == lines[1]
    if kind == "ice":
        assert len(compare({"a": card}).header) == len(compare({"a": before}).header) > 8
        assert render(pages[0]).count('<span class="mark') == len(card.rows)


class _Mean:
    """The mean of the first variable, as a package of others may score it."""

    labels = (Label("mean_of_first", "mean of the first variable", "all", "1", "reference", signed=True),)

    def summary(self, states, truth=None, moment=None):
        return states[:, 0].mean(axis=(1, 2))[:, None] if truth is None else np.array([states[:, 0].mean()])

    def scores(self, a, b=None):
        return a


@pytest.mark.parametrize(
    ("kind", "registry", "order"),
    [("ice", ICE_SCORES, ORDER), ("ocean", OCEAN_SCORES, OCEAN_ORDER), ("forecast", FORECAST_SCORES, FORECAST_ORDER)],
)
def test_a_family_of_another_package_is_in_table_and_page(runs, monkeypatch, kind, registry, order):
    assert set(registry) == set(order)
    monkeypatch.setattr(registry, "_things", dict(registry._things))
    registry.register("mine")(lambda sets: [_Mean()])
    assert "mine" in registry
    with pytest.raises(ConfigError, match="mine"):
        registry["mina"]
    card = score(*runs[kind], replicates=5)
    rows = card.table.find(id="mean_of_first")
    assert len(rows) > 0
    if kind == "forecast":
        assert any(line.name == "mean of the first variable" for line in main_lines(card))
    assert "mean of the first variable" in render(page_of(card, "A page", {}))


def test_forecasts_are_found_out_by_their_leads_and_scored_beside_others(runs):
    states, store = runs["forecast"]
    card = score(states, store, beside={"twin": states}, replicates=2)
    assert card.sources[:2] == ("forecast", "twin")
    single = forecast_of(states.isel(start=0), "one")
    assert score(single, store, replicates=2).kind == "forecast"


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("ice", {"roles": ["train"]}, "role"),
        ("ocean", {"climate": "a.zarr"}, "climate"),
        ("forecast", {"floor": "years"}, "floor"),
        ("ocean", {"floor": "seasons"}, "members or years"),
        ("ice", {"kind": "lake"}, "forecast, ice, ocean"),
    ],
)
def test_options_for_other_kinds_are_refused(runs, kind, options, words):
    with pytest.raises(ConfigError, match=words):
        score(*runs[kind], **options)


def test_a_result_writes_its_own_report(cards, tmp_path):
    page = cards["ice"].report(tmp_path / "report", title="Mine")
    assert page == tmp_path / "report" / "report.html"
    text = page.read_text()
    assert "<h1>Mine</h1>" in text
    alts = re.findall(r'<img alt="([^"]*)"', text)
    assert len(alts) == len(set(alts)) == 8
    assert all(len(alt) > 40 for alt in alts)
    assert {path.name for path in page.parent.iterdir()} == {"report.html", "scores.csv", "scores.json"}


def test_evaluation_draws_nothing():
    """Pictures are imported with the first report, not with the scores."""
    code = "import sys, halocline.evaluate.score, halocline.trials.judgement, halocline.spinup.tables\n"
    code += "print([m for m in ('matplotlib', 'cmocean', 'jinja2', 'PIL', 'torch') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_pages_fit_a_phone(cards):
    """Pictures shrink with the window, and each table scrolls in a box of its own."""
    text = render(page_of(cards["forecast"], "A page", {}))
    style = text[text.index("<style>") : text.index("</style>")]
    assert "max-width: 100%" in style[style.index(".picture img") :].split("}")[0]
    assert "min-width" not in style
    assert text.count("<table>") == len(re.findall(r'<div class="scroll">\s*<table>', text)) > 0
    assert 'name="viewport" content="width=device-width' in text
