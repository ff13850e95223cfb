"""Drawing in several processes: the file of one to the bit; an error of one ends all, told once."""

import signal

import pytest

from halocline.chain.generator import Generator
from halocline.runtime import files
from halocline.runtime.errors import ModelError
from tests.training.forked import Forked, end_here, this_rank


def words(model, out, *more):
    options = ["--members", 5, "--batch", 2, "--seed", 3, "--threads", 1, "--device", "cpu", "--precision", "fp32"]
    return ["generate", model, "--out", out, *options, *more]


def bytes_of(path):
    return {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


def test_two_and_three_processes_write_the_file_of_one(data_space_model_path, tmp_path):
    for size in (1, 2, 3):
        run = Forked(size, words(data_space_model_path, tmp_path / f"{size}.nc"), tmp_path)
        assert set(run.codes()) == {0}, run.said()
        assert run.said().count("5 states written") == 1
    assert len({files.sha256_of(tmp_path / f"{size}.nc") for size in (1, 2, 3)}) == 1
    for size in (1, 2):
        more = ("--memory", "1GB", "--quiet")
        run = Forked(size, words(data_space_model_path, tmp_path / f"{size}.zarr", *more), tmp_path)
        assert set(run.codes()) == {0}, run.said()
    assert bytes_of(tmp_path / "1.zarr") == bytes_of(tmp_path / "2.zarr")
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("failing", [0, 1])
def test_an_error_of_one_ends_both_and_leaves_no_file(data_space_model_path, tmp_path, monkeypatch, failing):
    kept = Generator._batch

    def fails(self, numbers, *rest):
        if this_rank() == failing:
            raise ModelError("'sit' of member 2", found="nan", expected="numbers", remedy="Draw anew.")
        return kept(self, numbers, *rest)

    monkeypatch.setattr(Generator, "_batch", fails)
    run = Forked(2, words(data_space_model_path, tmp_path / "s.nc"), tmp_path)
    assert run.codes() == [2, 2], run.said()
    assert run.said().count("'sit' of member 2") == 1
    assert not list(tmp_path.glob("*.nc")) + list(tmp_path.glob(".*"))


def test_a_process_that_dies_ends_the_other(data_space_model_path, tmp_path, monkeypatch):
    kept = Generator._batch
    dies = lambda self, *rest: end_here() if this_rank() == 1 else kept(self, *rest)  # noqa: E731
    monkeypatch.setattr(Generator, "_batch", dies)
    run = Forked(2, words(data_space_model_path, tmp_path / "s.zarr"), tmp_path)
    assert run.codes() == [2, -signal.SIGKILL], run.said()
    assert "one of the 2 processes of this run" in run.said()
    assert not list(tmp_path.glob("*.zarr")) + list(tmp_path.glob(".*"))
