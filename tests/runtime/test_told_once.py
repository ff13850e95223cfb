"""What several processes of torchrun raise before they have joined each other: told by one, and by no fewer."""

from datetime import timedelta

import pytest
import torch.distributed

from halocline.runtime.processes.told_once import told_once


@pytest.fixture
def notes(monkeypatch):
    """What torchrun keeps for its processes from the start."""
    store = torch.distributed.TCPStore("localhost", 0, is_master=True, wait_for_workers=False)
    told = {"MASTER_ADDR": "localhost", "MASTER_PORT": store.port, "TORCHELASTIC_USE_AGENT_STORE": "True"}
    for name, value in {**told, "WORLD_SIZE": 2}.items():
        monkeypatch.setenv(name, str(value))
    return store


def test_what_all_raise_is_told_once(notes, monkeypatch):
    told = []
    for text in ("of all", "of all", "of the second alone"):
        with told_once(text) as mine:
            told.append(mine)
    assert told == [True, False, True]
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    with told_once("of all") as mine:
        assert mine, "torchrun has started them again"


def test_who_waits_for_a_process_that_ended_before_it_told_tells(notes, monkeypatch):
    monkeypatch.setattr("halocline.runtime.processes.told_once.TOLD", timedelta(seconds=1))
    told_once("of all").__enter__()
    for expected in (True, False):
        with told_once("of all") as mine:
            assert mine == expected


def test_without_notes_each_tells(notes, monkeypatch):
    monkeypatch.delenv("TORCHELASTIC_USE_AGENT_STORE")
    for _ in range(2):
        with told_once("of all") as mine:
            assert mine


def test_where_torchrun_has_ended_each_tells(notes, monkeypatch):
    monkeypatch.setattr("halocline.runtime.processes.told_once.TOLD", timedelta(seconds=0.5))
    monkeypatch.setenv("MASTER_PORT", "1")
    with told_once("of all") as mine:
        assert mine
