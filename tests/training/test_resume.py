"""A training killed with SIGKILL and resumed ends on the same bits as one that was not."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from halocline.runtime import files, keyed
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE, _train
from tests.surrogate_toy import SURROGATE_RECIPE, surrogate_store, toy_surrogate

STOPPED = """
import os, signal
from halocline.training.autoencoder_task import AutoencoderTask

def batch(task, step, part):
    if step == 10:
        os.kill(os.getpid(), signal.SIGTERM)
    return kept(task, step, part)

kept, AutoencoderTask.batch = AutoencoderTask.batch, batch
from halocline.cli.main import main
main()
"""
"""A training that a signal reaches in the midst of a step."""


def command(recipe, store, out, *more):
    return [
        sys.executable,
        "-m",
        "halocline",
        "train",
        str(recipe),
        "--data",
        str(store),
        "--out",
        str(out),
        "--threads",
        "1",
        "--precision",
        "fp32",
        "--quiet",
        *more,
    ]


def start(*arguments, recipe=TOY_RECIPE):
    return subprocess.Popen(
        command(recipe, *arguments), stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )


def killed_run(store, out, delays, recipe=TOY_RECIPE):
    """Kill a training once for each delay (seconds after it begins to train), then let it finish."""
    for delay in delays:
        work = out.with_name(out.name + ".training")
        process = start(store, out, *(["--resume"] if (work / "identity.json").exists() else []), recipe=recipe)
        before = stamp(work)
        while stamp(work) == before and process.poll() is None:
            time.sleep(0.005)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if out.exists() and not work.exists():
            return
    final = start(store, out, "--resume", recipe=recipe)
    assert final.wait() == 0, final.stderr.read()


STAGES = ("autoencoder", "denoiser", "detail", "surrogate")


def stamp(work):
    return [(f.name, f.stat().st_mtime_ns) for stage in STAGES for f in listed(work / stage)]


def listed(folder):
    return sorted(f for f in folder.iterdir() if f.suffix == ".json") if folder.is_dir() else []


def digests(model):
    return {name: files.sha256_of(model / name) for name in ("model.safetensors", "grid.safetensors")}


@pytest.mark.parametrize("points", [[0.4], pytest.param([0.05, 0.4, 0.9], marks=pytest.mark.slow)])
def test_sigkill_at_several_points_changes_no_bit(store_path, model_path, tmp_path, points):
    out = tmp_path / "killed"
    killed_run(store_path, out, points)
    assert digests(out) == digests(model_path)
    assert not out.with_name("killed.training").exists()


@pytest.mark.slow
def test_sigkill_changes_no_bit_of_an_ocean_model(ocean_store_path, ocean_model_path, tmp_path):
    out = tmp_path / "killed"
    killed_run(ocean_store_path, out, [0.5], OCEAN_RECIPE)
    assert digests(out) == digests(ocean_model_path)


@pytest.mark.slow
def test_sigkill_changes_no_bit_of_a_stochastic_decoder(store_path, tmp_path):
    recipe, out = tmp_path / "detail.toml", tmp_path / "killed"
    detail = "[detail]\nwidth = 8\n\n[detail.training]\nsamples = 320\nbatch = 8\ncheckpoint_every = 7\n"
    recipe.write_text(f"{TOY_RECIPE.read_text()}\n{detail}")
    whole = _train(store_path, tmp_path / "whole", [], recipe)
    work = tmp_path / "killed.training"
    process = start(store_path, out, recipe=recipe)
    while not listed(work / "detail") and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert work.exists()
    final = start(store_path, out, "--resume", recipe=recipe)
    assert final.wait() == 0, final.stderr.read()
    assert digests(out) == digests(whole)


@pytest.mark.slow
def test_sigkill_changes_no_bit_of_a_surrogate(tmp_path):
    """Its two optimisers both have moments."""
    store = surrogate_store(tmp_path / "s.zarr", steps=8)
    whole, out = toy_surrogate(store, tmp_path / "whole"), tmp_path / "killed"
    killed_run(store, out, [0.3], SURROGATE_RECIPE)
    assert digests(out) == digests(whole)


@pytest.mark.slow
def test_sigkill_at_fifty_random_points(store_path, model_path, tmp_path):
    rng = keyed.generator(0, "kills")
    for trial in range(25):
        out = tmp_path / f"killed-{trial}"
        killed_run(store_path, out, rng.uniform(0, 1.2, 2))
        assert digests(out) == digests(model_path)


def test_sigterm_keeps_a_checkpoint_and_says_how_to_go_on(store_path, model_path, tmp_path):
    out = tmp_path / "stopped"
    words = [sys.executable, "-c", STOPPED, *command(TOY_RECIPE, store_path, out)[3:]]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    _, message = process.communicate()
    assert process.returncode == 143
    assert "--resume" in message
    final = start(store_path, out, "--resume")
    assert final.wait() == 0
    assert digests(out) == digests(model_path)
