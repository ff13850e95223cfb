"""Random kills of arctic: no bit changes, nobody and nothing is left."""

import pytest

from tests.campaigns.harness import KILLS, kill_at_random


@pytest.mark.slow
def test_random_kills(zygote, arctic, tmp_path):
    kill_at_random(zygote, arctic, tmp_path, KILLS)
