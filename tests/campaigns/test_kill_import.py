"""Random kills of import: no bit changes, nobody and nothing is left."""

import pytest

from tests.campaigns.harness import KILLS, kill_at_random


@pytest.mark.slow
def test_random_kills(zygote, import_, tmp_path):
    kill_at_random(zygote, import_, tmp_path, KILLS)
