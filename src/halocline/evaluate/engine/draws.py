"""Which members of an ensemble are independent, and what is estimated from those that are."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Draws:
    """Members of the same number belong together, as pairs with opposite noise do; others are independent.

    Formulas for independent members are off by a few per cent where some are mirrored: pairs lie farther apart than
    two draws, and their mean varies less. Here two members are compared only if they are independent.

    Attributes:
        numbers: The draw of each member.
    """

    numbers: tuple[int, ...]

    @classmethod
    def independent(cls, members: int) -> "Draws":
        """Return members that are all independent."""
        return cls(tuple(range(members)))

    @property
    def groups(self) -> list[np.ndarray]:
        """Positions of the members of each draw."""
        numbers = np.array(self.numbers)
        return [np.flatnonzero(numbers == n) for n in dict.fromkeys(self.numbers)]

    @property
    def count(self) -> int:
        """Number of independent draws."""
        return len(set(self.numbers))

    @property
    def firsts(self) -> list[int]:
        """Position of the first member of each draw."""
        return [int(group[0]) for group in self.groups]

    @property
    def compared(self) -> int:
        """Number of ordered pairs of independent members, M (M - 1) without mirrored ones."""
        return len(self.numbers) ** 2 - sum(len(group) ** 2 for group in self.groups)

    def variance(self, ensemble: np.ndarray) -> np.ndarray:
        """Return s^2 = 1/2 <(x_j - x_k)^2> over independent pairs (...), of an ensemble (member, ...); 0 of one draw.

        It is the variance with M - 1 if all are independent.
        """
        if self.count == 1:
            return np.zeros_like(ensemble[0])
        total = len(ensemble) * _scatter(ensemble)
        within = sum(len(group) * _scatter(ensemble[group]) for group in self.groups if len(group) > 1)
        return np.maximum((total - within) / self.compared, 0.0)  # rounding aside

    def variance_of_mean(self, ensemble: np.ndarray) -> np.ndarray:
        """Return the variance of the ensemble mean (...), from the scatter of the draws' means; 0 of one draw.

        It is s^2 / M if all are independent, and nearly 0 where opposite noise has opposite effects.
        """
        if self.count == 1:
            return np.zeros_like(ensemble[0])
        mean, groups = ensemble.mean(axis=0), self.groups
        squares = sum((len(group) * (ensemble[group].mean(axis=0) - mean)) ** 2 for group in groups)
        return np.asarray(squares * len(groups) / ((len(groups) - 1) * len(ensemble) ** 2))

    def distance(self, ensemble: np.ndarray) -> np.ndarray:
        """Return <|x_j - x_k|> over independent pairs (...); 0 of one draw."""
        if self.count == 1:
            return np.zeros_like(ensemble[0])
        total = _distances(ensemble) - sum(_distances(ensemble[group]) for group in self.groups if len(group) > 1)
        return np.asarray(2.0 * total / self.compared)


def _scatter(members: np.ndarray) -> np.ndarray:
    return np.asarray(((members - members.mean(axis=0)) ** 2).sum(axis=0))


def _distances(members: np.ndarray) -> np.ndarray:
    """Return the sum over pairs j < k of |x_j - x_k|: members sorted, x_(i) has i below and M - 1 - i above it."""
    weights = (2.0 * np.arange(len(members)) - (len(members) - 1)).astype(members.dtype)
    return np.asarray(np.einsum("m,m...->...", weights, np.sort(members, axis=0)))
