"""What reading again is worth, fitted: `python -m evals.fit_reread`, the second half of `make fit-joint`; `--write` keeps it.

Of the questions of our corpora, and of the lessons held out, each candidate that was read again is a row: its first log-odds
and the reading's. Three logistic models weigh them: for statements, for open points, and for whole sentences that may read as
open. The corpora and the lessons count alike, though these are many more: the rules of the first reading were made beside the
former, and the reader learnt from others of the latter. Open points, which known phrases find, learn from our corpora alone, as
the lessons call things open in words of their own. Each model is judged on a corpus by what was fitted on the others. The joint
reader was taught none of these. Not covered: the first probabilities (`fit.py`), the reader (`fit_joint.py`), the whole
assistant (`make evals`).
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from assistant.evidence import WEIGHTS
from assistant.joint import JointReader, joint_reader
from assistant.ledger import Ledger
from assistant.odds import log_odds
from assistant.outcome import objection
from assistant.reread import Rereader, RereadSignals
from evals.case import Case, found
from evals.command import execute
from evals.figures import RESULTS, diagram, indented, result, svg, table
from evals.lessons import export, own_split
from evals.measures import Best, Bin, Score, best, reliability, together
from evals.models import Model, calibrated, calibration, names_of, regression
from evals.rows import FURTHER, Numbers, Ours, Truths, folder_of, is_wanted, own_corpora, table_of
from index.embed import TransformerEmbedder
from index.errors import InputError

C = 0.5
# The probability of one candidate among many from which the decision goes for it: the intercepts are moved so that it
# becomes one half. Chosen in November 2026 on these corpora and on the lessons held out.
WORKING = {"reread_stated": 0.15, "reread_open": 0.18, "reread_whole": 0.38}

ABOUT = (
    "What weighs the reading again, written by `python -m evals.fit_reread`: fitted on our corpora and, but for "
    "open points, counting alike, on the lessons that the joint reader was not taught. `likelihood` is a line through log-odds, from a probability to how often such a find is right."
)


@dataclass(frozen=True)
class Reread:
    """A question's candidates: `signals` (n, 2), which are `right` (n,), and which something speaks against (n,) whatever
    their probability. `answerable` says whether the question has a right one at all.
    """

    answerable: bool
    signals: Numbers
    right: Truths
    barred: Truths

    @property
    def allowed(self) -> "Reread":
        """The same without the barred ones."""
        kept = ~self.barred
        return replace(self, signals=self.signals[kept], right=self.right[kept], barred=self.barred[kept])


def reread_rows(corpus: Ours, joint: JointReader) -> dict[str, list[Reread]]:
    """The candidates of each question of a corpus, by the model that weighs them."""
    reader = corpus.reader
    ledger = Ledger(reader)
    rereader = Rereader(reader, ledger, joint)
    index = reader.index
    rows: dict[str, list[Reread]] = {name: [] for name in WORKING}
    current = [n for n, point in enumerate(ledger.points) if corpus.current(point.source)]
    for case, query in corpus.asked:
        expected = case.expect.outcome
        first = corpus.read(query)
        points = ledger.match(query, current)
        verdicts = rereader.verdicts(query, first, points)

        def is_called_open(sentence: int, case: Case = case) -> bool:
            s = index.sentences[sentence]
            cited = not case.expect.must_cite or any(s.source in group for group in case.expect.must_cite)
            return (
                case.expect.outcome[0] == "unreleased"
                and cited
                and all(found(q, s.text) for q in case.expect.quote_contains)
            )

        said = [replace(e, verdict=verdicts[e.sentence]) for e in first if e.sentence in verdicts]
        right = [expected[0] == "answered" and is_wanted(case, index.sentences[e.sentence]) for e in said]
        if any(right) or "answered" not in expected:
            signals = [RereadSignals(log_odds(e.probability), verdicts[e.sentence].answers) for e in said]
            barred = [bool(objection(query, e, ledger, reader)) for e in said]
            rows["reread_stated"].append(_row(signals, right, barred))
        listed = [m for m in points if m.sentence in verdicts]
        by_phrase = [RereadSignals(log_odds(m.score), verdicts[m.sentence].open) for m in listed]
        wholes = list(rereader.wholes(query, first, verdicts))
        for name, matches, signals in (
            ("reread_open", listed, by_phrase),
            ("reread_whole", [m for m, _ in wholes], [signals for _, signals in wholes]),
        ):
            right = [is_called_open(m.sentence) for m in matches]
            if any(right) or "unreleased" not in expected:
                # Of several that may be meant, one is: the one that both readings make most of.
                meant = max((i for i, r in enumerate(right) if r), key=lambda i: sum(astuple(signals[i])), default=-1)
                kept = [i for i, r in enumerate(right) if not r or i == meant]
                rows[name].append(_row([signals[i] for i in kept], [right[i] for i in kept]))
    return rows


def _row(signals: Sequence[RereadSignals], right: Sequence[bool], barred: Sequence[bool] = ()) -> Reread:
    kept_out = np.array(barred or [False] * len(right), bool)
    return Reread(any(right), table_of([astuple(s) for s in signals], RereadSignals), np.array(right, bool), kept_out)


def fit(groups: Sequence[Sequence[Reread]], name: str) -> Model:
    """The model that weighs candidates, its decision at one half. Each group counts alike, however many questions it has.
    Raises `InputError` where no candidate is right.
    """
    groups = [rows for rows in groups if any(len(row.right) for row in rows)]
    if not any(row.right.any() for rows in groups for row in rows):
        raise InputError(f"No question has a right candidate for {name}, so there is nothing to fit on. Add some.")
    x = np.concatenate([row.signals for rows in groups for row in rows])
    y = np.concatenate([row.right for rows in groups for row in rows])
    sizes = np.array([sum(len(row.right) for row in rows) for rows in groups])
    weight = np.repeat(len(y) / (len(groups) * sizes), sizes)
    return regression(names_of(RereadSignals), x, y, weight, C).at_half(WORKING[name]).rounded()


def finds(rows: Sequence[Reread], score: Score) -> Best:
    """The best candidate of each question that nothing speaks against, by a score."""
    return best([row.allowed for row in rows], score)


FIRST = Model(names_of(RereadSignals), (1.0, 0.0), 0.0)


@dataclass(frozen=True)
class Judged:
    """The finds of all corpora by the `first` reading, `again`, and again with calibrated probabilities. Each corpus was
    judged, and calibrated, by what was fitted on the others."""

    first: Best
    again: Best
    calibrated: Best


def judged(groups: Sequence[Mapping[str, Sequence[Reread]]], name: str) -> Judged:
    """How well the best candidates decide. Each group has rows by corpus."""
    first, again, after = [], [], []
    for corpus, own in (pair for group in groups for pair in group.items()):
        others = [[row for other, rows in group.items() if other != corpus for row in rows] for group in groups]
        model = fit(others, name)
        came = finds(own, model)
        first.append(finds(own, FIRST))
        again.append(came)
        after.append(calibrated(came, calibration(finds([row for rows in others for row in rows], model))))
    return Judged(together(first), together(again), together(after))


def curves(every: Mapping[str, Judged]) -> dict[str, list[Bin]]:
    """The reliability of calibrated probabilities, by model."""
    return {
        name.removeprefix("reread_"): reliability(came.calibrated.probability, came.calibrated.right)
        for name, came in every.items()
    }


def report(every: Mapping[str, Judged]) -> str:
    """What reading again is worth, in Markdown."""
    lines = []
    for name, came in every.items():
        kind = name.removeprefix("reread_")
        lines += [result(f"{kind}, first", came.first), result(f"{kind}, read again", came.again, came.calibrated)]
    diagrams = [f"{name}:\n\n{indented(diagram(bins))}" for name, bins in curves(every).items()]
    return "\n\n".join((table(RESULTS, lines), "Reliability, calibrated:", *diagrams))


def content(models: Mapping[str, Model], every: Mapping[str, Judged]) -> dict[str, dict[str, object]]:
    """The models as `weights.json` has them, with what makes their probabilities as likely as they say: a line through
    the finds of corpora that they were not fitted on."""
    return {
        name: {**model.to_dict(), "likelihood": asdict(calibration(every[name].again))}
        for name, model in models.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(prog="python -m evals.fit_reread", description=__doc__.partition("\n")[0])
    made.add_argument("--write", action="store_true", help="replace the weights that the assistant decides by")
    made.add_argument("--weights", type=Path, default=WEIGHTS, help="the file to write; default: %(default)s")
    made.add_argument("--report", type=Path, help="a folder for the report and the reliability diagram")
    given = made.parse_args(arguments)

    def work(place: Path) -> None:
        embedder = TransformerEmbedder()
        lessons = export(own_split()[1], place / "lessons")
        further = [*map(folder_of, FURTHER), *lessons]
        with threadpool_limits(1), own_corpora(embedder, place / "indexes", further) as corpora:
            rows = {corpus.name: reread_rows(corpus, joint_reader(embedder)) for corpus in corpora}
        held_out = {lesson.name for lesson in lessons}
        every, fitted = {}, {}
        for name in WORKING:
            groups: list[dict[str, list[Reread]]] = [{}, {}]
            for corpus, by_model in rows.items():
                groups[corpus in held_out][corpus] = by_model[name]
            if name == "reread_open":
                groups.pop()
            every[name] = judged(groups, name)
            fitted[name] = fit([[row for rows in group.values() for row in rows] for group in groups], name)
        models, text = content(fitted, every), report(every)
        print(text)
        if given.report:
            given.report.mkdir(parents=True, exist_ok=True)
            (given.report / "fit_reread.md").write_text(text, "utf-8")
            (given.report / "reread.svg").write_text(svg(curves(every)), "utf-8")
        if given.write:
            kept = json.loads(given.weights.read_text("utf-8"))
            kept.update(models, about_reread=ABOUT)
            given.weights.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
            print(f"Written: {given.weights}")

    return execute("fit_reread", None, work)


if __name__ == "__main__":
    sys.exit(main())
