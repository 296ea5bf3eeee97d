"""Pure functions of arrays that are asked the same thing many times within one flag."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import wraps
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

MOST_KEPT = 512


def remembered(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Keep the newest results of a pure function whose arguments are arrays, numbers or records of them.

    Two dozen candidates of one flag ask the same question of the same orders (does a handful of customers carry it?),
    and each answer takes hundreds of permutations. Arguments are compared by their content, so that nothing else
    decides.
    """
    kept: dict[tuple[Hashable, ...], Result] = {}
    lock = Lock()

    @wraps(function)
    def recall(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        key = (*map(_content, arguments), *((name, _content(value)) for name, value in sorted(named.items())))
        with lock:
            if key in kept:
                kept[key] = kept.pop(key)
                return kept[key]
        result = function(*arguments, **named)
        with lock:
            kept[key] = result
            if len(kept) > MOST_KEPT:
                del kept[next(iter(kept))]
        return result

    return recall


def _content(value: object) -> Hashable:
    """What a value holds, in a form that can be compared."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, blake2b(np.ascontiguousarray(value).tobytes(), digest_size=16).digest()
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), *(_content(getattr(value, each.name)) for each in fields(value))
    return value if isinstance(value, (int, float, str, bool, type(None))) else repr(value)
