"""Random kills of import: no bit changes, nobody and nothing is left."""

import pytest

from tests.campaigns.harness import KILLS, fill_disk, kill_at_every_event, kill_at_random


@pytest.mark.slow
def test_random_kills(zygote, import_, tmp_path):
    kill_at_random(zygote, import_, tmp_path, KILLS)


def test_a_few_kills(zygote, import_, tmp_path):
    kill_at_random(zygote, import_, tmp_path, 2, seed=1)


def test_a_few_events(zygote, tiny_import, tmp_path):
    kill_at_every_event(zygote, tiny_import, tmp_path, every=50)


def test_a_few_full_disks(zygote, tiny_import, tmp_path):
    fill_disk(zygote, tiny_import, tmp_path, 2)
