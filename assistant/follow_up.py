"""A follow-up made to stand alone: what it leans on is put back in, from what was asked before it.

It goes by English grammar: articles, prepositions, pronouns, question words; names are those of the corpus. Not covered:
what a pronoun means that stands for something in an answer, since answers are not what was asked.
"""

import re
from collections.abc import Mapping, Sequence

from assistant.asking import AUX, HEAD, WH
from assistant.parts import again, asked, bare, setting, split
from assistant.phrase import ARTICLES, AUX_WORD, DEFINITE, Phrase, is_attribute, phrases_of
from index.lexicon import Lexicon
from index.terms import Term, content, terms

_CONTINUES = re.compile(
    r"^\W*(?:(?:and|also|but|so|or|then|plus|ok(?:ay)?|well)\b[\s,]*)*(?:(?:(?:what|how)\s+about|(?:the\s+)?same(?=\s+for))\s+)?",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    rf"\W*(?:(?:by|for|from|to|with|at|in|on|since|until)\s+)?(?:{WH}|{AUX}(?:n[’']t)?)\b", re.IGNORECASE
)
_LINKED = re.compile(rf"^(?:and|but|so|also|then|or|now|well)\s+(?={WH}\s+{AUX}\b|{AUX}\s)", re.IGNORECASE)
_PLACING = frozenset("in at from under since after before during until outside near within through by".split())
_ADDRESSING = frozenset("for of on to with about".split())
_NOMINAL = ARTICLES | _PLACING | _ADDRESSING | {"and", "or"}
_TIME = re.compile(
    r"(?:(?:in|for|from|by)\s+)?(?:(?:the\s+)?(?:next|last|this)\s+\w+|today|now|tomorrow)", re.IGNORECASE
)


def stand_alone(question: str, history: Sequence[str | Mapping[str, str]], lexicon: Lexicon) -> str:
    """A follow-up with what it leans on put back in, from the questions before it. Other questions are unchanged.

    "and the fee?" after "Who can get a K visa?" becomes "the fee (K visa)?"; "and the H-1B?" after "What does a K visa
    cost?" becomes "What does the H-1B cost?". Each earlier question is made to stand alone after those before it.
    """
    before = ""
    for item in history:
        text = item if isinstance(item, str) else str(item.get("question", ""))
        if content(terms(text)) or (before and bare(asked(text))):
            before = _after(before, asked(text), lexicon)
    return _after(before, asked(question), lexicon)


def each_alone(question: str, lexicon: Lexicon) -> list[str]:
    """The parts of a question, each made to stand alone after the one before it: each goes on from that one, as what begins
    with "and" does. "Does the Fjord pass expire, and are children free?" asks that of the pass.
    """
    parts: list[str] = []
    for part in split(question):
        parts.append(stand_alone(f"and {part}" if parts else part, parts[-1:], lexicon))
    return parts


def _after(before: str, question: str, lexicon: Lexicon) -> str:
    """A question, of one part or several, made to stand alone after another, and after what is told beside it."""
    told, question_alone = setting(question)
    topics = [topic_of(text, lexicon) for text in (before, told) if text]
    if told and all(topics):
        before = f"{before.partition(' (')[0].rstrip(' ?.!')} ({', '.join(topics)})?"
    if not before:
        return _LINKED.sub("", question_alone)
    parts, alone = split(question_alone), list[str]()
    for part in parts:
        alone.append(_resolved(part, before, lexicon))
        before = alone[-1] if topic_of(alone[-1], lexicon) else before
    if alone == parts:
        return question_alone
    return " ".join(f"{part.rstrip(' ?.!')}?" for part in alone)


def _resolved(text: str, before: str, lexicon: Lexicon) -> str:
    """One part, made to stand alone."""
    continues = _CONTINUES.match(text)
    rest = text[continues.end() :] if continues else text
    if bare(rest):
        return again(rest, before)
    if _CLAUSE.match(rest):
        return _clause(rest, before, lexicon, continues=rest != text)
    if rest == text and len(content(terms(rest))) > 2:
        return text
    return _fragment(rest.strip(" ?.!"), before, lexicon, first=rest == text) or text


# ----------------------------------------------------------------------------------------------- what a question is about


def topic_of(question: str, lexicon: Lexicon, *, pronoun: str = "") -> str:
    """What a question is about: what it names, else its nouns, else its words of content.

    What is asked of a thing is left out, as "fee" in "What is the fee for the pass?". A pronoun may mean more than what
    is named: "Who signed it?" after "Which law raised the Fjord toll?" is about the "law raised the Fjord toll".
    """
    put_back = re.search(r"\(([^()]+)\)\W*$", question)
    first = terms(put_back[1])[:1] if put_back else []
    if put_back and first and not first[0].function:
        return put_back[1]
    phrases = _chained(phrases_of(question, lexicon), question, pronoun)
    things = [p for p in phrases if p.thing and not p.attribute and not p.named]
    names = [p for p in phrases if p.named]
    asked_for = [p for p in things[:1] if pronoun and p.article in ("which", "what")]
    if asked_for and not any(AUX_WORD.fullmatch(term.norm) for term in terms(question)):
        return question[asked_for[0].start :].rstrip(" ?.!")
    if names:
        return ", ".join(dict.fromkeys(_bare_name(p, question) for p in [*asked_for, *names]))
    if things:
        return ", ".join(dict.fromkeys(p.text for p in things[-2:]))
    amounts = [p for p in phrases if p.thing and p.attribute]
    if amounts and not HEAD.match(question):
        return amounts[-1].text
    placed = [p for p in phrases if p.led in _PLACING | _ADDRESSING and not p.attribute]
    if placed and _CLAUSE.match(question):
        return placed[-1].text
    words = [term for term in content(terms(question)) if not is_attribute(term)]
    return " ".join(term.surface for term in words[-4:])


def _chained(phrases: Sequence[Phrase], text: str, pronoun: str) -> list[Phrase]:
    """Phrases, with what follows "of" or "for" joined to the thing before it: "order on the toll".

    A name is joined to where a pronoun may mean the thing: "it" means no plural.
    """
    chained: list[Phrase] = []
    for p in phrases:
        last = chained[-1] if chained else None
        led = p.led in _ADDRESSING or (bool(pronoun) and p.led in ("in", "at", "from"))
        follows = led and len(p.opener) == (2 if p.article else 1)
        if last and follows and last.thing and not last.named and not p.year:
            whole = Phrase(text[last.start : p.end], (*last.words, *p.words), last.opener, last.begins, p.name)
            later = Phrase(p.text, p.words, (*p.opener, "the"), p.begins, p.name)
            plural = pronoun in ("it", "its", "this", "that") and last.words[-1].norm.endswith("s")
            chained[-1] = later if last.attribute or (p.named and (plural or not pronoun)) else whole
        else:
            chained.append(p)
    return chained


def _bare_name(p: Phrase, question: str) -> str:
    """A phrase that names something, without what is asked of it at its end: "H-1B" of "the H-1B fee"."""
    head = HEAD.match(question.strip())
    words = list(p.words)
    while head and words[-1].start >= p.name[1] and is_attribute(words[-1]):
        words.pop()
    return p.text[: words[-1].end - p.start]


# ------------------------------------------------------------------------------------------------------- whole questions

_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|those|these|he|she|his|her|him|there|ones?|the\s+same)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:he|she|his|her|him)\b", re.IGNORECASE)
_JUDGED = r"(?:true|possible|legal|illegal|lawful|allowed|necessary|compulsory|mandatory|likely|safe|easy|hard|worth|enough|too\s+late)\b[^,]*?\b(?:that|to|if)\b"
# Pronouns that stand for nothing said before.
_IDLE = re.compile(
    rf"\b(?:(?:is|was|be|isn[’']t)\s+it\s+(?:\w+\s+)?{_JUDGED}|it\s+(?:is\s+{_JUDGED}|(?:takes?|costs?)\b[^,]*?\bto)|"
    r"(?:is|are|was|were|be|been)(?:n[’']t)?\s+there|there\s+(?:is|are|was|were|will|would|has|have)|"
    r"this\s+(?:year|month|week|time|spring|summer|autumn|winter)|these\s+days|those\s+(?:who|that|with)|"
    r"(?:no|any|every|some|must|should|can|may|does|at\s+least|only)\s*one|one\s+(?!(?:in|if|for|on|at|to|and|or|from|by|with|when|is|was)\b)\w+)\b",
    re.IGNORECASE,
)
_THAT = re.compile(
    rf"(?:^|\b(?:{AUX}|of|for|in|on|to|after|before|by|with|from|at|than|like)\s+)that\b|\bthat\W*$", re.IGNORECASE
)
_TURN = re.compile(
    r"[,;:]|\b(?:and|or|but|if|when|because|so|that|who|which|after|before|while|until|although)\b", re.IGNORECASE
)


def _clause(text: str, before: str, lexicon: Lexicon, *, continues: bool) -> str:
    """A whole question: unchanged where it leans on nothing, else with what it leans on behind it.

    `continues` is true where it began with "and", and leans sooner.
    """
    phrases = phrases_of(text, lexicon)
    pronoun = _pronoun(text, phrases)
    topic = _person(before, lexicon) if _PERSON.search(pronoun) else topic_of(before, lexicon, pronoun=pronoun)
    topics = [topic for topic in topic.split(", ") if topic]
    known = {term.norm for term in terms(text)}
    for p in (p for p in phrases if p.article in DEFINITE and not p.named):
        for whole in topics:
            short = _shortened(p, terms(whole))
            if short:
                return f"{text[: p.start]}{whole}{text[p.start + short :]}"
    missing = [t for t in topics if not known.issuperset(term.norm for term in terms(t))]
    if not missing or not (pronoun or _lacks_topic(phrases, continues)):
        return text
    return f"{text.rstrip(' ?.!')} ({', '.join(missing)})?"


def _shortened(p: Phrase, whole: Sequence[Term]) -> int:
    """How many letters at the beginning of a phrase shorten something said before: "the pass", of "Fjord pass". 0 for none."""
    for count in range(len(p.words), 0, -1):
        if len(whole) > count and [t.stem for t in p.words[:count]] == [t.stem for t in whole[-count:]]:
            return p.words[count - 1].end - p.start
    return 0


def _pronoun(text: str, phrases: Sequence[Phrase]) -> str:
    """The first pronoun that stands for something outside the question, or "".

    It is inside where a clause before the pronoun's own has a thing, or where a possessive follows one.
    """
    idle = [match.span() for match in _IDLE.finditer(text)]
    for match in _PRONOUN.finditer(text):
        at, word = match.start(), match.group().lower()
        if any(start <= at < end for start, end in idle) or (
            word == "that" and not _ends_in_that(text[: match.end()], text)
        ):
            continue
        turns = [turn.start() for turn in _TURN.finditer(text[:at])]
        reach = at if word in ("its", "their", "his", "her") else max(turns, default=0)
        if not any((p.named or p.article in ("the", "a", "an")) and p.end <= reach for p in phrases):
            return word
    return ""


def _ends_in_that(until: str, text: str) -> bool:
    return any(match.end() == len(until) for match in _THAT.finditer(text))


def _lacks_topic(phrases: Sequence[Phrase], continues: bool) -> bool:
    """Whether a question has nothing of its own to be about: "How do I apply?", "Is there an age limit?"."""
    things = [p for p in phrases if not p.attribute]
    if any(p.named for p in phrases) or sum(len(p.words) for p in things) > (2 if continues else 1):
        return False
    return continues or not any(
        p.article in DEFINITE
        or (p.led in (_PLACING | _ADDRESSING) - {"to"} and p.article not in ("my", "our"))
        or p.opener in (("what", "is"), ("what", "are"))
        for p in things
    )


def _person(before: str, lexicon: Lexicon) -> str:
    """Whom "he" or "she" means: who was asked for, as "who signed the decree", else who was named."""
    if re.match(r"who\b", before, re.IGNORECASE):
        return re.sub(r"\s*\(", "; ", f"w{before[1:]}").strip(" ?.!").replace(")", "")
    return topic_of(before, lexicon, pronoun="he")


# -------------------------------------------------------------------------------------------- less than a whole question


def _fragment(text: str, before: str, lexicon: Lexicon, *, first: bool) -> str:
    """A phrase, as another answer is asked of the same thing, or the same of another. "" where it asks for nothing.

    `first` is true where its first word begins the question, so that a capital there tells nothing.
    """
    phrases = phrases_of(text if first else f"and {text}", lexicon)
    if not phrases:
        return ""
    new, earlier = phrases[0], phrases_of(before, lexicon)
    only = len(phrases) == 1
    if _TIME.fullmatch(text):
        return _added(before, text)
    if new.led in _PLACING or (only and new.year):
        return _placed(text, new, before, earlier, lexicon)
    if only and earlier and text.endswith((" one", " ones")):
        text, new = _with_head(text, new, earlier, lexicon)
    if only and not new.attribute:
        swapped = _swapped(new, before, earlier)
        if swapped:
            return swapped
        if new.led in _ADDRESSING:
            return f"{before.rstrip(' ?.!')} ({new.text})?"
    own = any(p.named and p.led not in _PLACING for p in phrases)
    topic = "" if own else topic_of(before, lexicon)
    return f"{text} ({topic})?" if topic else f"{text}?"


def _added(question: str, words: str) -> str:
    """A question with words more, before what was put back at its end."""
    core, _, put_back = question.rstrip(" ?.!").partition(" (")
    return f"{core} {words}{' (' + put_back if put_back else ''}?"


def _put(question: str, old: Phrase, new: Phrase, span: tuple[int, int] | None = None) -> str:
    """A question with one phrase in place of another, or of a span of it, and the new article in place of the old."""
    start, end = span or (old.start, old.end)
    words = new.text
    if old.article in ("the", "a", "an") and start == old.start and (new.article or end == old.end):
        start, words = old.begins, f"{new.article} {new.text}".strip()
    return f"{question[:start]}{words}{question[end:]}"


def _placed(text: str, new: Phrase, before: str, earlier: Sequence[Phrase], lexicon: Lexicon) -> str:
    """The same asked of another place or time: in place of one of its sort, else besides."""
    for p in reversed(earlier):
        alike = p.year if new.year else p.named == new.named and not p.year
        written = p.named and not p.article and f"{new.led} {p.words[0].norm}" in lexicon.pairs  # "in Bergen"
        if alike and (new.year or p.led == new.led or written):
            return _put(before, p, new)
    return _added(before, text if new.led in _PLACING | _ADDRESSING else f"in {text}")


def _swapped(new: Phrase, before: str, earlier: Sequence[Phrase]) -> str:
    """The same asked of another thing: in place of the phrase most like it, "" where none is."""
    if new.named:
        names = [p for p in earlier if p.named and not p.year]
        if not names:
            return f"{before.rstrip(' ?.!')} ({new.text})?"
        stems = {term.stem for term in new.words}
        shared = {p: any(term.stem in stems for term in p.words) for p in names}
        old = max(names, key=lambda p: (shared[p], bool(p.article) == bool(new.article), p.start))
        ends = [term.end for term in old.words if term.stem == new.words[-1].stem]  # the "visas" of "H-1B visas"
        end = old.end if new.end > new.name[1] else max([old.name[1], *ends])
        return _put(before, old, new, (old.name[0], end))
    for p in reversed(earlier):
        if p.led == new.led and new.led in _ADDRESSING and not (p.named or p.year):
            return _put(before, p, new)
        if p.words[-1].stem == new.words[-1].stem and not p.attribute:
            kept = " ".join(p.text.split()[-len(new.text.split()) :])
            return _put(before, p, new, (p.end - len(kept), p.end))
    subject = earlier[0] if earlier else None
    if subject and subject.subject and not (subject.named or subject.article or new.article):
        after = terms(before[subject.end :])[:1]  # its verb: "Do taxis have to pay?", "Do taxis pay?"
        if after and after[0].norm not in _NOMINAL:
            return _put(before, subject, new)
    return ""


def _with_head(text: str, new: Phrase, earlier: Sequence[Phrase], lexicon: Lexicon) -> tuple[str, Phrase]:
    """What "one" stands for in its place: "a ground-source one" is "a ground-source pump"."""
    old = next((p for p in reversed(earlier) if p.led == new.led), earlier[-1])
    words = old.text.split()
    head = words[min(len(new.text.split()), len(words) - 1) :]
    text = re.sub(r"\bones?$", " ".join(head), text)
    return text, phrases_of(text, lexicon)[0]
