"""The evaluation's fixtures serve the report too."""

from tests.evaluate.conftest import good_card, reference, reference_path

__all__ = ["good_card", "reference", "reference_path"]
