"""What two corpora differ in: sources, sentences and open points. A sentence is the same where it stands in the same words
in the same source. Not covered: what that does to answers (`evals/`), and what later statements close (`assistant/ledger.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from index.generation import Corpus


@dataclass(frozen=True)
class Quote:
    """A sentence of a source, by the source's id."""

    source: str
    text: str


@dataclass(frozen=True)
class Diff:
    """What a corpus has, that another had or had not. Sources are ids, in order; of a renamed one, the old and the new.

    `gone` are the sentences that are no longer there, and `new` counts those that were not. `opened` and `withdrawn` are
    those that call something open, and are new or gone.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    unchanged: tuple[str, ...]
    new: int
    gone: tuple[Quote, ...]
    opened: tuple[Quote, ...]
    withdrawn: tuple[Quote, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.changed or self.removed or self.renamed)


NOTHING = Corpus((), (), (), ())


def between(before: Corpus, now: Corpus) -> Diff:
    """What `now` has that `before` had not, and the other way round."""
    old = {source.id: source for source in before.sources}
    new = {source.id: source for source in now.sources}
    added = [key for key in new if key not in old]
    removed = [key for key in old if key not in new]
    by_text = {old[key].text: key for key in reversed(removed)}
    renamed = {}
    for key in added:
        if (was := by_text.pop(new[key].text, None)) is not None:
            renamed[was] = key
    said, saying = _quotes(before, renamed), _quotes(now, {})
    was_open, is_open = _open(before, renamed), _open(now, {})
    return Diff(
        added=tuple(key for key in added if key not in renamed.values()),
        changed=tuple(key for key in new if key in old and new[key] != old[key]),
        removed=tuple(key for key in removed if key not in renamed),
        renamed=tuple(renamed.items()),
        unchanged=tuple(key for key in new if key in old and new[key] == old[key]),
        new=sum(quote not in said for quote in saying),
        gone=tuple(quote for quote in said if quote not in saying),
        opened=tuple(quote for quote in is_open if quote not in was_open),
        withdrawn=tuple(quote for quote in was_open if quote not in is_open),
    )


def _quotes(corpus: Corpus, renamed: Mapping[str, str]) -> dict[Quote, None]:
    """The sentences of a corpus, in order, under the new ids of their sources."""
    return {Quote(renamed.get(s.source, s.source), s.text): None for s in corpus.sentences}


def _open(corpus: Corpus, renamed: Mapping[str, str]) -> dict[Quote, None]:
    """Those of them that call something open."""
    sentences = (corpus.sentences[point.sentence] for point in corpus.open_points)
    return {Quote(renamed.get(s.source, s.source), s.text): None for s in sentences}
