"""Hostile arguments, cards, recipes and files are refused in words, or obeyed; nothing is a traceback."""

import os

import pytest

from tests.campaigns.hostile import campaign

FEW = int(os.environ.get("CAMPAIGN_SHARE", "40"))


def test_some_hostile_words(tmp_path):
    assert not _wrong(campaign(tmp_path / "work", FEW))


@pytest.mark.slow
def test_all_hostile_words(tmp_path):
    answers = campaign(tmp_path / "work")
    assert len(answers) >= 200
    assert not _wrong(answers)


def _wrong(answers):
    return [(each.wrong, each.case.words, each.words[-200:]) for each in answers if each.wrong]
