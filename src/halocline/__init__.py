"""Halocline draws sea-ice and ocean states that obey physics, and steps them forward in time.

Importing it is cheap; torch is imported when a model is loaded. How torch's threads wait is chosen before that.
"""

from typing import TYPE_CHECKING, Any

from halocline.runtime.threads import choose_waiting
from halocline.runtime.version import __version__

if TYPE_CHECKING:
    from halocline.constraints.constrain import constrain
    from halocline.data.files.open import open_states
    from halocline.data.store.store import open_store
    from halocline.evaluate.ice.evaluate import evaluate
    from halocline.systems.load_surrogate import load_surrogate
    from halocline.systems.loading import load_model
    from halocline.worlds.arctic.run import simulate as simulate_arctic

_PUBLIC = {
    "constrain": ("halocline.constraints.constrain", "constrain"),
    "evaluate": ("halocline.evaluate.ice.evaluate", "evaluate"),
    "load_model": ("halocline.systems.loading", "load_model"),
    "load_surrogate": ("halocline.systems.load_surrogate", "load_surrogate"),
    "open_states": ("halocline.data.files.open", "open_states"),
    "open_store": ("halocline.data.store.store", "open_store"),
    "simulate_arctic": ("halocline.worlds.arctic.run", "simulate"),
}
__all__ = [
    "__version__",
    "constrain",
    "evaluate",
    "load_model",
    "load_surrogate",
    "open_states",
    "open_store",
    "simulate_arctic",
]

choose_waiting()


def __getattr__(name: str) -> Any:
    """Import public names on first use (PEP 562)."""
    if name in _PUBLIC:
        import importlib

        module, attribute = _PUBLIC[name]
        return getattr(importlib.import_module(module), attribute)
    raise AttributeError(f"module 'halocline' has no attribute '{name}'")
