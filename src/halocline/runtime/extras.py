"""Optional parts of the installation: which extra of the wheel brings which modules, and what to say without one."""

import importlib.util
import sys

from halocline.runtime.errors import MissingExtraError

EXTRAS: dict[str, tuple[str, ...]] = {
    "simulate": ("numba",),
    "report": ("matplotlib", "cmocean", "jinja2", "PIL"),
    "dino": ("veros",),
    "cloud": ("s3fs", "aiohttp"),
    "gcs": ("gcsfs",),
    "dask": ("distributed", "dask"),
}


def require_extra(extra: str, purpose: str) -> None:
    """Check that the modules of an extra can be imported; call it before the work, not after.

    Args:
        extra: Name in EXTRAS.
        purpose: What needs it, e.g. ``simulating the Arctic``.

    Raises:
        MissingExtraError: If one of them is absent.
    """
    if absent := [module for module in EXTRAS[extra] if not _installed(module)]:
        raise missing(extra, purpose, absent)


def missing(extra: str, purpose: str, modules: list[str]) -> MissingExtraError:
    """Return the error that names the extra to install."""
    return MissingExtraError(
        purpose,
        found=f"no {', '.join(modules)} in this Python",
        expected=f"the packages of the extra '{extra}'",
        remedy=f"Install them with: pip install 'halocline[{extra}]'",
    )


def extra_of(module: str | None) -> str | None:
    """Return the extra that brings a module, or None."""
    top = (module or "").partition(".")[0]
    return next((extra for extra, modules in EXTRAS.items() if top in modules), None)


def _installed(module: str) -> bool:
    if module in sys.modules:
        return sys.modules[module] is not None
    return importlib.util.find_spec(module) is not None
