"""The nearest candidates read again, together with the question: first probabilities -> those that are decided on.

`evidence.py` and `ledger.py` look at each sentence alone, and at a great many. The best of them are laid side by side,
under their titles, and `joint.py` reads them with the question; two small logistic models weigh what it says with the
first probability. A candidate that was not read again counts as one of which the reading thought little.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.evidence import Evidence, Reader, states
from assistant.joint import Block, JointReader, Verdict
from assistant.ledger import Ledger, OpenMatch
from assistant.question import Query

# How many statements and open points are read again, and how many of them after the sentence before.
STATEMENTS, POINTS, LEADS = 7, 3, 3
# The first probability under which a candidate is not worth the time.
LEAST = 0.03
# What a candidate is worth that was not read again.
UNREAD = Verdict(answers=-4.0, open=-6.0)


@dataclass(frozen=True)
class RereadSignals:
    """What speaks for a candidate in the end, as log-odds: its `first` probability, and what reading it `again` says, of a
    statement that it answers, of an open point that it calls what is asked open."""

    first: float
    again: float


def log_odds(probability: float) -> float:
    """Log-odds of a probability, which is kept a millionth away from nought and one."""
    p = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))


class Rereader:
    """Reads candidates of one index again. Safe to share by threads."""

    def __init__(self, reader: Reader, ledger: Ledger, joint: JointReader) -> None:
        self._reader = reader
        self._ledger = ledger
        self._joint = joint

    def weigh(
        self, query: Query, evidence: Sequence[Evidence], points: Sequence[OpenMatch]
    ) -> tuple[list[Evidence], list[OpenMatch]]:
        """The same sentences and open points with the probabilities to decide on, each best first."""
        if not query.terms:  # nothing is asked about
            return list(evidence), list(points)
        verdicts = self.verdicts(query, evidence, points)
        stated, opened = self._reader.models.reread_stated, self._reader.models.reread_open

        def verdict(sentence: int) -> Verdict:
            return verdicts.get(sentence, UNREAD)

        again = [
            replace(
                e,
                probability=stated(RereadSignals(log_odds(e.probability), verdict(e.sentence).answers)),
                verdict=verdicts.get(e.sentence),
            )
            for e in evidence
        ]
        where = [self._ledger.points[m.point].sentence for m in points]
        matches = [
            replace(
                m,
                score=opened(RereadSignals(log_odds(m.score), verdict(sentence).open)),
                verdict=verdicts.get(sentence),
            )
            for m, sentence in zip(points, where, strict=True)
        ]
        return sorted(again, key=lambda e: -e.probability), sorted(matches, key=lambda m: -m.score)

    def _candidates(self, evidence: Sequence[Evidence], points: Sequence[OpenMatch]) -> list[int]:
        """The sentences to read again, best first: a few statements, then the open points, then further statements."""
        sentences = self._reader.index.sentences
        likely = (e.sentence for e in evidence if e.probability >= LEAST)
        said = [i for i in likely if states(sentences[i].text)][:STATEMENTS]
        calls_open = [self._ledger.points[m.point].sentence for m in points[:POINTS] if m.score >= LEAST]
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
