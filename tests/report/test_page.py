"""The page holds everything it shows, and says where each score stands."""

import base64
import dataclasses
import io
import re
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.image import imread

from halocline.report.ice import curves, maps
from halocline.report.numbers import display, number
from halocline.report.page import page_of, render, write_report


@pytest.fixture(scope="module")
def page(good_card, tmp_path_factory):
    before = (dict(matplotlib.rcParams), matplotlib.get_backend(auto_select=False))
    path = write_report(good_card, tmp_path_factory.mktemp("report"), "A <test> page", {"states": "a & b.nc"})
    assert pyplot.get_fignums() == []
    assert (dict(matplotlib.rcParams), matplotlib.get_backend(auto_select=False)) == before
    return path


def test_the_folder_holds_page_and_tables(page):
    assert sorted(path.name for path in page.parent.iterdir()) == ["report.html", "scores.csv", "scores.json"]
    assert page.stat().st_size < 6e6


def test_nothing_is_asked_from_elsewhere(page):
    text = page.read_text()
    links = re.findall(r"""(?:src|href|url|@import)\s*[=(]\s*["']?([^"'\s>)]*)""", text)
    assert links
    assert all(link.startswith("data:image/png;base64,") for link in links)
    assert "<script" not in text


def test_text_is_escaped_and_tags_are_closed(page):
    text = page.read_text()
    assert "A &lt;test&gt; page" in text
    assert "a &amp; b.nc" in text
    open_tags = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "img"):
                open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    Parser().feed(text)
    assert open_tags == []


def test_every_picture_is_a_picture_with_something_in_it(page):
    pictures = re.findall(r'data:image/png;base64,([^"]+)', page.read_text())
    assert len(pictures) == 8
    for code in pictures:
        image = imread(io.BytesIO(base64.b64decode(code)))
        assert min(image.shape[:2]) > 250
        assert image[..., :3].std() > 0.05


def test_every_score_has_a_line_with_its_verdict(page, good_card):
    text = page.read_text()
    assert text.count('<span class="mark') == len(good_card.rows)
    off = sum(not row.within_floor for row in good_card.rows)
    assert text.count('<span class="mark off') == off
    assert f"{len(good_card.rows) - off} of {len(good_card.rows)} scores" in text


def test_a_scorecard_from_a_file_gives_the_tables_alone(good_card):
    text = render(page_of(dataclasses.replace(good_card, pictures=None), "Tables", {}))
    assert "<img" not in text
    assert "All scores" in text


def test_both_sides_of_the_gallery_share_one_colour_scale(good_card):
    figure = maps.gallery(good_card.pictures)
    images = [axes.images[0] for axes in figure.axes if axes.images]
    rows = len(images) // 8
    assert len(images) == 8 * rows
    for row in range(rows):
        limits = {image.get_clim() for image in images[8 * row : 8 * row + 8]}
        assert len(limits) == 1
    land = images[0].get_array().mask
    assert np.array_equal(land, ~good_card.pictures.grid.mask)


def test_spectra_are_drawn_from_long_to_short_waves(good_card):
    axes = curves.spectra(good_card.pictures).axes[0]
    left, right = axes.get_xlim()
    assert left > right
    assert axes.get_xscale() == axes.get_yscale() == "log"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.23456, "1.23"),
        (12.3456, "12.3"),
        (1234.5, "1234"),
        (0.00123, "0.00123"),
        (1.5e-7, "1.5·10⁻⁷"),
        (-0.5, "-0.500"),
        (float("nan"), "–"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert number(value) == text


def test_units_for_people():
    assert display("m2").factor * 1.2e13 == pytest.approx(12.0)
    assert display("m", "miz_width").unit == "km"
    assert display("m", "map_mean").unit == "m"
    assert display("K").unit == "K"
