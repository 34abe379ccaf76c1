"""A table in memory: arrays of equal length under their names, to which rows are added at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

SLACK = 1.25
"""How much longer than they must be arrays are made when they grow, so that rows are copied a few times in all."""


class Columns:
    """Columns of these types.

    >>> rows = Columns({"unit": "u8", "total": "f8"})
    >>> rows.append(2, unit=[7, 9], total=0.5)
    >>> rows["total"][1] += 1
    >>> len(rows), rows["unit"].tolist(), rows["total"].tolist()
    (2, [7, 9], [0.5, 1.5])
    """

    def __init__(self, types: Mapping[str, str]) -> None:
        self._arrays: dict[str, NDArray[Any]] = {name: np.empty(0, kind) for name, kind in types.items()}
        self._size = 0

    @classmethod
    def of(cls, types: Mapping[str, str], arrays: Mapping[str, NDArray[Any]]) -> Columns:
        """These arrays; ValueError where they are not of these types and of one length."""
        found = cls(types)
        wanted = {name: np.dtype(kind) for name, kind in types.items()}
        if {name: array.dtype for name, array in arrays.items()} != wanted or len(
            {*map(np.shape, arrays.values())}
        ) > 1:
            raise ValueError(f"not columns {', '.join(types)} of one length")
        found._arrays = dict(arrays)
        found._size = len(next(iter(arrays.values())))
        return found

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The column itself: what is written to it is in the table."""
        return self._arrays[name][: self._size]

    def __setitem__(self, name: str, values: ArrayLike) -> None:
        """Write the whole column."""
        self[name][:] = values

    def items(self) -> dict[str, NDArray[Any]]:
        """All columns by their names."""
        return {name: self[name] for name in self._arrays}

    def append(self, count: int, **values: ArrayLike) -> None:
        """So many further rows; a value for each, or one for all."""
        size = self._size + count
        for name, array in self._arrays.items():
            if size > len(array):
                longer = np.empty(max(size, int(SLACK * len(array))), array.dtype)
                longer[: self._size] = array[: self._size]
                self._arrays[name] = array = longer
            array[self._size : size] = values[name]
        self._size = size

    def keep(self, wanted: NDArray[np.bool_]) -> None:
        """Only the rows that are wanted, in their order."""
        for name in self._arrays:
            self._arrays[name] = self[name][wanted]
        self._size = int(wanted.sum())
