"""Veros's process that dies of SIGKILL at a moment that no clock has a part in."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

_DYING = """
import os, signal, sys
from halocline.worlds.dino.veros import __main__ as veros

say = veros._say

def last_words(words):
    say(words)
    os.kill(os.getpid(), signal.SIGKILL)

veros._say = last_words
sys.exit(veros.main())
"""


@contextmanager
def killed_at_its_first_word(job: str) -> Iterator[None]:
    """Have processes of Veros that are started on a job file of that name die as soon as they tell how far they are.

    They have begun a task then, and have not ended it. Killed from outside, they could have ended it before the signal
    comes.
    """
    real = subprocess.Popen

    def start(words, *rest, **options):
        module = ["-m", "halocline.worlds.dino.veros"]
        if words[1:3] == module and Path(words[3]).name == job:
            words = [sys.executable, "-c", _DYING, *words[3:]]
        return real(words, *rest, **options)

    with mock.patch("halocline.worlds.dino.process.subprocess.Popen", start):
        yield
