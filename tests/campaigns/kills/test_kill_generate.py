"""Random kills of generate: no bit changes, nobody and nothing is left."""

import pytest

from tests.campaigns.harness import KILLS, kill_at_random


@pytest.mark.slow
def test_random_kills(zygote, generate, tmp_path):
    kill_at_random(zygote, generate, tmp_path, KILLS)
