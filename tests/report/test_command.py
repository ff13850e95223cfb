"""The command, from files to a folder."""

import json

import pytest
import typer
from typer.testing import CliRunner

from halocline.cli.older.evaluate import evaluate
from halocline.runtime.errors import OutputError
from tests.evaluate.toy_arctic import as_dataset, perfect

app = typer.Typer()
app.command()(evaluate)


@pytest.fixture(scope="module")
def states_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("states") / "states.nc"
    as_dataset(perfect(12)).to_netcdf(path)
    return path


def test_states_become_a_report_and_a_table(states_path, reference_path, tmp_path):
    out = tmp_path / "report"
    result = CliRunner().invoke(app, [str(states_path), "--reference", str(reference_path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert str(out / "report.html") in result.output.replace("\n", "")
    assert "Fréchet distance" in result.output
    rows = json.loads((out / "scores.json").read_text())["rows"]
    assert {"value", "low", "high", "floor", "unit"} <= set(rows[0])
    assert str(tmp_path) not in (out / "report.html").read_text()
    again = CliRunner().invoke(app, [str(states_path), "--reference", str(reference_path), "--out", str(out)])
    assert isinstance(again.exception, OutputError)


def test_a_store_can_be_scored(reference_path, tmp_path):
    out = tmp_path / "report"
    arguments = [str(reference_path), "--reference", str(reference_path), "--out", str(out), "--quiet"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "Fréchet" not in result.output
    rows = json.loads((out / "scores.json").read_text())["rows"]
    assert all(row["within_floor"] for row in rows if row["score"] == "mean map error")


def test_a_failed_evaluation_leaves_nothing_behind(states_path, tmp_path):
    arguments = [str(states_path), "--reference", str(tmp_path / "none.zarr"), "--out", str(tmp_path / "report")]
    assert CliRunner().invoke(app, arguments).exit_code != 0
    assert list(tmp_path.iterdir()) == []
