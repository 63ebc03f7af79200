"""Figures as shown: tables, reliability diagrams, intervals."""

import numpy as np

from evals.figures import diagram, svg, table, with_interval
from evals.measures import reliability


def test_a_table_is_markdown_with_aligned_columns() -> None:
    lines = table(("a", "b"), [("long", "1")]).splitlines()
    assert lines == ["| a    | b |", "| -----|-- |", "| long | 1 |"]


def test_the_diagram_shows_foretold_and_observed() -> None:
    [line] = diagram(reliability(np.array([0.5, 0.5]), np.array([True, True]))).splitlines()
    assert line.count("#") == 39
    assert "foretold 0.50, came 1.00, of 2" in line
    picture = svg({"as decided": reliability(np.array([0.5]), np.array([True]))})
    assert 'cx="225.0" cy="20.0"' in picture


def test_a_figure_of_nothing_is_a_dash() -> None:
    assert with_interval(lambda at: 0.7, 0) == "-"
    assert with_interval(lambda at: float("nan"), 3) == "-"
    assert with_interval(lambda at: 0.7, 3) == "0.700 (0.700 to 0.700)"
