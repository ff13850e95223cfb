"""Forecasts in several processes: what the first one finds wrong is told once, and nobody waits."""

from tests.training.forked import Forked


def words(store, out):
    what = ["forecast", "persistence", "--start", store, "--split", "all", "--out", out]
    return [*what, "--days", "1", "--members", "2", "--threads", "1", "--device", "cpu", "--precision", "fp32"]


def test_an_output_that_is_taken_is_told_once(weather_store, tmp_path):
    out = tmp_path / "f.zarr"
    out.mkdir()
    (out / "mine").touch()
    run = Forked(2, words(weather_store, out), tmp_path)
    assert run.codes() == [2, 2], run.said()
    assert run.said().count("cannot go on: output") == run.said().count("cannot go on") == 1
    assert [path.name for path in out.iterdir()] == ["mine"]
