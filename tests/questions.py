"""Made-up public questions, as files and as rows, for the tests of what is fitted on them and measured with them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from assistant.evidence import Signals
from evals.rows import Asked

FILLER = " ".join(f"In winter number {n} nothing happened here." for n in range(30))


def written(folder: Path, rows: Sequence[Mapping[str, object]], name: str) -> Path:
    """A folder with a file of questions."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def asked(
    article: str = "a",
    right: Sequence[int] = (1, 0),
    signals: Sequence[Sequence[float]] = (),
    answerable: bool = True,
    withheld: bool = False,
    corpus: str = "squad2",
) -> Asked:
    """A question with as many signals as there are; by default nought."""
    truth = np.array(right, bool)
    width = len(fields(Signals))
    table = np.array(signals, float) if len(signals) else np.zeros((len(right), width))
    return Asked(corpus, article, "?", answerable, withheld, table, truth, truth)


def prices(folder: Path) -> Path:
    """A folder with every public set: what four things cost, and, in squad2, who built them, which nothing says.

    In the other sets the paragraphs are so long that nobody learns from them.
    """
    things = {"pass": "20 euros", "ferry": "30 crowns", "tram": "40 pounds", "bridge": "50 francs"}
    rows = [
        {
            "id": f"{thing} {len(answers)}",
            "title": f"The {thing}",
            "question": question,
            "context": f"The {thing} costs {price}. It opened long ago. Many people use the {thing}.",
            "answers": answers,
        }
        for thing, price in things.items()
        for question, answers in ((f"What does the {thing} cost?", [price]), (f"Who built the {thing}?", []))
    ]
    for name in ("squad2", "qed", "policyqa"):
        if name != "squad2":
            rows = [row | {"context": f"{row['context']} {FILLER}"} for row in rows if row["answers"]]
        written(folder, rows, name)
    return folder
