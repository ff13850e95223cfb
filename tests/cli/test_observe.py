"""``halocline observe`` and ``inspect`` of what it wrote, in this process."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import halocline as hl
from halocline.cli.main import app
from halocline.runtime.errors import HaloclineError


def run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    if isinstance(done.exception, HaloclineError):
        raise done.exception
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


@pytest.fixture(scope="module")
def table_path(store_path, tmp_path_factory):
    out = tmp_path_factory.mktemp("observed") / "obs.nc"
    told = run(
        "observe", store_path, "--kind", "concentration", "--kind", "buoys", "--set", "buoys.count=10",
        "--from", "2000-02-01", "--to", "2000-02-15", "--seed", 4, "--out", out, "--quiet",
    )  # fmt: skip
    assert "observations written" in told
    return out


def test_the_command_and_the_python_door_give_the_same_table(table_path, store_path):
    made = hl.observe(
        store_path, ["buoys", "concentration"], first="2000-02-01", last="2000-02-15", seed=4,
        settings={"buoys.count": 10},
    )  # fmt: skip
    again = hl.read_observations(table_path)
    for name, values in made.columns().items():
        np.testing.assert_array_equal(getattr(again, name), values)


def test_inspect_tells_what_is_in_a_table(table_path):
    text = run("inspect", table_path)
    for words in ("concentration", "ice_eastward", "2000-02-", "noleap", "toy.zarr", "excluded"):
        assert words in text
    about = json.loads(run("inspect", table_path, "--json", "--verify"))
    assert about["rows"] == sum(row["rows"] for row in about["table"])
    assert "the seal fits" in about["soundness"]


def test_a_picture_of_where_is_drawn_whole_and_only_of_observations(table_path, store_path, tmp_path):
    pytest.importorskip("matplotlib")
    run("inspect", table_path, "--picture", tmp_path / "where.png")
    assert (tmp_path / "where.png").read_bytes().startswith(b"\x89PNG")
    for path, picture, words in (
        (table_path, "where.png", "exists already"),
        (table_path, "where.pdf", "the ending"),
        (store_path, "store.png", "no column"),
    ):
        with pytest.raises(HaloclineError, match=words):
            run("inspect", path, "--picture", tmp_path / picture)


def test_a_table_is_averaged_joined_and_written_in_other_forms(table_path, store_path, tmp_path):
    run("observe", table_path, table_path, "--out", tmp_path / "two.nc", "--quiet")
    assert len(hl.read_observations(tmp_path / "two.nc")) == 2 * len(hl.read_observations(table_path))
    run(
        "observe", tmp_path / "two.nc", "--superob", store_path, "--representativeness", "sic=0.05",
        "--out", tmp_path / "one.nc", "--quiet",
    )  # fmt: skip
    one = hl.read_observations(tmp_path / "one.nc")
    once = hl.read_observations(table_path)
    ice = one.kind == "concentration"
    assert ice.sum() == (once.kind == "concentration").sum()
    np.testing.assert_allclose(one.representativeness[ice], 0.05)
    np.testing.assert_allclose(np.sort(one.error[ice]), np.sort(once.error[once.kind == "concentration"]) / np.sqrt(2))
    told = run("observe", table_path, "--as", "dart", "--out", tmp_path / "obs_seq.out")
    assert "SAT_SEAICE_AGREG_CONCENTR" in told
    back = hl.read_observations(tmp_path / "obs_seq.out", "dart")
    assert len(back) == len(once)
    run("observe", table_path, "--as", "enkf-c", "--out", tmp_path / "enkf")
    run("observe", table_path, "--as", "enkf-c", "--out", tmp_path / "enkf", "--overwrite")
    files = sorted((tmp_path / "enkf").glob("*.nc"))
    assert len(hl.read_observations(files, "enkf-c")) == len(once)
    run("observe", *files, "--read", "enkf-c", "--out", tmp_path / "back.nc", "--quiet")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--kind", "concentration", "--read", "ioda", "--out", "x.nc"], "given with --read"),
        (["--kind", "radar", "--out", "x.nc"], "Valid names"),
        (["--read", "grib", "--out", "x.nc"], "Valid names"),
        (["--kind", "concentration", "--out", "x.zarr"], "the ending"),
        (["--kind", "concentration", "--representativeness", "sic=1", "--out", "x.nc"], "without --superob"),
        (["--kind", "concentration", "--set", "buoys.count=1", "--out", "x.nc"], r"buoys\.count"),
        (["--as", "osisaf", "--out", "x.nc"], "read only"),
        (["--out", "x.nc"], "table of observations|no such file|a file that cannot"),
    ],
)
def test_bad_arguments_are_refused_before_the_work(words, found, store_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HaloclineError, match=found):
        run("observe", store_path, *words)
    assert not list(tmp_path.iterdir())
