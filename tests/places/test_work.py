"""The long commands from addresses to addresses: import, train, generate, score, constrain, simulate."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import halocline as hl
from halocline.chain.dataset import write_dataset
from halocline.cli.main import app
from halocline.data.files.open import read_dataset
from halocline.runtime.errors import ConfigError
from halocline.runtime.places.arguments import reached
from halocline.runtime.places.copying import copy
from halocline.runtime.places.reading import at_hand
from halocline.runtime.places.remote import Remote
from halocline.runtime.places.writing import staged
from tests.ocean_toy import toy_ocean_dataset
from tests.places.test_memory import memory, place  # noqa: F401
from tests.toy import toy_store

TOY = Path(__file__).parents[1] / "toy.toml"
FEW = ["autoencoder.training.samples=16", "denoiser.training.samples=16", "denoiser.training.validate_every=1"]


@pytest.fixture(params=["memory", "s3"])
def address(request):
    """An empty place in memory, and a bucket of a server."""
    return request.getfixturevalue({"memory": "place", "s3": "bucket"}[request.param])


@pytest.fixture(scope="module")
def years(tmp_path_factory):
    return toy_store(tmp_path_factory.mktemp("years") / "toy.zarr", interval_days=30)


def run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def put_file(dataset, address):
    with staged(address) as local:
        write_dataset(dataset, local)


@pytest.mark.slow
def test_trained_drawn_and_scored(address, years, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    copy(years, f"{address}/toy.zarr")
    settings = [word for setting in FEW for word in ("--set", setting)]
    run(
        "train",
        TOY,
        "--data",
        f"{address}/toy.zarr",
        "--out",
        f"{address}/model",
        "--device",
        "cpu",
        "--quiet",
        *settings,
    )
    assert Remote(f"{address}/model").bytes_of(".complete")
    run("generate", f"{address}/model", "--members", 2, "--out", f"{address}/drawn.nc", "--device", "cpu", "--quiet")
    assert read_dataset(at_hand(f"{address}/drawn.nc")).sizes["member"] == 2
    scored = ["--reference", f"{address}/toy.zarr", "--out", f"{address}/report", "--quiet"]
    run("score", f"{address}/drawn.nc", *scored)
    assert b"<html" in Remote(f"{address}/report").bytes_of("/report.html")


def test_imported(address, years):
    dataset = hl.open_states(years).isel(member=0).load().drop_attrs(deep=False)
    put_file(dataset[["sit", "sic"]].assign({n: dataset[n] for n in ("mask", "area")}), f"{address}/run_1.nc")
    run("import", "cf", f"{address}/run_*.nc", "--out", f"{address}/made.zarr", "--quiet")
    found = hl.open_store(f"{address}/made.zarr")
    np.testing.assert_allclose(found.read(0, 3), hl.open_store(years).of_fields(["sit", "sic"]).read(0, 3), rtol=1e-3)
    assert found.attributes["provenance"]["files"] == ["run_1.nc"]


def test_constrained(address):
    dataset = toy_ocean_dataset(dtype=np.float32)
    put_file(dataset, f"{address}/s.nc")
    put_file(toy_ocean_dataset(members=20, seed=4), f"{address}/others.nc")
    words = ["--constraint", "patterns", "--constraint", "stability"]
    words += ["--patterns-from", f"{address}/others.nc", "--patterns", 5]
    told = run("constrain", f"{address}/s.nc", *words, "--out", f"{address}/stable.zarr")
    assert f"written to {address}/stable.zarr" in told
    expected, _ = hl.constrain(
        dataset, ["patterns", "stability"], patterns_from=toy_ocean_dataset(members=20, seed=4), patterns=5
    )
    np.testing.assert_allclose(read_dataset(at_hand(f"{address}/stable.zarr"))["so"], expected["so"], rtol=1e-6)


@pytest.mark.slow
def test_simulated(address):
    how = {"years": 1, "spinup_years": 0, "members": 1, "interval_hours": 24, "rheology": "freedrift", "quiet": True}
    hl.simulate_arctic(f"{address}/arctic.zarr", **how)
    assert hl.open_store(f"{address}/arctic.zarr").members == 1


def test_a_cluster_works_on_a_file_system_only(place, tmp_path):  # noqa: F811
    given = {"store": f"{place}/a.zarr", "out": tmp_path / "b.zarr", "dask": "tcp://host:8786"}
    with pytest.raises(ConfigError, match=r"--dask: .*all workers see.*halocline copy"), reached(given, writes=True):
        pytest.fail("not begun")
    given |= {"store": tmp_path / "a.zarr"}
    with reached(given, writes=True) as found:  # the address of a scheduler is none of an object store
        assert found == given
