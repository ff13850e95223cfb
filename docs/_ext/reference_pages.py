"""Write the reference from the code, before each build: the front door, the command line, a page for each room.

The pages list what is there, so that a file that is moved or added changes no page by hand.
"""

import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import Any

import halocline

# Files that a process of its own runs under another licence are not imported here.
LEFT_OUT = ("halocline.worlds.dino.veros", "halocline.__main__")
MARKUP = re.compile(r"([*|]|(?<=\w)_(?!\w))")
LITERAL = re.compile(r"(``.*?``|`[^`]+`_?|:[a-z]+:`[^`]+`)")


def setup(app: Any) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", escape, priority=1)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages(app: Any) -> None:
    """Write ``reference/rooms/*.md``, ``reference/python.md`` and ``reference/commands.md``."""
    folder = Path(app.srcdir) / "reference"
    rooms: dict[str, list[str]] = {}
    for module in modules():
        rooms.setdefault(module.split(".")[1], []).append(module)
    for room, names in rooms.items():
        _write(folder / "rooms" / f"{room}.md", _room_page(room, names))
    wanted = {f"{room}.md" for room in rooms}
    for old in (folder / "rooms").glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    _write(folder / "python.md", _front_door())
    _write(folder / "commands.md", _commands())


def modules() -> list[str]:
    """Return the modules of the package in which something public is defined."""
    found = []
    for info in pkgutil.walk_packages(halocline.__path__, "halocline.", onerror=lambda _: None):
        if info.name.startswith(LEFT_OUT) or "._" in info.name or info.name.startswith("halocline.cli"):
            continue
        if public(importlib.import_module(info.name)):
            found.append(info.name)
    return found


def public(module: Any) -> list[str]:
    """Return the names of the documented classes and functions that a module defines."""
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(thing) or inspect.isfunction(inspect.unwrap(thing) if callable(thing) else thing))
        and getattr(thing, "__module__", "") == module.__name__
        and inspect.getdoc(thing)
    ]


def escape(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Escape what reStructuredText would take for markup: docstrings here hold equations such as |a| and x_k."""
    for k, line in enumerate(lines):
        parts = LITERAL.split(line)
        lines[k] = "".join(p if LITERAL.fullmatch(p) else MARKUP.sub(r"\\\1", p) for p in parts)


def _room_page(room: str, names: list[str]) -> str:
    parts = [f"# halocline.{room}", ""]
    if summary := inspect.getdoc(importlib.import_module(f"halocline.{room}")):
        parts += [summary, ""]
    for name in names:
        if name == f"halocline.{room}" and len(names) > 1:
            continue
        parts += [f"## {name.removeprefix('halocline.')}", "", "```{eval-rst}"]
        parts += [f".. automodule:: {name}", "   :members:", f"   :exclude-members: {_not_ours(name)}", "```", ""]
    return "\n".join(parts)


def _front_door() -> str:
    parts = ["# Python", "", "```python", "import halocline as hl", "```", ""]
    for name in halocline.__all__:
        if inspect.isroutine(getattr(halocline, name)):
            parts += ["```{eval-rst}", f".. autofunction:: halocline.{name}", "```", ""]
    return "\n".join(parts)


def _not_ours(name: str) -> str:
    module = importlib.import_module(name)
    return ", ".join(sorted(set(getattr(module, "__all__", ())) - set(public(module)))) or "_"


def _commands() -> str:
    import typer.main
    from typer.cli import get_docs_for_click

    from halocline.cli.main import app

    command = typer.main.get_command(app)
    context = command.make_context("halocline", [], resilient_parsing=True)
    return get_docs_for_click(obj=command, ctx=context, name="halocline", title="Command line")


def _write(path: Path, text: str) -> None:
    """Write a page unless it is the same already: Sphinx reads again only what has changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
