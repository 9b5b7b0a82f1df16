"""Drawings to compare two implementations on."""

import numpy as np


def drawings(n):
    """Yield seeded drawings: wandering lines, straight ones, dots, at every place and with every pen."""
    rng = np.random.default_rng(5)
    for i in range(n):
        strokes = []
        for _ in range(rng.integers(1, 4)):
            steps = rng.normal(0, rng.choice([0.01, 0.05, 0.2]), (rng.integers(1, 30) if i % 5 else 1, 2))
            strokes.append(np.clip(rng.random(2) + steps.cumsum(axis=0), 0, 1).round(4).tolist())
        yield strokes, round(rng.uniform(0.02, 0.2), 3)
