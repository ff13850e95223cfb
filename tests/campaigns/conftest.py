"""The commands that campaigns disturb, each so small that it takes a second or two."""

import importlib.util
import sys

import numpy as np
import pytest

from tests.bridge.test_import_engine import write_file
from tests.campaigns.harness import Command, Zygote, records_without_time
from tests.conftest import TOY_RECIPE
from tests.surrogate_toy import surrogate_store, toy_surrogate

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

    return Command("train", arguments, told={"log.jsonl": records_without_time})


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
    return Command(
        "simulate dino", lambda folder: ["simulate", "dino", "--out", "D.zarr", *length, "--jobs", "2", "--quiet"]
    )
