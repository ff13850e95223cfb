"""Tables of several models."""

import dataclasses
import re

import pytest

from halocline.evaluate.ice.evaluate import evaluate
from halocline.report.compare import compare
from halocline.report.numbers import number
from halocline.report.page import Table, render_table
from halocline.runtime.errors import InputError
from tests.evaluate.toy_arctic import as_dataset, perfect


@pytest.fixture(scope="module")
def cards(reference):
    thin = perfect(24, seed=1)
    thin[:, 0] *= 0.6
    return {
        "good | one": evaluate(as_dataset(perfect(24)), reference, replicates=40),
        "thin": evaluate(as_dataset(thin), reference, replicates=40),
    }


def test_models_are_lines_and_the_floor_is_the_first(cards):
    table = compare(cards)
    assert [line[0] for line in table.lines] == ["real states", "good | one", "thin"]
    column = table.header.index("mean map error sit (m)")
    row = cards["thin"].row("map_mean", "sit")
    assert table.lines[2][column].startswith(number(row.value))
    assert not table.lines[2][column].endswith("*")
    assert table.lines[0][column].startswith(number(cards["good | one"].row("map_mean", "sit").floor))


def test_markdown_and_html_have_every_cell(cards):
    table = compare(cards, [("ice_volume", "all"), ("map_mean", "sic")])
    lines = table.to_markdown().splitlines()
    assert len(lines) == 5
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 4 for line in lines)
    assert "good \\| one" in lines[3]
    html = render_table(Table.of(table))
    assert html.count("<td") == 9
    assert html.count("<th") - html.count("<thead") == 3


def _with(card, **facts):
    table = dataclasses.replace(card.table, about={**card.about, **facts})
    return dataclasses.replace(card, table=table)


def test_scorecards_of_different_references_are_not_compared(cards):
    card = cards["thin"]
    other = _with(card, reference_fingerprint="other")
    with pytest.raises(InputError, match="reference_fingerprint"):
        compare({"a": card, "b": other})
    fewer = _with(card, generated_states=3)
    with pytest.raises(InputError, match="generated_states"):
        compare({"a": card, "b": fewer})


def test_an_unknown_score_is_named(cards):
    with pytest.raises(InputError, match="no such score"):
        compare(cards, [("fid", "all")])
