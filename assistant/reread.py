"""The nearest candidates read again, together with the question: first probabilities -> those that are decided on.

`evidence.py` and `ledger.py` look at each sentence alone, and at a great many. The best of them are laid side by side,
under their titles, and `joint.py` reads them with the question; three small logistic models weigh what it says with the
first probability. A candidate that was not read again counts as one of which the reading thought little.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.evidence import Evidence, Reader, states
from assistant.joint import Block, JointReader, Verdict
from assistant.ledger import Ledger, OpenMatch
from assistant.odds import log_odds
from assistant.question import Query

# How many statements and open points are read again, and how many of them after the sentence before.
STATEMENTS, POINTS, LEADS = 7, 3, 3
# The first probability under which a candidate is not worth the time.
LEAST = 0.03
# How far the log-odds of calling what is asked open may be from what `calls_open` wants, for a sentence to be weighed as a whole.
MAY_CALL_OPEN = -1.0
# What a candidate is worth that was not read again.
UNREAD = Verdict(answers=-4.0, open=-6.0)


@dataclass(frozen=True)
class RereadSignals:
    """What speaks for a candidate in the end, as log-odds: its `first` probability, and what reading it `again` says, of a
    statement that it answers, of an open point that it calls what is asked open. Of a sentence as a whole, the first is
    the probability that it speaks of what is asked."""

    first: float
    again: float


class Rereader:
    """Reads candidates of one index again. Safe to share by threads."""

    def __init__(self, reader: Reader, ledger: Ledger, joint: JointReader) -> None:
        self._reader = reader
        self._ledger = ledger
        self._joint = joint

    def weigh(
        self, query: Query, evidence: Sequence[Evidence], points: Sequence[OpenMatch]
    ) -> tuple[list[Evidence], list[OpenMatch]]:
        """The same sentences with the probabilities to decide on, and one match for each sentence that calls something open:
        by a known phrase, or because it reads so. Each best first.
        """
        if not query.terms:  # nothing is asked about
            return list(evidence), list(points)
        verdicts = self.verdicts(query, evidence, points)
        models = self._reader.models
        stated, opened, whole = models.reread_stated, models.reread_open, models.reread_whole

        def said(e: Evidence) -> Evidence:
            verdict = verdicts.get(e.sentence)
            p = stated(RereadSignals(log_odds(e.probability), (verdict or UNREAD).answers))
            return replace(e, probability=p, likelihood=stated.likelihood(p), verdict=verdict)

        def called_open(m: OpenMatch) -> OpenMatch:
            verdict = verdicts.get(m.sentence)
            p = opened(RereadSignals(log_odds(m.score), (verdict or UNREAD).open))
            return replace(m, score=p, likelihood=opened.likelihood(p), verdict=verdict)

        def reads_open(m: OpenMatch, signals: RereadSignals) -> OpenMatch:
            p = whole(signals)
            return replace(m, score=p, likelihood=whole.likelihood(p))

        again = sorted(map(said, evidence), key=lambda e: -e.probability)
        matches = [*map(called_open, points), *(reads_open(*pair) for pair in self.wholes(query, evidence, verdicts))]
        best = {m.sentence: m for m in sorted(matches, key=lambda m: m.score)}
        return again, sorted(best.values(), key=lambda m: -m.score)

    def wholes(
        self, query: Query, evidence: Sequence[Evidence], verdicts: Mapping[int, Verdict]
    ) -> Iterator[tuple[OpenMatch, RereadSignals]]:
        """The sentences that may be read as calling open what is asked, in whatever words: each as a whole, with what speaks
        for it.

        Their scores are those of the first reading.
        """
        for e in evidence:
            s, verdict = self._reader.index.sentences[e.sentence], verdicts.get(e.sentence)
            if verdict and verdict.open > MAY_CALL_OPEN + max(0.0, verdict.answers) and states(s.text):
                for signals, span in self._ledger.fit(query, e.sentence, [(s.start, s.end)]):
                    match = OpenMatch(e.sentence, signals.whole, span, signals, verdict=verdict)
                    yield match, RereadSignals(log_odds(signals.whole), verdict.open)

    def _candidates(self, evidence: Sequence[Evidence], points: Sequence[OpenMatch]) -> list[int]:
        """The sentences to read again, best first: a few statements, then the open points, then further statements."""
        sentences = self._reader.index.sentences
        likely = (e.sentence for e in evidence if e.probability >= LEAST)
        said = [i for i in likely if states(sentences[i].text)][:STATEMENTS]
        calls_open = [m.sentence for m in points[:POINTS] if m.score >= LEAST]
        return list(dict.fromkeys((*said[:POINTS], *calls_open, *said[POINTS:])))

    def verdicts(
        self, query: Query, evidence: Sequence[Evidence], points: Sequence[OpenMatch]
    ) -> Mapping[int, Verdict]:
        """What reading says of the candidates, and of what they are read after, by sentence."""
        index, candidates = self._reader.index, self._candidates(evidence, points)
        leads = {before for i in candidates[:LEADS] for before in self._reader.lead(i, 1)}
        laid: dict[str, list[int]] = {}
        for i in candidates:  # the source of the best candidate comes first
            laid.setdefault(index.sentences[i].source, [])
        for i in sorted({*candidates, *leads}):
            laid[index.sentences[i].source].append(i)
        blocks = [
            Block(index.sources[source].title, tuple(index.sentences[i].text for i in found))
            for source, found in laid.items()
        ]
        read = self._joint.read(query.text, blocks)
        every = [i for found in laid.values() for i in found]
        return {i: verdict for i, verdict in zip(every, read, strict=True) if verdict}
