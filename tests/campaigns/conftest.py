"""The commands that campaigns disturb, each so small that it takes a second or two."""

import importlib.util
import sys
from dataclasses import replace

import numpy as np
import pytest

from tests.bridge.imports.test_import_engine import write_file
from tests.campaigns.harness import Command, Zygote, card_without_log, records_without_time
from tests.conftest import TOY_RECIPE
from tests.spinup.toy_veros import toy_archive
from tests.surrogate_toy import surrogate_store, toy_surrogate
from tests.trials.toy_judge import MEMBERS, analytic, dataset

COMPUTE = ["--device", "cpu", "--precision", "fp32", "--threads", "1", "--quiet"]


@pytest.fixture(scope="session")
def zygote():
    """Starts commands in milliseconds; see zygote.py."""
    if sys.platform != "linux":
        pytest.skip("the campaigns look for processes in /proc")
    started = Zygote()
    yield started
    started.close()


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    """A folder that nobody disturbs."""
    return tmp_path_factory.mktemp("inputs")


@pytest.fixture
def train(store_path):
    def arguments(folder):
        began = (folder / "M.training" / "identity.json").exists()
        more = ["--resume"] if began else []
        return ["train", str(TOY_RECIPE), "--data", str(store_path), "--out", "M", *COMPUTE, *more]

    return Command("train", arguments, told={"log.jsonl": records_without_time, "card.json": card_without_log})


@pytest.fixture
def arctic():
    """Two members at a time, 40 days after 40 days, a restart every 30."""
    length = ["--years", "1", "--spinup-years", "1", "--members", "2", "--interval-hours", "24"]
    return Command(
        "simulate arctic",
        lambda folder: ["simulate", "arctic", "--out", "A.zarr", *length, "--jobs", "2", "--quiet"],
        patches={"halocline.worlds.arctic.run.YEAR_HOURS": 24 * 40},
    )


@pytest.fixture
def tiny_arctic():
    """Two members after each other in one process, four days after four days in free drift, a restart every two."""
    length = ["--years", "1", "--spinup-years", "1", "--members", "2", "--interval-hours", "24"]
    return Command(
        "tiny simulate arctic",
        lambda folder: ["simulate", "arctic", "--out", "A.zarr", *length, "--rheology", "freedrift", "--quiet"],
        patches={
            "halocline.worlds.arctic.run.YEAR_HOURS": 24 * 4,
            "halocline.worlds.arctic.member.RESTART_EVERY": 2 * 4,
        },
    )


@pytest.fixture
def import_(inputs):
    """Three years, a state every thirty days, in five files, four states at a time."""
    files = [inputs / f"{k}.nc" for k in range(5)]
    for path, days in zip(files, np.array_split(np.arange(0, 3 * 365, 30), 5), strict=True):
        if not path.exists():
            write_file(path, days)
    return Command(
        "import",
        lambda folder: ["import", *map(str, files), "--out", "S.zarr", "--quiet"],
        patches={"halocline.bridge.importing.slabs.SLAB_BYTES": 4 * 4 * 5 * 256},
    )


@pytest.fixture
def tiny_import(import_, inputs):
    """The first of the files alone."""
    arguments = ["import", str(inputs / "0.nc"), "--out", "S.zarr", "--quiet"]
    return replace(import_, name="tiny import", arguments=lambda folder: arguments)


@pytest.fixture(scope="session")
def surrogate(inputs):
    """A store of weather and the toy surrogate trained on it."""
    store = surrogate_store(inputs / "weather.zarr", steps=8)
    return store, toy_surrogate(store, inputs / "surrogate")


@pytest.fixture
def forecast(surrogate):
    store, model = surrogate
    length = ["--days", "2", "--members", "2", "--starts", "2"]
    return Command(
        "forecast",
        lambda folder: ["forecast", str(model), "--start", str(store), "--out", "F.zarr", *length, *COMPUTE],
    )


@pytest.fixture
def tiny_forecast(surrogate):
    """Two steps of persistence, one member: no network, the same file."""
    store, _ = surrogate
    arguments = ["forecast", "persistence", "--start", str(store), "--out", "F.zarr", "--days", "1", "--members", "1"]
    return Command("tiny forecast", lambda folder: [*arguments, *COMPUTE])


@pytest.fixture(params=["states.nc", "states.zarr"])
def generate(request, model_path):
    how = ["--members", "12", "--batch", "2", "--seed", "3", "--out", request.param]
    return Command(f"generate {request.param}", lambda folder: ["generate", str(model_path), *how, *COMPUTE])


@pytest.fixture
def dino():
    """Four members of a year, two at a time; what was measured by a clock is not compared."""
    if importlib.util.find_spec("veros") is None:
        pytest.skip("Veros is not installed")
    length = ["--preset", "R8", "--members", "4", "--start-years", "1", "--branch-years", "1", "--years", "1"]
    how = ["--out", "D.zarr", *length, "--jobs", "2", "--quiet"]
    return Command("simulate dino", lambda folder: ["simulate", "dino", *how])


@pytest.fixture
def spinup(inputs):
    """Two methods and the references for one target, forty years; a toy stands in for the ocean model."""
    data = inputs / "toy-dino.zarr"
    if not data.exists():
        toy_archive(data, noise=0.01)
    how = ["--max-years", "40", "--method", "mean", "--method", "cold-anderson", "--quiet"]
    return Command(
        "reproduce spinup",
        lambda folder: ["reproduce", "spinup", "--data", str(data), "--out", "R", *how],
        patches={
            "halocline.spinup.session_pool.Session": "@tests.spinup.toy_veros.ToySession",
            "halocline.experiments.spinup.require_veros": "@builtins.str",
        },
    )


@pytest.fixture
def integrate(inputs):
    """Two states for forty days, two at a time; what was measured by a clock, and the last run's jobs, may differ."""
    if importlib.util.find_spec("veros") is None:
        pytest.skip("Veros is not installed")
    states = inputs / "states.nc"
    if not states.exists():
        dataset(np.stack([analytic(k, k) for k in range(2)]), [MEMBERS[3]] * 2, [0, 80]).to_netcdf(states)
    how = ["--out", "R", "--years", "0", "--members", "2", "--jobs", "2", "--quiet"]
    told = {"done.json": records_without_time, "job-0.json": None, "job-1.json": None, ".log": None}
    return Command("integrate", lambda folder: ["integrate", str(states), *how], told=told)
