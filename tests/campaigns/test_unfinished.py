"""Damage to what is under way: told, or made again to the same bytes."""

import os

import pytest

from tests.campaigns.harness import SEED
from tests.campaigns.unfinished import damage, wrong

RUNS = int(os.environ.get("HALOCLINE_UNFINISHED", "40"))


def check(zygote, command, tmp_path, there, at_least, runs=RUNS, seed=SEED):
    bad, counts = wrong(damage(zygote, command, tmp_path, there, at_least, runs, seed))
    assert not bad, (counts, bad)
    assert counts["told"] + counts["made again"] + counts["kept"] == runs


def test_a_few_imports(zygote, import_, tmp_path):
    check(zygote, import_, tmp_path, ".S.zarr.import/store/states/c/0/*/0/0/0", 12, runs=3)


@pytest.mark.slow
def test_imports(zygote, import_, tmp_path):
    check(zygote, import_, tmp_path, ".S.zarr.import/store/states/c/0/*/0/0/0", 12)


@pytest.mark.slow
def test_simulations_of_sea_ice(zygote, arctic, tmp_path):
    check(zygote, arctic, tmp_path, "A.zarr.restarts/member-*.safetensors", 2)


@pytest.mark.slow
def test_simulations_of_the_ocean(zygote, dino, tmp_path):
    check(zygote, dino, tmp_path, "**/samples/*.npz", 6, runs=max(1, RUNS // 4))


@pytest.mark.slow
def test_forecasts(zygote, forecast, tmp_path):
    check(zygote, forecast, tmp_path, "F.zarr/sit/c/*/*/*/*/*", 3)


@pytest.mark.slow
def test_trainings(zygote, train, tmp_path):
    check(zygote, train, tmp_path, "M.training/denoiser/checkpoint.json", 1)


@pytest.mark.slow
def test_spin_ups(zygote, spinup, tmp_path):
    check(zygote, spinup, tmp_path, "R/**/block-*.json", 4)


@pytest.mark.slow
def test_integrations(zygote, integrate, tmp_path):
    check(zygote, integrate, tmp_path, "R/**/series.jsonl", 1, runs=max(1, RUNS // 4))
