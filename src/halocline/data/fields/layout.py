"""How fields lie in an array of channels: the only place that knows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.fields.variables import channel_variable
from halocline.runtime.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Field:
    """One variable in an array.

    Attributes:
        name: Its name in the registry.
        levels: Number of levels, the surface first; None for a field without levels.
    """

    name: str
    levels: int | None = None

    @property
    def size(self) -> int:
        """Number of channels."""
        return 1 if self.levels is None else self.levels

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of its channels: ``zos``; ``thetao_00``, ``thetao_01``, ..."""
        if self.levels is None:
            return (self.name,)
        return tuple(f"{self.name}_{k:02d}" for k in range(self.levels))


class Layout:
    """Fields one after the other along the channels of an array (..., channel, y, x).

    ``Layout(Field("thetao", levels=15), Field("so", levels=15), Field("zos"))`` has 31 channels; ``layout["so"]`` is
    the slice 15:30 of them.

    Args:
        fields: The fields in order, each name once.
    """

    def __init__(self, *fields: Field) -> None:
        self.fields = fields
        names = [field.name for field in fields]
        if len(set(names)) < len(names):
            raise InputError(
                "layout",
                found=f"the fields {', '.join(names)}",
                expected="each field once",
                remedy="Leave the second one out; all levels of a field are one field.",
            )

    @classmethod
    def ocean(cls, levels: int, *, zos: bool = True) -> "Layout":
        """Return temperature and salinity on all levels and, if wanted, the sea-surface height."""
        return cls(Field("thetao", levels), Field("so", levels), *([Field("zos")] if zos else []))

    @classmethod
    def from_channels(cls, channels: Sequence[str]) -> "Layout":
        """Read a layout from names of channels.

        Raises:
            InputError: If a name is unknown, or the levels of a field do not follow each other from 0 on.
        """
        levels: dict[str, list[int | None]] = {}
        for channel in channels:
            var, level = channel_variable(channel)
            levels.setdefault(var.name, []).append(level)
        layout = cls(*(Field(name, None if None in found else len(found)) for name, found in levels.items()))
        if layout.channels != tuple(channels):
            wrong = next(a for a, b in zip(channels, (*layout.channels, ""), strict=False) if a != b)
            raise InputError(
                f"channel '{wrong}'",
                found=f"the channels {', '.join(channels[:4])}, …",
                expected=f"all levels of a field together, the surface first: {', '.join(layout.channels[:4])}, …",
                remedy="Reorder the channels.",
            )
        return layout

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and self.fields == other.fields

    def __hash__(self) -> int:
        return hash(self.fields)

    def __repr__(self) -> str:
        return f"Layout({', '.join(map(repr, self.fields))})"

    def __len__(self) -> int:
        return sum(field.size for field in self.fields)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> slice:
        """Return the channels of a field.

        Raises:
            InputError: If there is no such field.
        """
        if name not in self._slices:
            raise InputError(
                f"field '{name}'",
                found=f"a layout of {', '.join(self.names)}",
                expected=f"one with '{name}'",
                remedy=did_you_mean(name, self.names),
            )
        return self._slices[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields."""
        return tuple(field.name for field in self.fields)

    @property
    def levelled(self) -> tuple[str, ...]:
        """Names of the fields on levels."""
        return tuple(field.name for field in self.fields if field.levels is not None)

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(channel for field in self.fields for channel in field.channels)

    @property
    def channel_fields(self) -> tuple[str, ...]:
        """The field of each channel."""
        return tuple(field.name for field in self.fields for _ in range(field.size))

    @property
    def surfaces(self) -> dict[str, int]:
        """The uppermost channel of each field: the surface."""
        return {name: part.start for name, part in self._slices.items()}

    @cached_property
    def _slices(self) -> dict[str, slice]:
        ends = np.cumsum([field.size for field in self.fields]).tolist()
        return {f.name: slice(end - f.size, end) for f, end in zip(self.fields, ends, strict=True)}

    def numbers(self, *names: str) -> np.ndarray:
        """Return the numbers of the channels of some fields (channel,), field by field."""
        return np.concatenate([np.arange(len(self))[self[name]] for name in names])

    def select(self, states: np.ndarray, *names: str) -> tuple[np.ndarray, ...]:
        """Return views of fields of states (..., channel, y, x): (..., level, y, x), or (..., y, x) without levels.

        Raises:
            InputError: If there is no such field.
        """
        single = {field.name for field in self.fields if field.levels is None}
        parts = (states[..., self[name], :, :] for name in names)
        return tuple(part[..., 0, :, :] if n in single else part for n, part in zip(names, parts, strict=True))

    def split(self, states: np.ndarray) -> dict[str, np.ndarray]:
        """Return views of all fields of states (..., channel, y, x) by name; the inverse of ``join``."""
        return dict(zip(self.names, self.select(states, *self.names), strict=True))

    def join(self, fields: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return states (..., channel, y, x) of fields by name: (..., level, y, x), or (..., y, x) without levels."""
        parts = [fields[f.name] if f.levels is not None else fields[f.name][..., None, :, :] for f in self.fields]
        return np.concatenate(parts, axis=-3)

    def only(self, *names: str) -> "Layout":
        """Return the layout of some fields in the order given; those that are not there are left out."""
        return Layout(*(field for name in names for field in self.fields if field.name == name))

    def per_channel(self, levels: np.ndarray, surface: np.ndarray) -> np.ndarray:
        """Return for each channel its level's part of ``levels`` (level, ...), or ``surface`` (...) without levels."""
        parts = [surface[None] if f.levels is None else levels[: f.levels] for f in self.fields]
        return np.concatenate(parts)
