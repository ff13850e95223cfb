"""The ocean's page and command: every figure, depth downwards, floors beside the bars."""

import base64
import io
import json
import re

import numpy as np
import pytest
import typer
from matplotlib.image import imread
from typer.testing import CliRunner

from halocline.cli.older.evaluate import evaluate
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.report.ice import maps
from halocline.report.ocean import curves as ocean_curves
from halocline.report.ocean import sections as ocean_sections
from halocline.report.page import page_of, render, write_report
from halocline.runtime.errors import ConfigError, InputError
from tests.evaluate.ocean.test_ocean_scores import drawn

app = typer.Typer()
app.command()(evaluate)


@pytest.fixture(scope="module")
def card(ocean_store_path):
    from halocline.data.store.store import open_store

    store = open_store(ocean_store_path)
    return evaluate_ocean(drawn(store, [0, 1, 2]), store, replicates=40)


@pytest.fixture(scope="module")
def page(card, tmp_path_factory):
    return write_report(card, tmp_path_factory.mktemp("ocean"), "An ocean page", {"states": "a.nc"}).read_text()


def test_the_page_holds_all_figures_and_asks_for_nothing(page):
    pictures = re.findall(r'data:image/png;base64,([^"]+)', page)
    assert len(pictures) == 7
    for code in pictures:
        image = imread(io.BytesIO(base64.b64decode(code)))
        assert min(image.shape[:2]) > 250
        assert image[..., :3].std() > 0.03
    assert "<script" not in page
    assert "http" not in page
    for heading in ("Zonal sections", "Profiles", "Spread", "Density error", "Water masses", "Surface climate"):
        assert f"<h2>{heading}</h2>" in page


def test_the_page_says_what_the_floor_is_and_gives_every_score(page, card):
    assert "same members, other years" in page
    assert page.count('<span class="mark') == len(card.rows)
    assert "real ones of member(s) 0, 1, 2" in page
    assert "None" not in page


def test_depth_points_down_in_sections_profiles_and_spreads(card):
    figures = [
        ocean_sections.sections(card.pictures),
        ocean_curves.profiles(card.pictures),
        ocean_curves.spreads(card.pictures, card.rows),
    ]
    for figure in figures:
        labelled = [axes for axes in figure.axes if "depth" in axes.get_ylabel()]
        assert labelled
        for axes in labelled:
            assert "positive down" in axes.get_ylabel()
            bottom, top = axes.get_ylim()
            assert bottom > top == 0


def test_sections_hold_the_surface_at_the_top(card):
    section = card.pictures.sections["thetao"].real
    assert np.nanmean(section[0]) > np.nanmean(section[-1])
    assert np.isnan(section[:, 0]).all()
    axes = ocean_sections.sections(card.pictures).axes[0]
    mesh = axes.collections[0]
    assert (
        np.array_equal(np.asarray(mesh.get_array())[0], section[0], equal_nan=True) or np.nanmax(mesh.get_array()) > 10
    )


def test_bars_of_the_density_error_have_the_floor_beside_them(card):
    axes = ocean_curves.density_errors(card.rows).axes[0]
    assert len(axes.patches) == 2 * len([row for row in card.rows if row.id.startswith("density_error_")])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["real", "generated"]
    assert ocean_curves.density_errors([]) is None


def test_temperature_maps_span_the_values_and_height_is_symmetric(card):
    images = [axes.images[0] for axes in maps.climatology(card.pictures).axes if axes.images]
    means = [image for image in images if image.cmap.name in ("thermal", "delta")]
    for image in means:
        low, high = image.get_clim()
        assert (low > 0) if image.cmap.name == "thermal" else (low == -high)


def test_tables_alone_without_pictures(card):
    import dataclasses

    text = render(page_of(dataclasses.replace(card, pictures=None), "Tables", {}))
    assert "<img" not in text
    assert "energy distance" in text


@pytest.fixture(scope="module")
def states_path(ocean_store_path, tmp_path_factory):
    from halocline.data.store.store import open_store

    path = tmp_path_factory.mktemp("states") / "states.nc"
    drawn(open_store(ocean_store_path), [4]).to_netcdf(path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_makes_a_report_of_ocean_states(states_path, ocean_store_path, tmp_path):
    result = run(states_path, "--reference", ocean_store_path, "--out", tmp_path / "report")
    assert result.exit_code == 0, result.output
    assert "energy distance" in result.output
    assert "level 00" not in result.output
    content = json.loads((tmp_path / "report" / "scores.json").read_text())
    assert content["about"]["held_out_members"] == [4]
    assert content["about"]["floor"] == "years"
    assert (tmp_path / "report" / "scores.csv").read_text().count("\n") == len(content["rows"]) + 1


def test_roles_and_floors_are_chosen(ocean_store_path, tmp_path):
    result = run(
        ocean_store_path,
        "--reference",
        ocean_store_path,
        "--out",
        tmp_path / "r",
        "--role",
        "train",
        "--role",
        "validation",
        "--floor",
        "members",
        "--quiet",
    )
    assert result.exit_code == 0, result.output
    about = json.loads((tmp_path / "r" / "scores.json").read_text())["about"]
    assert (about["roles"], about["floor"]) == (["train", "validation"], "members")


def test_what_does_not_fit_is_refused_and_leaves_nothing(states_path, ocean_store_path, store_path, tmp_path):
    out = tmp_path / "report"
    result = run(states_path, "--reference", ocean_store_path, "--out", out, "--floor", "seasons", "--quiet")
    assert isinstance(result.exception, ConfigError)
    result = run(store_path, "--reference", store_path, "--out", out, "--role", "train", "--quiet")
    assert isinstance(result.exception, ConfigError)
    result = run(states_path, "--reference", store_path, "--out", out, "--quiet")
    assert isinstance(result.exception, InputError)
    result = run(store_path, "--reference", ocean_store_path, "--out", out, "--quiet")
    assert isinstance(result.exception, InputError)
    assert list(tmp_path.iterdir()) == []
