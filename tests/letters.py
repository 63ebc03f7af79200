"""Texts as vectors that can be computed on paper: how often each letter stands in them, at unit length."""

from collections.abc import Sequence

import numpy as np

from index.embed import Floats, unit


def by_letter(texts: Sequence[str]) -> Floats:
    """Unit vectors (n, 26)."""
    return unit(np.array([[t.lower().count(chr(97 + i)) for i in range(26)] for t in texts], np.float32))
