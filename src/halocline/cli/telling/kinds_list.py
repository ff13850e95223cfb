"""The list of ``halocline observe --list``: kinds of instruments and forms of files, with their options."""

import dataclasses
from typing import Any, get_args, get_type_hints


def kinds_text() -> str:
    """Return the list as text."""
    from halocline.observations.forms.base import FORMS
    from halocline.observations.instruments.base import INSTRUMENTS

    parts = ["Instruments, for --kind:"]
    parts += [_text(name, INSTRUMENTS[name]) for name in INSTRUMENTS]
    parts.append("\nForms of files, for --read, and those that are written, for --as:")
    for name in FORMS:
        writes = getattr(FORMS[name], "writes", "no")
        parts.append(_text(name, FORMS[name], "" if writes == "no" else f" (written: a {writes})"))
    return "\n".join(parts)


def _text(name: str, kind: Any, more: str = "") -> str:
    hints = get_type_hints(kind, include_extras=True)
    lines = [f"  {name}: {kind.summary}{more}"]
    for field in dataclasses.fields(kind):
        default = str(field.default)
        default = default if len(default) <= 24 else default[:21] + "..."
        lines.append(f"    --set {name}.{field.name}={default}  {get_args(hints[field.name])[1]}")
    return "\n".join(lines)
