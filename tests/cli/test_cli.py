"""The command line as a person meets it: quick help, clear errors, nothing overwritten."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import TOY_RECIPE

ROOT = Path(__file__).parents[2]


def run(*arguments):
    command = [sys.executable, "-m", "halocline", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)


def test_help_imports_neither_torch_nor_numba():
    code = (
        "import sys\nfrom halocline.cli.main import app\nimport typer.testing\n"
        "r = typer.testing.CliRunner().invoke(app, ['--help'])\nassert 'simulate' in r.output, r.output\n"
        "heavy = {'torch', 'numba', 'zarr', 'xarray', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_importing_halocline_does_not_import_torch():
    code = "import sys, halocline\nhalocline.open_states\nassert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_train_generate_inspect(store_path, tmp_path):
    model, states = tmp_path / "m", tmp_path / "s.nc"
    done = run("train", TOY_RECIPE, "--data", store_path, "--out", model, "--set", "denoiser.training.samples=64")
    assert done.returncode == 0, done.stderr
    assert (model / "log.jsonl").read_text()
    done = run("generate", model, "--members", 3, "--seed", 1, "--out", states, "--solver", "ddim")
    assert done.returncode == 0, done.stderr
    for thing, words in ((store_path, "fingerprint fits"), (model, "every checksum fits"), (states, "sic")):
        shown = run("inspect", thing, "--verify")
        assert shown.returncode == 0, shown.stderr
        assert words in shown.stdout
        assert not set('{}[]"') & set(shown.stdout), "no raw JSON"


def explained(done, *words):
    """Exit status 2 and a message with found, expected and remedy."""
    text = " ".join(done.stderr.replace("│", " ").split())
    assert done.returncode == 2, done.stderr
    for word in ("found", "expected", "remedy", *words):
        assert word in text, text
    assert "Traceback" not in text


def test_errors_exit_with_two_and_four_lines(store_path, model_path, tmp_path):
    explained(run("train", "demoo", "--data", store_path, "--out", tmp_path / "m"), "Did you mean 'demo'")
    explained(run("generate", tmp_path / "absent", "--out", tmp_path / "s.nc"), "no such folder")
    existing = tmp_path / "mine.nc"
    existing.write_text("precious")
    explained(run("generate", model_path, "--out", existing), "exists already")
    assert existing.read_text() == "precious"
    explained(run("inspect", tmp_path / "absent"), "no such folder")
    explained(run("train", TOY_RECIPE, "--data", tmp_path / "no.zarr", "--out", tmp_path / "m"), "nothing at this path")


def test_generate_on_a_truncated_model(model_path, tmp_path):
    import shutil

    broken = shutil.copytree(model_path, tmp_path / "broken")
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    explained(run("generate", broken, "--out", tmp_path / "s.nc"), "sha256")
    assert not (tmp_path / "s.nc").exists()


def test_models_lists_what_ships_one_line_each_at_80_columns():
    listed = run("models")
    assert listed.returncode == 0
    lines = listed.stdout.splitlines()
    assert len(lines) == 1 + len(json.loads(run("models", "--json").stdout))
    assert any(line.startswith("arctic-surrogate-100km ") for line in lines)  # names are never cut: they are typed
    assert max(map(len, lines)) <= 80


def test_version_list_and_completion():
    from halocline import __version__

    assert run("--version").stdout == f"halocline {__version__}\n"
    presets = run("train", "--list")
    assert presets.returncode == 0
    assert "surrogate-demo" in presets.stdout
    assert max(map(len, presets.stdout.splitlines())) <= 100
    code = "import sys; sys.argv[0] = 'halocline'; from halocline.cli import main; main()"
    asked = {"_HALOCLINE_COMPLETE": "complete_bash", "COMP_WORDS": "halocline sc", "COMP_CWORD": "1"}
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | asked)
    assert completed.stdout.split() == ["score"]


def test_inspect_as_json(store_path, model_path):
    store, model = (json.loads(run("inspect", thing, "--json").stdout) for thing in (store_path, model_path))
    assert store["members"] == 2
    assert {"variable", "mean", "max"} <= set(store["statistics"][0])
    assert model["recipe"] == "seaice-generator"
    assert model["command"] == "toy"


@pytest.mark.slow
def test_overwrite_replaces_a_file_once_the_new_one_is_complete(model_path, tmp_path):
    out = tmp_path / "s.nc"
    draw = ("generate", model_path, "--members", 1, "--steps", 2, "--out", out)
    assert run(*draw).returncode == 0
    first = out.read_bytes()
    explained(run(*draw, "--seed", 1), "exists already", "--overwrite")
    failed = run(*draw, "--condition", "day_of_year=1", "--overwrite")
    assert failed.returncode == 2, failed.stderr
    assert out.read_bytes() == first
    done = run(*draw, "--seed", 1, "--overwrite")
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() != first
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.slow
def test_what_is_piped_has_no_control_characters(store_path, tmp_path):
    done = run("score", store_path, "--reference", store_path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert json.loads(run("score", store_path, "--reference", store_path, "--json").stdout)["rows"]


def test_score_names_all_options_that_do_not_fit(store_path, tmp_path):
    more = ("--role", "train", "--beside", "a=b.zarr", "--climate", "c.zarr")
    explained(run("score", store_path, "--reference", store_path, *more), "--role", "--beside", "--climate")


def test_full_disk_at_generate(model_path, tmp_path):
    """The writer meets ENOSPC; the error says so and no part of a file is left."""
    code = (
        "import errno, os, sys\n"
        "import xarray as xr\n"
        "def full(*a, **k): raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "xr.Dataset.to_netcdf = full\n"
        "sys.argv = ['halocline', 'generate', sys.argv[1], '--members', '1', '--out', sys.argv[2]]\n"
        "from halocline.cli.main import main\nmain()"
    )
    out = tmp_path / "s.nc"
    done = subprocess.run([sys.executable, "-c", code, str(model_path), str(out)], capture_output=True, text=True)
    explained(done, "disk is full")
    assert list(tmp_path.iterdir()) == []
