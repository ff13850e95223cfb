"""Training on several processes: the weights of one, one that writes, one that is stopped or dies."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import safetensors.torch
import torch

from halocline.runtime import files
from halocline.runtime.errors import ConfigError, HaloclineError, InputError
from halocline.runtime.log import JsonLines
from halocline.runtime.processes.joining import joined_ranks, refuse_overwrite
from halocline.runtime.ranks import Ranks
from halocline.systems import training
from halocline.training import checkpoint, loop
from halocline.training.autoencoder_task import AutoencoderTask
from halocline.training.averages.ema import Average
from halocline.training.batches import FieldBatches
from halocline.training.stop import StopRequested, graceful_stop
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE, _train
from tests.surrogate_toy import SURROGATE_RECIPE, surrogate_store
from tests.training.forked import Forked, end_here, this_rank

FEW = ("--set", "autoencoder.training.samples=64", "--set", "denoiser.training.samples=64")
DATA = ("--set", "space=data", "--set", "denoiser.training.samples=64")


def words(store, out, *more, recipe=TOY_RECIPE):
    options = ["--data", store, "--out", out, "--threads", "1", "--device", "cpu", "--precision", "fp32", "--quiet"]
    return ["train", recipe, *options, *more]


def weights(model):
    return safetensors.torch.load_file(model / "model.safetensors")


def digest(model):
    return files.sha256_of(model / "model.safetensors")


def log_of(model):
    return JsonLines(model / "log.jsonl").records()


def assert_same_to_rounding(model, other):
    """Validation figures to 1e-4 of theirs, all kernels and matrices of a stage to 1e-3 of their norm.

    Not each by itself: weights that start at 0 are still small, and PyTorch's Muon rounds its steps to bfloat16. Biases
    that a norm takes away again have a gradient of rounding errors alone, which AdamW scales to full steps.
    """
    for one, two in zip(log_of(model), log_of(other), strict=True):
        for name in one.keys() - {"seconds", "stage"}:
            assert two[name] == pytest.approx(one[name], rel=1e-4), (one["stage"], name)
    ours, theirs = weights(model), weights(other)
    for stage in {name.split(".")[0] for name in ours} - {"latent"}:
        names = [name for name, value in ours.items() if name.startswith(f"{stage}.") and value.ndim > 1]
        apart = sum(float((theirs[name] - ours[name]).square().sum()) for name in names)
        assert 0 < apart <= 1e-6 * sum(float(ours[name].square().sum()) for name in names), stage


def test_two_processes_train_the_weights_of_one(store_path, tmp_path):
    """To rounding; and to the bit those of one process that passes each batch in two parts."""
    few = [word for word in FEW if word != "--set"]
    two = Forked(2, words(store_path, tmp_path / "two", *FEW), tmp_path)
    one = _train(store_path, tmp_path / "one", few)
    halves = Forked(1, words(store_path, tmp_path / "halves", "--accumulate", 2, *FEW), tmp_path / "..")
    assert two.codes() + halves.codes() == [0, 0, 0], two.said()
    assert_same_to_rounding(one, tmp_path / "two")
    assert digest(tmp_path / "two") == digest(tmp_path / "halves") != digest(one)
    assert json.loads((tmp_path / "two" / "card.json").read_text())["processes"] == 2
    assert not list(tmp_path.glob("*.training")) + list(tmp_path.glob(".*.lock"))
    assert two.said().count("Model written") == 1


@pytest.mark.parametrize("asked", [(0, 1), *(pytest.param((n,), marks=pytest.mark.slow) for n in (0, 1))])
def test_a_signal_to_one_process_stops_all_with_a_checkpoint(store_path, tmp_path, monkeypatch, asked):
    """And any number of processes goes on from it."""

    def batch(self, step, part):
        if step == 4 and this_rank() in asked:
            os.kill(os.getpid(), signal.SIGUSR1 if this_rank() else signal.SIGTERM)
        return kept(self, step, part)

    kept = FieldBatches.batch
    monkeypatch.setattr(FieldBatches, "batch", batch)
    run = Forked(2, words(store_path, tmp_path / "m", *DATA), tmp_path)
    assert run.codes() == [143, 138 if 1 in asked else 143], run.said()
    assert run.said().count("--resume") == 1
    noted = json.loads((tmp_path / "m.training" / "denoiser" / "checkpoint.json").read_text())
    assert noted["step"] == 5
    monkeypatch.setattr(FieldBatches, "batch", kept)
    again = Forked(3 - len(asked), words(store_path, tmp_path / "m", "--resume", *DATA), tmp_path)
    assert set(again.codes()) == {0}, again.said()
    steps = [record["step"] for record in log_of(tmp_path / "m")]
    assert steps == [8]


@pytest.mark.parametrize("dying", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_a_process_that_dies_ends_the_other_with_one_error(store_path, tmp_path, monkeypatch, dying):
    def batch(self, step, part):
        if step == 3 and this_rank() == dying:
            end_here()
        return kept(self, step, part)

    kept = FieldBatches.batch
    monkeypatch.setattr(FieldBatches, "batch", batch)
    run = Forked(2, words(store_path, tmp_path / "m", *DATA), tmp_path)
    codes = run.codes()
    assert (codes[dying], codes[1 - dying]) == (-signal.SIGKILL, 2)
    assert run.said().count("halocline cannot go on: one of the 2 processes of this run") == 1
    assert "Traceback" not in run.said()


def test_an_error_of_one_process_is_told_by_it(store_path, tmp_path, monkeypatch):
    def batch(self, step, part):
        if step == 3 and part.number == 1:
            raise InputError("member 3", found="NaN", expected="numbers", remedy="Copy it again.")
        return kept(self, step, part)

    kept = FieldBatches.batch
    monkeypatch.setattr(FieldBatches, "batch", batch)
    run = Forked(2, words(store_path, tmp_path / "m", *DATA), tmp_path)
    assert run.codes() == [2, 2]
    assert run.said().count("member 3") == run.said().count("one of the 2 processes") == 1


def test_an_error_of_all_is_told_once_before_the_work(store_path, tmp_path):
    run = Forked(2, words(store_path, tmp_path / "m", *DATA, "--set", "denoiser.training.batch=7"), tmp_path)
    assert run.codes() == [2, 2]
    assert run.said().count("cannot go on: denoiser.training.batch") == run.said().count("cannot go on") == 1
    assert not list(tmp_path.glob("m*"))


def join_twice():
    for _ in range(2):
        with joined_ranks(torch.device("cpu"), together=StopRequested) as ranks:
            print(int(ranks.total(torch.tensor(1 + ranks.rank))), ranks.lead(lambda: "led"))


def test_processes_that_have_left_join_again(tmp_path):
    """As two trainings of one script do."""
    run = Forked(2, [], tmp_path, job=join_twice)
    assert run.codes() == [0, 0], run.said()
    assert run.said() == "3 led\n" * 2 + "3 None\n" * 2


def fail_in_turn():
    try:
        with joined_ranks(torch.device("cpu")):
            time.sleep(1.5 * this_rank())
            raise InputError("a word of all", found="none", expected="one", remedy="Give one.")
    except InputError as error:
        if not error.repeated:
            print(error.field)


def test_what_all_raise_is_told_once_however_late(tmp_path):
    run = Forked(2, [], tmp_path, job=fail_in_turn)
    assert run.codes() == [0, 0], run.said()
    assert run.said() == "a word of all\n"


def fail_alone():
    began = time.monotonic()
    try:
        with joined_ranks(torch.device("cpu")) as ranks:
            if ranks.rank == 0:
                raise InputError("a word of one", found="none", expected="one", remedy="Give one.")
            ranks.wait()
    except HaloclineError as error:
        print(error.field, error.repeated, time.monotonic() - began < 60, sep=", ")


def test_others_that_wait_for_a_process_that_fails_are_told_at_once(tmp_path, monkeypatch):
    kept = Ranks.fail
    monkeypatch.setattr(Ranks, "fail", lambda ranks, seconds: kept(ranks, 12 * seconds))
    run = Forked(2, [], tmp_path, job=fail_alone)
    assert run.codes() == [0, 0], run.said()
    assert run.said() == "a word of one, False, True\none of the 2 processes of this run, False, True\n"


def test_one_process_alone_replaces_an_output(monkeypatch):
    refuse_overwrite(True)
    monkeypatch.setenv("WORLD_SIZE", "2")
    refuse_overwrite(False)
    with pytest.raises(ConfigError, match="given to 2 processes"):
        refuse_overwrite(True)


def test_what_a_launcher_repeats_is_one_request(monkeypatch):
    """A second Ctrl-C of the user comes later; SIGTERM and SIGUSR1 never stop at once."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with graceful_stop() as stop:
        assert not stop()
        for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
        assert stop()
        now[0] += 10
        os.kill(os.getpid(), signal.SIGUSR1)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.slow
def test_four_processes_train_the_weights_of_one(store_path, tmp_path):
    few = [word for word in FEW if word != "--set"]
    one = _train(store_path, tmp_path / "one", few)
    parts = (("quarters", 1, ("--accumulate", 4)), ("mixed", 2, ("--accumulate", 2)))
    for name, size, more in (("four", 4, ()), ("again", 4, ()), *parts):
        run = Forked(size, words(store_path, tmp_path / name, *FEW, *more), tmp_path)
        assert set(run.codes()) == {0}, run.said()
        assert_same_to_rounding(one, tmp_path / name)
    assert digest(tmp_path / "four") == digest(tmp_path / "again") == digest(tmp_path / "quarters")


def systems(tmp_path, store_path, ocean_store_path):
    """Name, recipe, store and settings of a training of every kind."""
    weather = surrogate_store(tmp_path / "weather.zarr", steps=8)
    detail = '\n[detail]\nwidth = 8\nkind = "{}"\ncrop = {}\ncrops = {}\n\n[detail.training]\nsamples = 64\nbatch = 8\n'
    for kind, crop, crops in (("flow", 8, 2), ("crps", 0, 1)):
        recipe = tmp_path / f"{kind}.toml"
        recipe.write_text(TOY_RECIPE.read_text() + detail.format(kind, crop, crops))
        yield f"detail-{kind}", recipe, store_path, FEW
    power = ("--set", "denoiser.training.ema_profile=power", "--set", "denoiser.training.ema_snapshots=4")
    yield "power", TOY_RECIPE, store_path, (*DATA, *power)
    told = ("--set", "denoiser.drop_conditions=0.2", "--set", "denoiser.training.samples=64")
    yield "ocean", OCEAN_RECIPE, ocean_store_path, told
    for objective in ("flow", "regression", "crps"):
        yield objective, SURROGATE_RECIPE, weather, ("--set", f"objective={objective}", "--set", "training.samples=48")


@pytest.mark.slow
def test_two_processes_train_every_system(store_path, ocean_store_path, tmp_path):
    for name, recipe, store, more in systems(tmp_path, store_path, ocean_store_path):
        runs = [
            Forked(size, words(store, tmp_path / f"{name}-{out}", *more, *parts, recipe=recipe), tmp_path)
            for size, out, parts in ((2, "two", ()), (1, "halves", ("--accumulate", 2)), (1, "one", ()))
        ]
        assert [run.codes() for run in runs] == [[0, 0], [0], [0]], name
        assert digest(tmp_path / f"{name}-two") == digest(tmp_path / f"{name}-halves"), name
        assert_same_to_rounding(tmp_path / f"{name}-one", tmp_path / f"{name}-two")


KILLS = [
    (1, "autoencoder 1"),
    (0, "before checkpoint 3 of autoencoder"),
    (0, "before pointer of autoencoder 3"),
    (1, "autoencoder 4"),
    (0, "after checkpoint 6 of autoencoder"),
    (0, "validate"),
    (1, "autoencoder 7"),
    (0, "choose autoencoder"),
    (1, "denoiser 0"),
    (0, "before pointer of denoiser 6"),
    (1, "denoiser 5"),
    (0, "choose denoiser"),
    (0, "write"),
]
"""Process and point, in the order of a training: each is killed there once, and the training resumed."""


@pytest.mark.slow
def test_kills_at_thirteen_points_change_no_bit(store_path, tmp_path, monkeypatch):
    often = ("--set", "autoencoder.training.checkpoint_every=3", "--set", "denoiser.training.checkpoint_every=3")
    due = []

    def strike(point):
        if due and due[0] == (this_rank(), point):
            end_here()

    def before(owner, name, point):
        kept = getattr(owner, name)

        def struck(*args):
            strike(point(*args))
            return kept(*args)

        monkeypatch.setattr(owner, name, struck)

    def saved(folder, step, *args):
        strike(f"before checkpoint {step} of {folder.name}")
        save(folder, step, *args)
        strike(f"after checkpoint {step} of {folder.name}")

    save = loop.save_checkpoint
    monkeypatch.setattr(loop, "save_checkpoint", saved)
    before(checkpoint, "sums_of", lambda folder, step, known: f"before pointer of {folder.name} {step}")
    before(AutoencoderTask, "batch", lambda task, step, part: f"autoencoder {step}")
    before(AutoencoderTask, "validate", lambda *args: "validate")
    before(FieldBatches, "batch", lambda data, step, part: f"denoiser {step}")
    before(Average, "chosen", lambda average, folder, judge: f"choose {folder.name}")
    before(training, "write_model", lambda *args: "write")
    out, work = tmp_path / "killed", tmp_path / "killed.training"
    for rank, point in KILLS:
        due[:] = [(rank, point)]
        more = ["--resume"] if (work / "identity.json").exists() else []
        run = Forked(2, words(store_path, out, *FEW, *often, *more), tmp_path)
        codes = run.codes()
        assert (codes[rank], codes[1 - rank]) == (-signal.SIGKILL, 2), (point, run.said())
    due.clear()
    last = Forked(2, words(store_path, out, *FEW, *often, "--resume"), tmp_path)
    whole = Forked(2, words(store_path, tmp_path / "whole", *FEW, *often), tmp_path)
    assert last.codes() + whole.codes() == [0, 0, 0, 0], last.said()
    assert digest(out) == digest(tmp_path / "whole")


@pytest.mark.slow
def test_torchrun_starts_them_and_hands_on_its_signal(store_path, tmp_path):
    """SIGTERM to torchrun alone: it passes it to its processes, which save and end."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "halocline"]
    environment = os.environ | {"PYTHONPATH": str(Path(training.__file__).parents[2])}
    long = ("--set", "space=data", "--set", "denoiser.training.samples=80000")
    command = [*launcher, *map(str, words(store_path, tmp_path / "m", *long))]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    pointer = tmp_path / "m.training" / "denoiser" / "checkpoint.json"
    while not pointer.exists() and process.poll() is None:
        time.sleep(0.05)
    before = pointer.read_text()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=120)
    assert "--resume" in said
    assert json.loads(pointer.read_text())["step"] > json.loads(before)["step"]
