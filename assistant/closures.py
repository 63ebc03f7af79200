"""What has closed an open point since: a later statement that settles it, or a source that supersedes its own.

What an open point leaves open is put to the record as a question. Where the answer names the point as replaced, the
sentence that answers closes it: the ledger and an answer never differ on that. Not covered: which sentence overtakes which
(`outcome.py`).
"""

from collections.abc import Callable, Iterable, Mapping

from assistant.evidence import Reader
from assistant.ledger import Attribute, Closure, Ledger
from assistant.outcome import Decision, later
from index.source import Source


def closures(
    ledger: Ledger,
    reader: Reader,
    superseded: Mapping[str, str],
    decide: Callable[[str], Iterable[Decision]],
    among: Callable[[Source], bool] = lambda source: True,
) -> dict[Attribute, Closure]:
    """The closure of each attribute that has one, in the sources among which they are looked for. `superseded` are the ids
    of sources that others supersede, with theirs; `decide` says what the parts of a question come to.
    """
    sources = reader.index.sources
    found: dict[Attribute, Closure] = {}
    for point in ledger.points:
        source = sources[point.source]
        if not among(source):
            continue
        overtaken = any(later(other, source) for other in sources.values())
        for span in point.attributes:
            if source.id in superseded:
                found[point.sentence, span] = Closure(superseded_by=superseded[source.id])
            elif overtaken:
                for decision in decide(ledger.question(point.sentence, span)):
                    if point.sentence in decision.replaced:
                        found[point.sentence, span] = Closure(decision.direct[0].sentence)
    return found
