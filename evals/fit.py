"""The weights of the decision, fitted again: `python -m evals.fit DATA_DIR`, `make fit DATA=...`; `--write` keeps them.

Public questions are put to the index of their paragraphs, and the questions of our corpora to theirs (`rows.py`). Two
logistic models are fitted on what is read (`models.py`), and judged on articles and corpora that they were not fitted on.
One seed: the same data gives the same `assistant/weights.json`.

DATA_DIR holds squad2.jsonl and qed.jsonl, as in `public.py`. Not covered: what the whole assistant makes of the weights
(`deciding.py`). The corpora of `rows.FURTHER` are not fitted on here.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from assistant.evidence import MODELS, WEIGHTS, Signals
from assistant.ledger import OpenSignals
from evals.command import execute, parser
from evals.figures import RESULTS, diagram, indented, result, svg, table
from evals.measures import (
    Best,
    Score,
    best,
    best_open,
    reliability,
    together,
)
from evals.models import OURS, Model, calibrated, calibration, fit_boosted, fit_open, fit_stated
from evals.public import QED, SEED, SQUAD2
from evals.rows import FOLDS, FURTHER, Asked, Rows, as_measured, folds, gathered

Maker = Callable[[Sequence[Asked]], Score]


# --- judging -------------------------------------------------------------------------------------------------------


def held_out(rows: Rows, make: Maker, count: int = FOLDS, seed: int = SEED) -> tuple[dict[str, Best], dict[str, Best]]:
    """The best sentences of each public set, each article judged by what was fitted on the others and on our corpora.

    The second are the same, calibrated on the questions that were fitted on.
    """
    fold = folds([a.article for a in rows.public], count, seed)
    raw, after = defaultdict(list), defaultdict(list)
    for k in range(count):
        inside = [a for a in rows.but() if fold.get(a.article) != k]
        score = make(inside)
        seen = best(as_measured(inside), score)
        likely = calibration(seen)
        for name in (SQUAD2.name, QED.name):
            outside = [a for a in rows.public if fold[a.article] == k and a.corpus == name]
            if outside:
                came = best(as_measured(outside), score)
                raw[name].append(came)
                after[name].append(calibrated(came, likely))
    return {k: together(v) for k, v in raw.items()}, {k: together(v) for k, v in after.items()}


@dataclass(frozen=True)
class Judged:
    """What a way of fitting came to on what it was not fitted on: the best sentences of the public sets, as decided and
    calibrated, and of our corpora; `without` has for each of these what was fitted on everything else.
    """

    public: Mapping[str, Best]
    calibrated: Mapping[str, Best]
    without: Mapping[str, Score]
    own: Mapping[str, Best]


def judged(rows: Rows, make: Maker) -> Judged:
    """A way of fitting, judged on each article, and each of our corpora, by what was fitted on the others."""
    raw, after = held_out(rows, make)
    without = {name: make(rows.but(name)) for name in rows.own}
    return Judged(raw, after, without, {name: best(asked, without[name]) for name, asked in rows.own.items()})


def open_left_out(rows: Rows, stated: Mapping[str, Model]) -> dict[str, Best]:
    """The open point that fits best, for each of our corpora, judged by what was fitted on the others.

    `stated` has for each corpus the model that was fitted without it.
    """
    results = {}
    for name, model in stated.items():
        every = rows.open(model.logistic)
        others = fit_open([a for other, asked in every.items() if other != name for a in asked])
        results[name] = best_open(every[name], others)
    return results


def fitted(rows: Rows) -> tuple[Model, Model]:
    """Both models on all rows, as they stand in a file."""
    stated = fit_stated(rows.but()).rounded()
    opened = fit_open([a for asked in rows.open(stated.logistic).values() for a in asked]).rounded()
    return stated, opened


# --- the report ----------------------------------------------------------------------------------------------------


def report(rows: Rows, stated: Model, opened: Model, logistic: Judged) -> tuple[str, str]:
    """The report of a fit in Markdown, and its reliability diagram as SVG."""
    now, now_open = Model.of(MODELS.stated, Signals), Model.of(MODELS.open, OpenSignals)
    ways = {
        "logistic": logistic,
        "boosted": judged(rows, fit_boosted),
        "in the file now": judged(rows, lambda _: now),
    }
    articles = [
        result(f"{key}, {name}", b, way.calibrated[key]) for name, way in ways.items() for key, b in way.public.items()
    ]
    corpora = [result(f"{key}, logistic", b) for key, b in logistic.own.items()]
    corpora += [result(f"all, {name}", together([*way.own.values()])) for name, way in ways.items()]
    before, after = together([*logistic.public.values()]), together([*logistic.calibrated.values()])
    of_open = open_left_out(rows, {name: m for name, m in logistic.without.items() if isinstance(m, Model)})
    open_now = together([best_open(asked, now_open) for asked in rows.open(MODELS.stated).values()])
    opens = [result(name, b) for name, b in of_open.items()]
    opens += [result("all", together([*of_open.values()])), result("all, in the file now", open_now)]
    curves = {
        "as decided": reliability(before.probability, before.right),
        "calibrated": reliability(after.probability, after.right),
    }
    text = f"""# The fit of the decision

Seed {SEED}. The unit of a split is the article, or one of our corpora as a whole.

## Data

{table(("data", "licence", "documents", "articles", "questions", "answerable", "sentences read", "right"), rows.sizes)}

Of half of the answerable public questions the paragraph they were written for is withheld while fitting, and every
sentence with the words of their answer. A row of ours counts {OURS:g} times. Not fitted on: PolicyQA, and of our corpora {", ".join(FURTHER)}.

## Weights

{_weights("stated", now, stated)}

{_weights("open", now_open, opened)}

## Articles that were not fitted on

{FOLDS} folds by article. The best sentence of each question, before anything else has a say. In qed, the withheld half
counts as unanswerable. "In the file now" was fitted on some of these articles, and on our corpora. The best mean is at
the threshold that hindsight would choose. Calibrated: by a line through the logits of the best sentences of other folds.

{table(RESULTS, articles)}

## Our corpora, each left out in turn

{table(RESULTS, corpora)}

Open points, the best that fits each question: whether it is of a source to cite, unreleased or not, and so on.

{table(RESULTS, opens)}

## Reliability on articles that were not fitted on

As decided:

{indented(diagram(curves["as decided"]))}

Calibrated:

{indented(diagram(curves["calibrated"]))}
"""
    return text, svg(curves)


def _weights(name: str, now: Model, new: Model) -> str:
    rows = [(n, f"{a:.3f}", f"{b:.3f}") for n, a, b in zip(now.names, now.weights, new.weights, strict=True)]
    return table(
        (name, "in the file now", "fitted"), [*rows, ("intercept", f"{now.intercept:.3f}", f"{new.intercept:.3f}")]
    )


def content(stated: Model, opened: Model, rows: Rows, kept: Mapping[str, object]) -> str:
    """What `weights.json` is to hold. Nothing in it depends on when or where it was written.

    What weighs the reading again stays as `kept` has it; fit that afterwards (`fit_reread.py`).
    """
    questions = Counter(a.corpus for a in rows.but())
    about = (
        f"Logistic models of the signals named here, written by `make fit` with seed {SEED}, signs held to sense. Fitted on "
        f"{questions[SQUAD2.name]:,} questions of {SQUAD2.about} ({SQUAD2.licence}), {questions[QED.name]:,} of {QED.about} "
        f"({QED.licence}), and {sum(map(len, rows.own.values())):,} on our corpora {', '.join(rows.own)}. "
        "The intercepts put the decision at one half."
    )
    data = {**kept, "about": about, "stated": stated.to_dict(), "open": opened.to_dict()}
    return json.dumps(data, indent=2) + "\n"


# --- the command ---------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    given = parse(arguments)
    return execute("fit", given.keep, partial(fit, given))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    of_fit = parser("fit", "The weights of the decision, fitted again.", "squad2.jsonl and qed.jsonl")
    of_fit.add_argument("--write", action="store_true", help="replace the weights that the assistant decides by")
    of_fit.add_argument(
        "--weights", type=Path, default=WEIGHTS, help="the file that --write replaces; default: %(default)s"
    )
    of_fit.add_argument("--report", type=Path, help="a folder for the report and the reliability diagram")
    return of_fit.parse_args(arguments)


def fit(given: argparse.Namespace, place: Path) -> None:
    """Gather, fit, judge, print the report, and write what is asked for. Raises `InputError` for data that cannot be used."""
    # One thread: the same figures on any machine, and no waiting for other work.
    with threadpool_limits(1), gathered(given.data, place) as rows:
        logistic = judged(rows, fit_stated)
        stated, opened = fitted(rows)
        text, picture = report(rows, stated, opened, logistic)
    print(text)
    if given.report:
        given.report.mkdir(parents=True, exist_ok=True)
        (given.report / "fit.md").write_text(text, "utf-8")
        (given.report / "reliability.svg").write_text(picture, "utf-8")
    if given.write:
        kept = json.loads((given.weights if given.weights.exists() else WEIGHTS).read_text("utf-8"))
        given.weights.write_text(content(stated, opened, rows, kept), "utf-8")
        print(f"Written: {given.weights}")


if __name__ == "__main__":
    sys.exit(main())
