"""Halocline draws sea-ice and ocean states that obey physics, and steps them forward in time.

::

    import halocline as hl

    states = hl.load("arctic-100km").generate(8, seed=1)

Importing it is cheap; torch is imported when a model is loaded. How torch's threads wait is chosen before that.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from halocline.runtime.threads import choose_waiting
from halocline.runtime.version import __version__

if TYPE_CHECKING:
    from halocline import evaluate
    from halocline.api import analyse, export, export_ice, load, simulate, train
    from halocline.bridge.import_files import import_files
    from halocline.constraints.constrain import constrain
    from halocline.data.files.states import open_states
    from halocline.data.reading.choices import Choices
    from halocline.data.store.from_dataset import write_store
    from halocline.data.store.store import open_store
    from halocline.evaluate.score import score
    from halocline.observations.exchange import read_observations, write_observations
    from halocline.observations.observe import observe
    from halocline.observations.superobs import superob
    from halocline.observations.table import Observations
    from halocline.systems.loading import load_model, load_surrogate
    from halocline.worlds.arctic.run import simulate as simulate_arctic

# Name to (module, attribute). No name is also that of a room, but for ``evaluate``, which was public before ``score``:
# the room itself can be called.
_PUBLIC = {
    "Choices": ("halocline.data.reading.choices", "Choices"),
    "analyse": ("halocline.api", "analyse"),
    "constrain": ("halocline.constraints.constrain", "constrain"),
    "export": ("halocline.api", "export"),
    "export_ice": ("halocline.api", "export_ice"),
    "import_files": ("halocline.bridge.import_files", "import_files"),
    "Observations": ("halocline.observations.table", "Observations"),
    "load": ("halocline.api", "load"),
    "observe": ("halocline.observations.observe", "observe"),
    "open_states": ("halocline.data.files.states", "open_states"),
    "open_store": ("halocline.data.store.store", "open_store"),
    "read_observations": ("halocline.observations.exchange", "read_observations"),
    "score": ("halocline.evaluate.score", "score"),
    "simulate": ("halocline.api", "simulate"),
    "train": ("halocline.api", "train"),
    "superob": ("halocline.observations.superobs", "superob"),
    "write_observations": ("halocline.observations.exchange", "write_observations"),
    "write_store": ("halocline.data.store.from_dataset", "write_store"),
    # Names of version 0.1 that go on working.
    "evaluate": ("halocline.evaluate", ""),
    "load_model": ("halocline.systems.loading", "load_model"),
    "load_surrogate": ("halocline.systems.loading", "load_surrogate"),
    "simulate_arctic": ("halocline.worlds.arctic.run", "simulate"),
}
__all__ = [
    "Choices",
    "Observations",
    "__version__",
    "analyse",
    "constrain",
    "evaluate",
    "export",
    "export_ice",
    "import_files",
    "load",
    "load_model",
    "load_surrogate",
    "observe",
    "open_states",
    "open_store",
    "read_observations",
    "score",
    "simulate",
    "simulate_arctic",
    "superob",
    "train",
    "write_observations",
    "write_store",
]

_UPLOADS = ("constrain", "import_files", "simulate_arctic", "train")
"""Functions whose ``out`` may be the address of an object store: all they write is there."""
_READS = (
    *("analyse", "export", "export_ice", "load", "load_model", "load_surrogate", "observe", "open_states"),
    *("open_store", "read_observations", "score", "simulate", "superob", *_UPLOADS),
)
"""Functions whose other arguments may be such addresses."""

choose_waiting()


def __getattr__(name: str) -> Any:
    """Import public names on first use (PEP 562)."""
    if name in _PUBLIC:
        return _public(name)
    raise AttributeError(f"module 'halocline' has no attribute '{name}'")


@cache
def _public(name: str) -> Any:
    from halocline.runtime.places.arguments import reaches_places

    module, attribute = _PUBLIC[name]
    found: Any = import_module(module)
    found = getattr(found, attribute) if attribute else found
    return reaches_places(found, writes=name in _UPLOADS) if name in _READS else found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
