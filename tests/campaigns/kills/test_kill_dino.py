"""Random kills of dino: no bit changes, nobody and nothing is left."""

import pytest

from tests.campaigns.harness import KILLS, kill_at_random


@pytest.mark.slow
def test_random_kills(zygote, dino, tmp_path):
    kill_at_random(zygote, dino, tmp_path, KILLS)
