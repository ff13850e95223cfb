import pytest

from tests.trials.toy_judge import analytic, write_store


@pytest.fixture(scope="session")
def analytic_store(tmp_path_factory):
    """A store on the smallest DINO basin whose states no model made."""
    return write_store(tmp_path_factory.mktemp("dino") / "analytic.zarr", analytic)
