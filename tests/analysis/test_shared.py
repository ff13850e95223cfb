"""Analyses in several processes and in little memory: the file of one process in much memory."""

import numpy as np
import pytest
import xarray as xr

from halocline.analysis import work
from halocline.analysis.run import analyse
from halocline.runtime import files
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError
from halocline.systems.loading import load_model
from tests.analysis.test_analyse import NAMES, observed
from tests.training.forked import Forked


@pytest.fixture(scope="module")
def model(data_space_model_path):
    return load_model(data_space_model_path, choose_compute("cpu", "fp32")).with_sampler("heun", 4)


@pytest.fixture(scope="module")
def table(model):
    drawn = model.generate(1, 7, quiet=True)
    return observed(model, np.stack([drawn[name].values[0] for name in NAMES]), error=0.2)


@pytest.mark.parametrize("method", ["mmps", "enkf"])
def test_two_processes_write_the_files_of_one(data_space_model_path, table, tmp_path, method):
    table.write(tmp_path / "obs.nc")
    for size in (1, 2):
        words = ["analyse", data_space_model_path, "--observations", tmp_path / "obs.nc", "--method", method]
        words += ["--members", 5, "--batch", 2, "--steps", 4, "--seed", 3, "--threads", 1]
        words += ["--device", "cpu", "--precision", "fp32", "--out", tmp_path / f"{size}.nc"]
        run = Forked(size, words, tmp_path)
        assert set(run.codes()) == {0}, run.said()
        assert run.said().count("5 states written") == 1
    assert files.sha256_of(tmp_path / "1.nc") == files.sha256_of(tmp_path / "2.nc")
    one, two = (xr.open_dataset(tmp_path / f"{size}-observations.nc") for size in (1, 2))
    xr.testing.assert_identical(one, two)
    assert not list(tmp_path.glob(".*"))


def test_little_memory_changes_the_members_a_pass_alone(model, table, monkeypatch):
    whole, _ = analyse(model, table, 4, 1, quiet=True)
    with pytest.raises(ConfigError, match="a member in a pass"):
        analyse(model, table, 4, 1, memory=1000, quiet=True)
    with pytest.raises(ConfigError, match="changes all together"):
        analyse(model, table, 4, 1, method="enkf", memory=1000, quiet=True)
    passes: list[int] = []
    draw = type(model).draw
    monkeypatch.setattr(
        type(model), "draw", lambda self, numbers, *rest: passes.append(len(numbers)) or draw(self, numbers, *rest)
    )
    monkeypatch.setattr(work, "fitting", lambda guided, *rest: 3 if guided.guide is not None else 0)
    little, _ = analyse(model, table, 4, 1, memory=10**9, quiet=True)
    assert passes == [3, 1, 3, 1]
    wet = model.grid.mask
    np.testing.assert_allclose(little["sit"].values[:, wet], whole["sit"].values[:, wet], atol=2e-3)


def test_several_processes_need_a_file(model, table):
    from halocline.runtime.ranks import Ranks

    with pytest.raises(ConfigError, match="a file, for several processes"):
        analyse(model, table, 4, 1, ranks=Ranks(0, 2), quiet=True)
