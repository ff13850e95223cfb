"""The evaluation's fixtures serve the report too."""

from tests.evaluate.conftest import good_card, reference, reference_path, slow_store

__all__ = ["good_card", "reference", "reference_path", "slow_store"]
