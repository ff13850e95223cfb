"""A disk that is full from some file on, a file that may grow no further: said in words, and nothing is lost."""

import os

import pytest

from tests.campaigns.harness import fill_disk

POINTS = int(os.environ.get("HALOCLINE_FULL_DISKS", "40"))


@pytest.mark.slow
def test_import(zygote, import_, tmp_path):
    fill_disk(zygote, import_, tmp_path, POINTS)


@pytest.mark.slow
def test_forecast(zygote, forecast, tmp_path):
    fill_disk(zygote, forecast, tmp_path, POINTS)


@pytest.mark.slow
def test_train(zygote, train, tmp_path):
    fill_disk(zygote, train, tmp_path, POINTS)


@pytest.mark.slow
def test_generate(zygote, generate, tmp_path):
    fill_disk(zygote, generate, tmp_path, POINTS)


@pytest.mark.slow
def test_simulate_arctic(zygote, tiny_arctic, tmp_path):
    fill_disk(zygote, tiny_arctic, tmp_path, POINTS)
