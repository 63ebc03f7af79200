"""On Record broken on purpose, and what survives: `python -m tests.torture`, `make torture`.

A module holds a trial or a few that belong together, each a function from an `Arena` to a `Result`. What goes wrong in
a trial is a line of its result and stops nothing. `tests/test_torture.py` runs all of them in their short form, and
docs/reliability.md has the table of a long run. Not covered: hostile files (`tests/test_hostile.py`), and how good the
answers are.
"""
