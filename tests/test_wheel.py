"""The wheel alone, in an environment of its own: the command answers, and a shipped model draws (slow)."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


def run(*words, cwd):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True, cwd=cwd)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_wheel_alone_helps_and_draws(tmp_path):
    run(sys.executable, "-m", "pip", "wheel", ROOT, "--no-deps", "--wheel-dir", tmp_path, cwd=tmp_path)
    (wheel,) = tmp_path.glob("halocline-*.whl")
    venv.create(tmp_path / "fresh", with_pip=True)
    python = tmp_path / "fresh" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--constraint", ROOT / "constraints.txt"]
    run(*install, "torch==2.13.0", cwd=tmp_path)
    run(*install, wheel, cwd=tmp_path)
    listed = run(python, "-m", "pip", "list", cwd=tmp_path).lower()
    assert "numba" not in listed
    assert "matplotlib" not in listed
    halocline = python.with_name("halocline")
    assert "generate" in run(halocline, "--help", cwd=tmp_path)
    run(halocline, "generate", "arctic-100km", "--members", "1", "--out", "states.nc", "--threads", "1", cwd=tmp_path)
    assert (tmp_path / "states.nc").stat().st_size > 10_000


def test_the_source_distribution_builds_a_wheel(tmp_path):
    run(sys.executable, "-m", "pip", "install", "build", "--target", tmp_path / "tool", "--quiet", cwd=tmp_path)
    tool = str(tmp_path / "tool")
    words = f"import sys; sys.path.insert(0, {tool!r}); from build.__main__ import main; main(sys.argv[1:])"
    run(sys.executable, "-c", words, ROOT, "--outdir", tmp_path / "dist", cwd=tmp_path)
    assert {path.suffix for path in (tmp_path / "dist").iterdir()} == {".whl", ".gz"}
