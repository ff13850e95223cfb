"""A kill at every file-system event: what the next run makes of it is what an undisturbed run makes."""

import pytest

from tests.campaigns.harness import kill_at_every_event


@pytest.mark.slow
def test_import(zygote, import_, tmp_path):
    kill_at_every_event(zygote, import_, tmp_path)


@pytest.mark.slow
def test_forecast(zygote, forecast, tmp_path):
    kill_at_every_event(zygote, forecast, tmp_path)


@pytest.mark.slow
def test_generate(zygote, generate, tmp_path):
    kill_at_every_event(zygote, generate, tmp_path)


@pytest.mark.slow
def test_train(zygote, train, tmp_path):
    kill_at_every_event(zygote, train, tmp_path)
