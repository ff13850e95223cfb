"""A kill at every file-system event of a tiny run: what the next run makes of it is what an undisturbed run makes."""

import os

import pytest

from tests.campaigns.harness import kill_at_every_event

EVERY = int(os.environ.get("HALOCLINE_EVENTS", "1"))
"""Of how many events one is a kill."""


@pytest.mark.slow
def test_import(zygote, tiny_import, tmp_path):
    kill_at_every_event(zygote, tiny_import, tmp_path, EVERY)


@pytest.mark.slow
def test_forecast(zygote, tiny_forecast, tmp_path):
    kill_at_every_event(zygote, tiny_forecast, tmp_path, EVERY)


@pytest.mark.slow
def test_generate(zygote, generate, tmp_path):
    kill_at_every_event(zygote, generate, tmp_path, EVERY)


@pytest.mark.slow
def test_train(zygote, train, tmp_path):
    kill_at_every_event(zygote, train, tmp_path, EVERY)


@pytest.mark.slow
def test_simulate_arctic(zygote, tiny_arctic, tmp_path):
    kill_at_every_event(zygote, tiny_arctic, tmp_path, EVERY)
