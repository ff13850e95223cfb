"""Files of ice products with one trap each: converted, asked for, or refused by name; nothing silently wrong."""

import re
from pathlib import Path

import numpy as np
import pytest

from halocline.runtime.errors import InputError
from tests.bridge.imports import products
from tests.bridge.imports.ice_traps import TRAPS, kinds_table, page_table
from tests.bridge.imports.truth import read

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "data" / "import-ice.md"


def check(reading, truth, only=(), exact=1.5e-3):
    ocean = np.asarray(reading.dataset["mask"]) > 0.5
    np.testing.assert_array_equal(ocean, ~truth.land)
    names = only or [n for n in reading.names if n in truth.fields]
    for name in names:
        found, wanted = (f[..., ocean] for f in (reading.dataset[name].values, truth.fields[name]))
        np.testing.assert_allclose(found, np.broadcast_to(wanted, found.shape), atol=exact, err_msg=name)
    sic = reading.dataset["sic"].values[..., ocean]
    wanted = truth.fields["sic"][..., ocean]
    for bound in (0, 1):
        assert (sic[np.broadcast_to(wanted == bound, sic.shape)] == bound).all(), "the bounds are hit exactly"


@pytest.mark.parametrize(("trap", "source"), [pytest.param(t, s, id=f"{s}-{t.name}") for t in TRAPS for s in t.change])
def test_trap(trap, source, tmp_path):
    path = tmp_path / "file.nc"
    truth = getattr(products, source.replace("-", "_"))(path, trap=trap.change[source])
    if trap.outcome == "converted":
        reading = read(source, [path])
        check(reading, truth, trap.only, trap.exact)
        assert re.search(trap.says, "\n".join(reading.notes.lines()))
        return
    with pytest.raises(InputError) as caught:
        read(source, [path])
    assert re.search(trap.says, str(caught.value), re.DOTALL), caught.value
    if trap.outcome == "asked":
        check(read(source, [path], trap.answer), truth, trap.only, trap.exact)


def test_the_page_holds_the_tables():
    page = PAGE.read_text(encoding="utf-8")
    assert page_table() in page
    assert kinds_table() in page
