"""Commands and code on the pages: they exist, their options exist, and the README's and the start page's code runs."""

import re
import shlex
from itertools import pairwise

import pytest
import typer.main

from halocline.cli.main import app
from halocline.runtime.errors import ConfigError
from halocline.systems.config import load_config, preset_names
from tests.docs.pages import ROOT, blocks, name, pages

PAGES = pytest.mark.parametrize("page", [p for p in pages() if blocks(p, "shell")], ids=name)
WRAPPERS = re.compile(r"^(/usr/bin/time -v |[A-Z_]+=\S+ |torchrun --\S+ \S+ -m |\.venv/bin/)+")


def commands(page):
    """Yield the words of each command of a page's shell blocks, continuation lines joined."""
    for block in blocks(page, "shell"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(WRAPPERS.sub("", line.strip()), comments=True)
            if words:
                yield words


def check(words):
    """Say what is wrong with the words of a command, None if nothing is."""
    if words[0] == "halocline":
        return _check_halocline(words)
    if words[0] == "python" and words[1].endswith(".py"):
        script = ROOT / words[1]
        if not script.exists():
            return f"{words[1]} does not exist"
        text = script.read_text(encoding="utf-8")
        options = [w.split("=")[0].replace("--no-", "--") for w in words if w.startswith("--")]
        unknown = [option for option in options if f'"{option}"' not in text]
        return f"{words[1]} has no {unknown}" if unknown else None
    if words[0] == "make":
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        unknown = [w for w in words[1:] if "=" not in w and w not in targets]
        return f"make has no {unknown}" if unknown else None
    return None if words[0] in ("git", "cd", "pip", "python", "open", "dask") else f"{words[0]} is not a known program"


def _check_halocline(words):
    command, rest = typer.main.get_command(app), words[1:]
    while hasattr(command, "commands"):
        if not rest or rest[0] not in command.commands:
            return f"no such command: {' '.join(words)}"
        command, rest = command.commands[rest[0]], rest[1:]
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)} | {"--help"}
    unknown = [w for w in rest if w.startswith("--") and w.split("=")[0] not in known]
    if unknown:
        return f"{command.name} has no {unknown}"
    return _check_recipe(rest) if command.name == "train" else None


def _check_recipe(rest):
    """Say what is wrong with a training's recipe; models and recipes of the reader's own are taken as they are."""
    if not rest or rest[0] not in preset_names():
        return None
    changes = [value for word, value in pairwise(rest) if word == "--set"]
    changes = [change for change in changes if not change.startswith(("initial=", "keep="))]
    try:
        load_config(rest[0], changes)
    except ConfigError as error:
        return str(error)
    return None


@PAGES
def test_commands_exist_with_their_options(page):
    for words in commands(page):
        assert check(words) is None, check(words)


def test_wrong_commands_are_found():
    for wrong in (
        "halocline conjure arctic",
        "halocline generate arctic-100km --number 3",
        "halocline simulate mars",
        "halocline train arctic-100km --set denoiser.widht=4 --out OUT",
        "halocline train demo --set sampler.detail_guidance=2 --out OUT",
        "python benchmarks/none.py",
        "python benchmarks/generator/latent_speed.py --no-such-option 3",
        "make coffee",
        "rm file",
    ):
        assert check(shlex.split(wrong)), wrong
    assert sum(1 for p in pages() for _ in commands(p)) > 50


def test_python_of_readme_and_start_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = 0
    for page in (ROOT / "README.md", ROOT / "docs" / "start" / "index.md"):
        space: dict[str, object] = {}
        for block in blocks(page, "python"):
            exec(compile(block, name(page), "exec"), space)
            ran += 1
    assert ran
    assert space["states"].sizes["member"] == 8
