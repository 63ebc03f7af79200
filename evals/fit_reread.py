"""What reading again is worth, fitted: `python -m evals.fit_reread`, the second half of `make fit-joint`; `--write` keeps it.

Of the questions of our corpora each candidate that was read again is a row: its first log-odds and the reading's. Two
logistic models weigh them, for statements and for open points; they are judged on each corpus by what was fitted on the
others. The joint reader was taught none of these corpora. Not covered: the first probabilities (`fit.py`), the reader
(`fit_joint.py`), the whole assistant (`make evals`).
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from assistant.evidence import WEIGHTS
from assistant.joint import JointReader, joint_reader
from assistant.ledger import Ledger
from assistant.outcome import objection
from assistant.reread import Rereader, RereadSignals, log_odds
from evals.command import execute
from evals.figures import table
from evals.measures import auroc, calibration_error
from evals.models import Model, names_of, regression
from evals.rows import FURTHER, HITS, Numbers, Ours, Truths, is_wanted, own_corpora, table_of
from index.embed import TransformerEmbedder

C = 0.5
# The probability of one candidate among many from which the decision goes for it: the intercepts are moved so that it
# becomes one half. Chosen in November 2026 on these corpora.
WORKING = {"reread_stated": 0.091, "reread_open": 0.18}


@dataclass(frozen=True)
class Reread:
    """A question's candidates: `signals` (n, 2), which are `right` (n,), and which something speaks against (n,) whatever
    their probability. `asked` says whether the question has a right one at all.
    """

    asked: bool
    signals: Numbers
    right: Truths
    barred: Truths


def reread_rows(corpus: Ours, joint: JointReader) -> dict[str, list[Reread]]:
    """The candidates of each question of a corpus, statements and open points, by the model that weighs them."""
    reader = corpus.reader
    ledger = Ledger(reader)
    rereader = Rereader(reader, ledger, joint)
    index = reader.index
    rows: dict[str, list[Reread]] = {name: [] for name in WORKING}
    current = [n for n, point in enumerate(ledger.points) if corpus.current(point.source)]
    for case, query in corpus.asked:
        outcome = case.expect.outcome[0]
        hits = index.search([term.stem for term in query.terms], query.vector, HITS)
        first = reader.read(query, [h for h in hits if corpus.current(index.passages[h.passage].source)])
        points = ledger.match(query, current)
        verdicts = rereader.verdicts(query, first, points)
        said = [e for e in first if e.sentence in verdicts]
        right = [outcome == "answered" and is_wanted(case, index.sentences[e.sentence]) for e in said]
        if any(right) or outcome != "answered":
            signals = [(log_odds(e.probability), verdicts[e.sentence].answers) for e in said]
            barred = [bool(objection(query, e, ledger, reader)) for e in said]
            rows["reread_stated"].append(_row(any(right), signals, right, barred))
        wanted = {key for group in case.expect.must_cite for key in group}
        where = {m.point: ledger.points[m.point] for m in points}
        known = [m for m in points if where[m.point].sentence in verdicts]
        signals = [(log_odds(m.score), verdicts[where[m.point].sentence].open) for m in known]
        cited = [outcome == "unreleased" and where[m.point].source in wanted for m in known]
        if any(cited) or outcome != "unreleased":
            # Of several points of the sources to cite, one is meant: the one that both readings make most of.
            meant = max((i for i, c in enumerate(cited) if c), key=lambda i: sum(signals[i]), default=-1)
            kept = [i for i, c in enumerate(cited) if not c or i == meant]
            rows["reread_open"].append(
                _row(any(cited), [signals[i] for i in kept], [i == meant for i in kept], [False] * len(kept))
            )
    return rows


def _row(asked: bool, signals: Sequence[tuple[float, float]], right: Sequence[bool], barred: Sequence[bool]) -> Reread:
    return Reread(asked, table_of(signals, RereadSignals), np.array(right, bool), np.array(barred, bool))


def fit(rows: Sequence[Reread], name: str) -> Model:
    """The model that weighs candidates, its decision at one half."""
    x = np.concatenate([row.signals for row in rows])
    y = np.concatenate([row.right for row in rows])
    model = regression(names_of(RereadSignals), x, y, np.ones(len(y)), C)
    return model.at_half(WORKING[name]).rounded()


def judged(rows: Sequence[Reread], model: Model) -> tuple[Truths, Truths, Numbers]:
    """For each question: whether it has a right candidate, whether the best is right, and its probability."""
    asked, right, best = [], [], []
    for row in rows:
        score = np.where(row.barred, 0.0, model(row.signals)) if len(row.right) else np.zeros(1)
        at = int(score.argmax())
        asked.append(row.asked)
        right.append(bool(len(row.right) and row.right[at]))
        best.append(score[at])
    return np.array(asked, bool), np.array(right, bool), np.array(best)


FIRST = Model(names_of(RereadSignals), (1.0, 0.0), 0.0)


def report(rows: Mapping[str, Mapping[str, Sequence[Reread]]]) -> str:
    """How well the best candidate decides, before and after reading again, each corpus by what the others taught."""
    lines = []
    for name in WORKING:
        for what in ("first", "read again"):
            found = []
            for corpus, own in rows.items():
                others = [row for other, theirs in rows.items() if other != corpus for row in theirs[name]]
                found.append(judged(own[name], FIRST if what == "first" else fit(others, name)))
            asked, right, best = (np.concatenate(parts) for parts in zip(*found, strict=True))
            decided = (np.mean((right & (best >= 0.5))[asked]), np.mean((best < 0.5)[~asked]))
            lines.append(
                (
                    f"{name.removeprefix('reread_')}, {what}", f"{int(asked.sum())} / {int((~asked).sum())}",
                    f"{right[asked].mean():.3f}", f"{auroc(best, asked):.3f}", *(f"{share:.3f}" for share in decided),
                    f"{np.mean(decided):.3f}", f"{calibration_error(best, right):.3f}",
                )
            )  # fmt: skip
    return table(
        ("", "with / without", "best is right", "AUROC", "right at 0.5", "refused at 0.5", "mean", "calibration error"),
        lines,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(prog="python -m evals.fit_reread", description=__doc__.partition("\n")[0])
    made.add_argument("--write", action="store_true", help="replace the weights that the assistant decides by")
    made.add_argument("--weights", type=Path, default=WEIGHTS, help="the file to write; default: %(default)s")
    given = made.parse_args(arguments)

    def work(place: Path) -> None:
        embedder = TransformerEmbedder()
        with threadpool_limits(1), own_corpora(embedder, place, FURTHER) as corpora:
            rows = {corpus.name: reread_rows(corpus, joint_reader(embedder)) for corpus in corpora}
        print(report(rows))
        models = {name: fit([row for own in rows.values() for row in own[name]], name) for name in WORKING}
        for name, model in models.items():
            print(f"{name}: {model.to_dict()}")
        if given.write:
            kept = json.loads(given.weights.read_text("utf-8"))
            kept.update({name: model.to_dict() for name, model in models.items()})
            given.weights.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
            print(f"Written: {given.weights}")

    return execute("fit_reread", None, work)


if __name__ == "__main__":
    sys.exit(main())
