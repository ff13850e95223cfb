"""Every kind of page that the program writes, opened in a browser: nothing complains, a phone can show it."""

import pytest
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.store.store import open_store
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.report.page import write_report
from tests.evaluate.forecast.toy_forecast import STARTS, STEP, toy_forecast
from tests.evaluate.ocean.test_ocean_scores import drawn
from tests.report.browser import find_browser, look
from tests.spinup.test_reproduce import data, toy
from tests.trials.test_judgement import _drawn, faked
from tests.trials.toy_judge import analytic, write_store

__all__ = ["data", "faked", "toy"]

BROWSER = find_browser()
WIDTHS = (390, 1400)
LEADS = (0, STEP, 2 * STEP)
KINDS = ("ice", "ocean", "forecast", "trials", "spinup")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine"),
]


def test_a_page_with_faults_is_seen_to_have_them(tmp_path):
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><meta name=viewport content='width=device-width'><div style='width: 800px'>wide</div>"
        "<p style='font-size: 6px'>small</p><img src='none.png'><svg></svg><img alt='  ' src='data:image/png;base64,x'>"
        "<script>console.error('broken'); undefined_name()</script>"
    )
    narrow = look(BROWSER, page, (390,))[390]
    assert narrow.width >= 800
    assert narrow.smallest == 6
    assert narrow.pictures == narrow.broken + 1 == len(narrow.unnamed) == 3
    assert any("broken" in c for c in narrow.complaints)
    assert any("Uncaught" in c for c in narrow.complaints)
    assert any("request failed" in c or "ERR_FILE_NOT_FOUND" in c for c in narrow.complaints)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_readable_on_a_phone_and_on_a_screen(kind, request, tmp_path):
    page = globals()[f"_{kind}"](request.getfixturevalue, tmp_path / "out")
    for width, seen in look(BROWSER, page, WIDTHS).items():
        assert not seen.complaints, f"{width} pixels"
        assert seen.width <= width, f"{width} pixels: the page is {seen.width} wide"
        assert seen.pictures >= 1
        assert not seen.broken
        assert not seen.unnamed, f"no text alternative: {seen.unnamed}"
        assert seen.smallest >= 11, f"{width} pixels: text of {seen.smallest} pixels"


def _ice(fixture, out):
    return write_report(fixture("good_card"), out, "Sea ice", {"states": "a.nc"})


def _ocean(fixture, out):
    store = open_store(fixture("ocean_store_path"))
    return write_report(evaluate_ocean(drawn(store, [0, 1, 2]), store, replicates=40), out, "An ocean", {"states": "a"})


def _forecast(fixture, out):
    store = fixture("slow_store")
    file = out.with_name("fc.zarr")
    toy_forecast(store, (-1, 1, 2), starts=STARTS[:3], leads=LEADS).to_zarr(file, consolidated=False)
    _run("evaluate", file, "--reference", store.path, "--forecast", "--out", out)
    return out / "report.html"


def _trials(fixture, out):
    fixture("faked")
    file = out.with_name("states.nc")
    _drawn(2).to_netcdf(file)
    store = write_store(out.with_name("truth.zarr"), analytic)
    _run("integrate", file, "--name", "drawn", "--control", store, "--years", "2", "--out", out)
    return out / "report.html"


def _spinup(fixture, out):
    fixture("toy")
    _run("reproduce", "spinup", "--data", fixture("data"), "--max-years", "120", "--out", out, "--method", "nearest")
    return out / "report.html"


def _run(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, (result.output, result.exception)
