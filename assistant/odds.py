"""Probabilities and log-odds, and back."""

import math

# A probability is kept this far from nought and one, so that its log-odds are finite.
_SURE = 1e-6


def log_odds(probability: float) -> float:
    """Log-odds of a probability."""
    p = min(max(probability, _SURE), 1 - _SURE)
    return math.log(p / (1 - p))


def probability(odds: float) -> float:
    """The probability of log-odds, however large."""
    z = math.exp(-abs(odds))
    return 1 / (1 + z) if odds >= 0 else z / (1 + z)
