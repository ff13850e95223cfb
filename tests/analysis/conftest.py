"""What tests of analyses share."""

import pytest


@pytest.fixture(autouse=True, scope="package")
def cell_drift():
    """A quantity for tests: the component of the drift along x of a cell, as it is."""
    from halocline.observations.quantities import QUANTITIES, Quantity

    if "siu_cell" not in QUANTITIES:
        QUANTITIES.register("siu_cell")(Quantity("siu_cell", "", "drift along x", "m s-1", (-40.0, 40.0), ("siu",)))
