"""Forecasts in several processes: what the first one finds wrong is told once, and nobody waits."""

from torch.distributed.run import get_args_parser

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


def test_what_is_written_is_told_once(weather_store, tmp_path):
    run = Forked(2, words(weather_store, tmp_path / "f.zarr"), tmp_path)
    assert run.codes() == [0, 0], run.said()
    assert run.said().count("Forecast written to") == 1


def test_torchrun_hands_on_what_stands_after_two_dashes():
    """It would take --start for its own --start-method."""
    forecast = ["forecast", "M", "--start", "S.zarr", "--out", "F.zarr"]
    given = get_args_parser().parse_args(["--nproc-per-node", "2", "-m", "halocline", "--", *forecast])
    assert given.training_script == "halocline"
    assert [word for word in given.training_script_args if word != "--"] == forecast
