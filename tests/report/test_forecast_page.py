"""The page of a forecast, and the command that makes it."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import typer
from matplotlib.image import imread
from PIL import Image
from typer.testing import CliRunner

from halocline.cli.older.evaluate import evaluate
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import open_forecast
from halocline.report.forecast.curves import reliability
from halocline.report.forecast.film import film
from halocline.runtime.errors import ConfigError
from tests.evaluate.forecast.toy_forecast import STARTS, STEP, toy_forecast

app = typer.Typer()
app.command()(evaluate)


@pytest.fixture(scope="module")
def forecast_path(slow_store, tmp_path_factory):
    path = tmp_path_factory.mktemp("forecast") / "fc.zarr"
    leads = (0, STEP, 2 * STEP)
    toy_forecast(slow_store, (-1, 1, 2), starts=STARTS[:3], leads=leads).to_zarr(path, consolidated=False)
    toy_forecast(slow_store, (3,), starts=STARTS[:3], leads=leads).to_netcdf(path.with_name("twin.nc"))
    return path


@pytest.fixture(scope="module")
def result(forecast_path, slow_store, tmp_path_factory):
    out = tmp_path_factory.mktemp("page") / "report"
    twin = forecast_path.with_name("twin.nc")
    arguments = [str(forecast_path), "--reference", str(slow_store.path), "--forecast", "--out", str(out)]
    found = CliRunner().invoke(app, [*arguments, "--beside", f"twin={twin}", "--title", "A <test>"])
    assert found.exit_code == 0, (found.output, found.exception)
    return out, found.output


def test_the_command_writes_page_and_tables_and_prints_one(result):
    out, printed = result
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "scores.csv", "scores.json"]
    assert (out / "report.html").stat().st_size < 4e6
    assert "spread-skill ratio" in printed
    assert "twin" in printed
    sources = {row["source"] for row in json.loads((out / "scores.json").read_text())["rows"]}
    assert {"fc", "twin", "persistence", "climatology", "damped anomaly", "other years"} <= sources


def test_a_variable_has_the_same_colour_in_both_panels_of_reliability(forecast_path, slow_store):
    """The left panel has the drift vector, the right one its components: colours go by name, not by order."""
    figure = reliability(evaluate_forecast(open_forecast(forecast_path), slow_store))
    left, right = (
        {line.get_label(): line.get_color() for line in axes.lines if not line.get_label().startswith("_")}
        for axes in figure.axes
    )
    assert "drift" in left
    assert "siu" in right
    assert {name: left[name] for name in left.keys() & right.keys()} == {
        n: right[n] for n in left.keys() & right.keys()
    }
    assert len(set((left | right).values())) == len(left | right)


def test_the_page_is_whole(result):
    text = (result[0] / "report.html").read_text()
    assert "A &lt;test&gt;" in text
    assert "<script" not in text
    links = re.findall(r"""(?:src|href|url|@import)\s*[=(]\s*["']?([^"'\s>)]*)""", text)
    assert all(link.startswith("data:image/") for link in links)
    open_tags = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "img"):
                open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    Parser().feed(text)
    assert open_tags == []
    for heading in ("Fair CRPS", "Rank histograms", "Spectra", "Deformation", "Concentration", "Main scores"):
        assert f"<h2>{heading}</h2>" in text


def test_every_picture_has_something_in_it(result):
    text = (result[0] / "report.html").read_text()
    pictures = re.findall(r'data:image/png;base64,([^"]+)', text)
    assert len(pictures) == 10
    for code in pictures:
        image = imread(io.BytesIO(base64.b64decode(code)))
        assert image[..., :3].std() > 0.03
    moving = Image.open(io.BytesIO(base64.b64decode(re.findall(r'data:image/gif;base64,([^"]+)', text)[0])))
    assert moving.n_frames == 3


def test_a_film_of_two_frames_is_none(slow_store):
    from halocline.evaluate.forecast.pictures import Film

    fields = np.zeros((2, *slow_store.grid.shape))
    assert film(Film("sic", np.array([0.0, 12.0]), fields, fields), slow_store.grid.mask) is None


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--forecast", "--beside", "twin.zarr"], "NAME=FILE"),
        (["--forecast", "--role", "train"], "Leave them out"),
        (["--beside", "a=b"], "without --forecast"),
    ],
)
def test_options_that_do_not_go_together_are_refused(forecast_path, slow_store, tmp_path, more, words):
    arguments = [str(forecast_path), "--reference", str(slow_store.path), "--out", str(tmp_path / "r"), *more]
    found = CliRunner().invoke(app, arguments)
    assert isinstance(found.exception, ConfigError)
    assert words in str(found.exception)
    assert not (tmp_path / "r").exists()


def test_a_long_run_has_its_own_sections(slow_store, tmp_path):
    leads = tuple(range(0, 2 * 8760, 6 * STEP))  # a state a month: no leads of days to score
    path = tmp_path / "run.nc"
    toy_forecast(slow_store, (0, 1), starts=((0, 60),), leads=leads).to_netcdf(path)
    arguments = [str(path), "--reference", str(slow_store.path), "--forecast", "--out", str(tmp_path / "r")]
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 0, (found.output, found.exception)
    text = (tmp_path / "r" / "report.html").read_text()
    for heading in ("Seasonal cycle of the long run", "Month by month", "All years", "Scores of the long run"):
        assert f"<h2>{heading}</h2>" in text
    assert "<h2>Fair CRPS</h2>" not in text
    assert "The long run" in found.output
