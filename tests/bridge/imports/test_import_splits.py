"""halocline import --splits, --gap-days, --split: what is asked for, what is said, what is refused."""

import json
import warnings

import numpy as np
import pytest
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.store.splits import SPLITS, samples_of
from halocline.data.store.store import open_store
from halocline.runtime.errors import ConfigError
from tests.data.store.test_splits import toy_states

RUN = CliRunner()


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """A file of 90 days from 1 January 2000 on."""
    path = tmp_path_factory.mktemp("days") / "d.nc"
    states = toy_states(np.arange(0, 90 * 24, 24)).isel(member=0)
    states["time"].encoding |= {"units": "hours since 2000-01-01", "calendar": "noleap"}
    states.to_netcdf(path)
    return path


def imported(days, out, *words):
    """Run the command; return the store and what is said."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = RUN.invoke(app, ["import", str(days), "--out", str(out), "--quiet", *words], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return open_store(out), " ".join(found.output.split())


def test_blocks_and_their_gap(days, tmp_path):
    store, said = imported(days, tmp_path / "b.zarr", "--splits", "blocks", "--gap-days", "5")
    at = {split: [index for _, index in samples_of(store, split)] for split in SPLITS}
    assert at["validation"][0] - at["train"][-1] in (5, 6)
    assert "warning: " in said
    assert "nothing of another year" in said
    about = json.loads(RUN.invoke(app, ["inspect", str(tmp_path / "b.zarr"), "--json"]).output)
    assert about["states"] == {split: len(at[split]) for split in SPLITS}
    assert len(about["splits cannot tell"]) == 3


def test_dates(days, tmp_path):
    dates = ("train=2000-01-01/2000-01-31", "validation=2000-02-10/2000-02-20", "test=2000-03-01/2000-03-31")
    words = [word for date in dates for word in ("--split", date)]
    store, _ = imported(days, tmp_path / "d.zarr", *words)
    assert [len(samples_of(store, split)) for split in SPLITS] == [31, 11, 31]


def test_years_are_the_rule_and_too_few_are_told(days, tmp_path):
    _, said = imported(days, tmp_path / "y.zarr")
    assert "No states in the split validation and test" in said
    assert "--splits blocks" in said


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("--splits", "blocks", "--split", "train=2000-01-01/2000-01-31"), "given with --split"),
        (("--split", "train=2000-01-01"), "not NAME=FIRST/LAST"),
        (("--gap-days", "5"), "gap_days"),
        (("--splits", "weeks"), "no such splits"),
    ],
)
def test_what_does_not_fit_is_refused(days, tmp_path, words, match):
    with pytest.raises(ConfigError, match=match):
        RUN.invoke(app, ["import", str(days), "--out", str(tmp_path / "x.zarr"), *words], catch_exceptions=False)
