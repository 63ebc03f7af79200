"""What two corpora differ in."""

from dataclasses import replace

from index.diff import NOTHING, Quote, between
from index.source import Block, Source
from index.sync import digest

FEES = Source("fees", "Fees", "A berth costs forty euros. The age limit has not yet been released.")
BIRDS = Source("birds", "Birds", "Herons nest in tall trees. They eat fish.")


def whole(source: Source) -> Source:
    return replace(source, blocks=(Block("paragraph", 0, len(source.text)),))


def test_everything_is_new_to_nothing() -> None:
    diff = between(NOTHING, digest([whole(FEES), whole(BIRDS)]))
    assert (diff.added, diff.changed, diff.removed, diff.renamed, diff.unchanged) == (("fees", "birds"), (), (), (), ())
    assert (diff.new, diff.gone) == (4, ())
    assert diff.opened == (Quote("fees", "The age limit has not yet been released."),)
    assert not diff.is_empty


def test_a_changed_sentence_is_one_gone_and_one_new() -> None:
    now = replace(FEES, text="A berth costs fifty euros. The age limit has not yet been released.")
    diff = between(digest([whole(FEES), whole(BIRDS)]), digest([whole(now), whole(BIRDS)]))
    assert (diff.changed, diff.unchanged) == (("fees",), ("birds",))
    assert (diff.new, diff.gone) == (1, (Quote("fees", "A berth costs forty euros."),))
    assert (diff.opened, diff.withdrawn) == ((), ())


def test_a_removed_source_takes_its_open_point_along() -> None:
    diff = between(digest([whole(FEES), whole(BIRDS)]), digest([whole(BIRDS)]))
    assert diff.removed == ("fees",)
    assert diff.withdrawn == (Quote("fees", "The age limit has not yet been released."),)


def test_a_renamed_source_has_lost_nothing() -> None:
    diff = between(digest([whole(FEES)]), digest([whole(replace(FEES, id="berths", path="berths.md"))]))
    assert (diff.renamed, diff.added, diff.removed) == ((("fees", "berths"),), (), ())
    assert (diff.new, diff.gone, diff.opened, diff.withdrawn) == (0, (), (), ())
    assert not diff.is_empty


def test_what_is_the_same_differs_in_nothing() -> None:
    assert between(digest([whole(FEES)]), digest([whole(FEES)])).is_empty
