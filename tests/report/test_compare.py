"""Tables of several models."""

import dataclasses
import re

import pytest

from halocline.evaluate.ice.evaluate import evaluate
from halocline.report.compare import compare
from halocline.report.numbers import number
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
    row = cards["thin"].row("mean map error", "sit")
    assert table.lines[2][column].startswith(number(row.value))
    assert not table.lines[2][column].endswith("*")
    assert table.lines[0][column].startswith(number(cards["good | one"].row("mean map error", "sit").floor))


def test_markdown_and_html_have_every_cell(cards):
    table = compare(cards, [("ice volume", "all", ""), ("mean map error", "sic", "")])
    lines = table.to_markdown().splitlines()
    assert len(lines) == 5
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 4 for line in lines)
    assert "good \\| one" in lines[3]
    html = table.to_html()
    assert html.count("<td>") == 9
    assert html.count("<th>") == 3


def test_scorecards_of_different_references_are_not_compared(cards):
    card = cards["thin"]
    other = dataclasses.replace(card, about={**card.about, "reference_fingerprint": "other"})
    with pytest.raises(InputError, match="reference_fingerprint"):
        compare({"a": card, "b": other})
    fewer = dataclasses.replace(card, about={**card.about, "generated_states": 3})
    with pytest.raises(InputError, match="generated_states"):
        compare({"a": card, "b": fewer})


def test_an_unknown_score_is_named(cards):
    with pytest.raises(InputError, match="no such score"):
        compare(cards, [("FID", "all", "")])
