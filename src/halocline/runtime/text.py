"""Text from files, cards and paths as text: nothing in it moves a cursor, colours a terminal or hides a character."""

import json
import unicodedata

from halocline.runtime.places.address import named

_KEPT = "\n\t"


def plain(text: object) -> str:
    r"""Return text in which control, format and undecodable characters are written out, ``\u001b`` for escape.

    As JSON writes them, so that JSON stays JSON. Local paths that stand for addresses are told as these.
    """
    words = named(str(text))
    if words.isascii() and words.isprintable():
        return words
    return "".join(character if _shown(character) else _written(character) for character in words)


def _shown(character: str) -> bool:
    return character in _KEPT or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _written(character: str) -> str:
    return json.dumps(character)[1:-1]
