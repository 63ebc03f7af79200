"""What is asked: the parts of a question, made to stand alone, each with its kind of answer, terms and names.

English grammar only; what counts as a name is learnt from the corpus (`index/lexicon.py`). Deciding what answers a part
is the work of `evidence.py` and `outcome.py`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.embed import Embedder, Floats
from index.lexicon import Lexicon, is_capital, zipf
from index.terms import Term, content, terms

KINDS = ("money", "count", "quantity", "percent", "date", "duration", "person", "place", "reason", "yesno", "any")


@dataclass(frozen=True)
class Query:
    """One part of a question, ready to be compared with sentences.

    `terms` are its n content words, `weights` (n,) how much each tells, `words` (n, d) their vectors in the question,
    `vector` (d,) the question's, `every_word` (m, d) the vectors of all its words, "when" and "who" included. `names` are groups of indices into `terms`, one for each named thing. `kind` is one of
    `KINDS`. `head` are the indices of the words that say what kind of thing is asked for ("age limit"), `heads` of the nouns that belong to a name ("Fjord tram").
    """

    text: str
    kind: str
    terms: tuple[Term, ...]
    weights: Floats
    names: tuple[tuple[int, ...], ...]
    words: Floats
    vector: Floats
    every_word: Floats
    head: tuple[int, ...] = ()
    heads: tuple[int, ...] = ()

    @property
    def subject(self) -> frozenset[int]:
        """The indices of the words that say what is asked about: names, and the nouns the corpus joins to them."""
        return self.name_words | frozenset(self.heads)

    @property
    def name_words(self) -> frozenset[int]:
        """The indices of all words that belong to a name."""
        return frozenset(i for name in self.names for i in name)


# ---------------------------------------------------------------- instructions and politeness are not part of what is asked

_ORDER = (
    r"(?:please\s+|now\s+|just\s+|so\s+|then\s+|and\s+|but\s+)*(?:ignore|disregard|forget|override|bypass|pretend|act\s+as|act\s+like|"
    r"role-?play|you\s+are\s+(?:now|an?|free)|you[’']re\s+(?:now|an?)|imagine|guess|make\s+(?:it|one|something|up|an?\s+\w+\s+guess)|"
    r"invent|estimate|speculate|don[’']t\s+(?:cite|refuse|say|worry|hedge|tell)|do\s+not\s+(?:cite|refuse|say|hedge|tell)|stop\s+(?:citing|refusing)|"
    r"answer\s+(?:only|with|in|yes|no|as|me|without|anyway|directly|freely)|respond|reply|repeat|print|output|be\s+creative|assume\s+(?:you|that\s+you)|"
    r"system\s*:|new\s+instructions?|trust\s+me|i\s+know\s+you|i\s+am\s+(?:your|the)\s+(?:developer|admin|editor)|"
    r"(?:give|take|have)\s+(?:me\s+)?(?:your|a|an)\s+(?:best|rough|educated|wild|ballpark)?\s*(?:guess|estimate|ballpark|number|figure)|"
    r"(?:a\s+)?(?:rough|ballpark|approximate)\s+(?:guess|figure|number|estimate|idea)|your\s+best\s+guess|one\s+word|"
    r"(?:just\s+)?say\s+(?:yes|no|it|that)|tell\s+me\s+(?:a\s+number|anyway|something)|no\s+(?:citations?|sources?)|without\s+(?:citing|citations?|sources?))\b"
)
_ORDER_START = re.compile(rf"^\W*{_ORDER}", re.IGNORECASE)
_ORDER_BRIDGE = re.compile(
    r"^\W*(?:please\s+|now\s+)?(?:ignore|disregard|forget|override|bypass|pretend|act)\b[^.?!;:]*?(?:\band|\bthen|,|—|-)\s+(?:then\s+)?(?:just\s+)?"
    r"(?=(?:tell|give|say|guess|answer|state|invent|make|what|who|when|where|why|how|which|is|are|does|do|did|can|will)\b)",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^\W*(?:(?:(?:hi|hello|hey|ok|okay|thanks|thank\s+you|please|quick\s+question)\b[\s,.!:;-]*|(?:so|well|right|also|and|but|then|now|actually)\b\s*[,.!:;-]\s*))*"
    r"(?:(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:just\s+)?(?:tell|explain|say|confirm|clarify|give|show|let)(?:\s+(?:me|us))?(?:\s+know)?|"
    r"(?:please\s+)?(?:just\s+)?(?:tell|remind|inform|give|show)\s+(?:me|us)|do\s+you\s+(?:happen\s+to\s+)?know|does\s+anyone\s+know|(?:i|we)(?:\s+would|[’']d)?\s+(?:want|need|like|wish|love)\s+to\s+(?:know|ask|find\s+out|understand)|"
    r"i\s+(?:was\s+)?wonder(?:ing)?|i[’']m\s+(?:curious|wondering|asking|not\s+sure)|any\s+idea|guess|according\s+to\s+(?:the|your)\s+(?:sources|documents|articles|record|files)|"
    r"based\s+on\s+(?:the|your)\s+(?:sources|documents|articles))\b[\s,:]*(?:about|on|of)?[\s,:]*)*",
    re.IGNORECASE,
)


def asked(text: str) -> str:
    """A question without greetings, politeness and orders to the assistant. Unchanged where nothing else is left."""
    sentences = re.findall(r"[^.?!\n]+(?:\.(?=\w)[^.?!\n]+)*[.?!\n]*", text.strip())
    if any("?" in sentence for sentence in sentences):
        text = "".join(s for s in sentences if "?" in s or not _ORDER_START.match(s)) or text
    text = _ORDER_BRIDGE.sub("", text.strip())
    pieces = re.findall(r"[^.?!;\n—]+(?:\.(?=\w)[^.?!;\n—]+)*[.?!;\n—]*", text) or [text]
    kept: list[str] = []
    for piece in pieces:
        clauses = re.split(
            r",\s+(?=(?:just|please|guess|give|make|even|your|a\s+(?:rough|ballpark)|no\s+citations?|ignore|don[’']t|say|answer)\b)|,?\s+(?=(?:and|then|or)?\s*just\s+(?:guess|make|invent|say))",
            piece,
        )
        for clause in clauses:
            inner = _INSIDE.search(clause)
            if not _ORDER_START.match(clause):
                kept.append(clause)
            elif inner:
                kept.append(clause[inner.end() :])
    core = " ".join(part.strip() for part in kept if re.search(r"\w", part))
    core = _POLITE.sub("", core, count=1).strip(" ,;:—-") or _POLITE.sub("", text, count=1).strip()
    return core or text


# ------------------------------------------------------------------------------------------------- parts of a question

_WH = r"(?:who|whom|whose|what|when|where|why|how|which)"
_AUX = r"(?:is|are|was|were|do|does|did|can|could|will|would|has|have|had|should|must|may)"
_SPLIT = re.compile(
    rf"\?+\s+(?=\S)|[,;]?\s+(?:and|or|but|plus|&)\s+(?:also\s+|then\s+|if\s+so,?\s+)?(?={_WH}\b)|"
    rf"[,;]?\s+(?:and|but|or)\s+(?={_AUX}\s+(?:the|an?|it|they|he|she|there|this|that|these|those|its|their|any|you|i|we)\b)|"
    rf"[,;]\s+(?={_WH}\s+(?:{_AUX}|much|many|long|old)\b)",
    re.IGNORECASE,
)  # fmt: skip
# A question inside a clause that begins with an order: "Trust me, what is the fare?"
_INSIDE = re.compile(rf"[,:;]\s+(?:so|and|but|then|now)?\s*(?={_WH}\b|{_AUX}\s)", re.IGNORECASE)
_TWO_WH = re.compile(rf"^({_WH})\s+(?:and|or)\s+({_WH})\s+(.+)$", re.IGNORECASE)
_TWO_NOUNS = re.compile(
    r"^(?P<ask>what|which)\s+(?P<be>is|are|was|were|will\s+be)\s+(?:the\s+)?(?P<a>[\w’'-]+(?:\s+[\w’'-]+){0,3}?),?\s+and\s+"
    r"(?P<the>the\s+)?(?P<b>[\w’'-]+(?:\s+[\w’'-]+){0,3}?)\s+(?P<rest>(?:for|of|in|on|to|under)\b.*)$",
    re.IGNORECASE,
)


def split(question: str) -> list[str]:
    """The parts of a question: "When does it start, and who pays?" is two."""
    question = re.sub(r"\s+", " ", question).strip()
    two = _TWO_WH.match(question)
    if two:
        return [f"{two[1]} {two[3]}", f"{two[2]} {two[3]}"]
    nouns = _TWO_NOUNS.match(question)
    if nouns and (nouns["the"] or (noun_kind(nouns["a"]) and noun_kind(nouns["b"]))):
        return [f"{nouns['ask']} {nouns['be']} the {nouns[side]} {nouns['rest']}" for side in ("a", "b")]
    parts = [part.strip(" ,;") for part in _SPLIT.split(question)]
    whole: list[str] = []
    for part in parts:
        if not re.search(r"\w", part):
            continue
        bare = re.fullmatch(rf"({_WH})\W*", part, re.IGNORECASE)
        if bare and whole:
            # "Who can apply, and how?"
            part = f"{bare[1]} {re.sub(rf'^{_WH}(?:ever)?', '', whole[0], flags=re.IGNORECASE).strip()}"
        elif whole and not content(terms(part)):
            continue
        whole.append(part)
    return whole or [question]


# --------------------------------------------------------------------------------------------------- kind of answer

_NOUN_KINDS = {
    "money": "cost price fee fees fare fares charge charges toll tariff rent salary salaries wage wages budget amount sum fine fines penalty "
    "grant subsidy funding payment bill stipend allowance deposit premium bonus value worth revenue income compensation discount repayment costs",
    "count": "number quantity total population count headcount",
    "quantity": "limit cap quota age ages size score threshold maximum minimum capacity dose height weight speed temperature "
    "distance range length volume figure mark ceiling rate level target",
    "percent": "percentage share proportion percent interest",
    "date": "date day deadline year month time timetable schedule when",
    "duration": "duration period validity term lifetime",
    "person": "person name minister author director chief president spokesperson spokesman leader head",
    "place": "place location venue address city country site headquarters",
    "reason": "reason reasons purpose aim cause motive rationale justification",
}  # fmt: skip
_KIND_OF = {noun: kind for kind, nouns in _NOUN_KINDS.items() for noun in nouns.split()}
_HEAD = re.compile(
    r"^(?:what|which|whats|what[’']s)\s*(?:(?:exactly\s+)?(?:is|are|was|were|will\s+be|would\s+be|s|[’']s)\s+)?(?:the\s+|an?\s+|any\s+|its\s+|their\s+|his\s+|her\s+|this\s+|that\s+)?"
    r"(?P<head>.+?)(?=\s+(?:of|for|in|on|to|at|by|under|from|with|per|that|who|which|when|is|are|was|were|do|does|did|will|would|can|could|has|have|must|should|may|after|before|during|between|each|every|if|as|being)\b|\s*\(|[?,.;]|$)",
    re.IGNORECASE,
)  # fmt: skip


def noun_kind(phrase: str) -> str:
    """The kind of answer that a noun phrase asks for, by its last word: "age limit" a count. "" for any other."""
    words = [term.norm for term in terms(phrase)]
    return _KIND_OF.get(words[-1], "") if words else ""


def kind_of(text: str) -> str:
    """The kind of answer a question asks for, one of `KINDS`."""
    low = text.lower().strip(" ¿\"'“")
    rules = (
        (r"how\s+much\s+(?:time|longer)|how\s+long|(?:for\s+)?how\s+many\s+(?:\w+\s+)?(?:days|weeks|months|years|hours|minutes)\b", "duration"),
        (r"how\s+many\s+(?:\w+\s+)?(?:euros?|dollars?|pounds?|yuan|rupees?|yen|francs?|crowns?|kron\w+)\b", "money"),
        (r"(?:at\s+)?what\s+number|how\s+many|how\s+few", "count"),
        (r"(?:at\s+)?what\s+(?:age|size|level)\b|how\s+old|how\s+(?:big|large|high|tall|far|fast|heavy|deep|often|small)", "quantity"),
        (r"what\s+(?:percentage|percent|share|proportion|fraction)|how\s+(?:great|large)\s+a\s+share", "percent"),
        (r"how\s+much\s+(?:of|more|less)\b", "any"),
        (r"how\s+(?:much|expensive|costly)|what\s+(?:do|does|did|will|would|must|should|can)\b.*\b(?:cost|pay|charge|owe|earn|paid|fined)\b", "money"),
        (r"when\b|(?:on|by|from|since|until|in|at)?\s*(?:what|which)\s+(?:exact\s+)?(?:date|day|year|month|time|week|season)\b|how\s+soon|since\s+when|by\s+when|until\s+when", "date"),
        (r"(?:by\s+|to\s+|from\s+|for\s+)?who(?:m|se)?\b|who[’']s", "person"),
        (r"where\b|(?:in\s+)?(?:what|which)\s+(?:place|city|country|town|region)\b", "place"),
        (r"why\b|how\s+come|for\s+what\s+reason|what\s+for\b", "reason"),
        (rf"{_AUX}(?:n[’']t)?\b|whether\b|if\b|is\s+it\b", "yesno"),
    )  # fmt: skip
    for pattern, kind in rules:
        if re.match(rf"(?:{pattern})", low):
            return kind
    head = _HEAD.match(low)
    found = noun_kind(head["head"]) if head and not re.match(rf"{_AUX}\b", head["head"]) else ""
    if found:
        return found
    if not re.match(rf"{_WH}\b", low):
        # A bare phrase: "kvisa fee?", "age limit for the pass".
        return noun_kind(re.split(r"\s+(?:of|for|in|on|to|at|by|under|from|with|per)\s+|\s*\(|[?,.;]", low)[0]) or "any"
    return "any"


_OPEN_ASKED = re.compile(
    r"^\W*(?:what|which|is\s+there\s+anything|anything|list)\b.*(?:(?:\b(?:not|yet|still)|n[’']t)\s+(?:\w+\s+){0,2}?(?:known|released|clear|decided|"
    r"announced|confirmed|published|settled|public|disclosed|specified|wait\w*|missing|unknown|unclear)|\bremains?\s+open|\bquestions?\s+(?:are|is)\s+(?:still\s+)?open|\byet\s+to\s+be\s+\w+|"
    r"\b(?:unknown|unreleased|unclear|undecided|unconfirmed|undisclosed|unpublished|open\s+questions?|uncertain))\b",
    re.IGNORECASE,
)


def asks_what_is_open(text: str) -> bool:
    """Whether a question asks for the open points themselves: "What is not known yet about the pass?"."""
    return bool(_OPEN_ASKED.search(text))


# -------------------------------------------------------------------------------------------------- follow-up questions

_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|those|these|he|she|his|her|him|there|one|ones|the\s+same)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"^\W*(?:and|what\s+about|how\s+about|also|but|so|then|or|same\s+for|plus|ok(?:ay)?)\b[\s,]*", re.IGNORECASE
)
_ABOUT = re.compile(
    r"^\W*(?:and\s+)?(?:what|how)\s+about\s+|^\W*(?:and|or|but|so|plus)\s+(?:also\s+)?(?:for\s+)?", re.IGNORECASE
)


def stand_alone(question: str, history: Sequence[str | Mapping[str, str]], lexicon: Lexicon) -> str:
    """A follow-up with what it leans on put back in, from the questions before it. Other questions are unchanged.

    "and the fee?" after "Who can get a K visa?" becomes "and the fee (K visa)?"; "and the H-1B?" after "What does a K
    visa cost?" becomes "What does a H-1B cost?".
    """
    core = asked(question)
    earlier = [item if isinstance(item, str) else str(item.get("question", "")) for item in history]
    earlier = [text for text in earlier if content(terms(text))]
    if not earlier:
        return core
    last = stand_alone(earlier[-1], earlier[:-1], lexicon)
    mine = content(terms(core))
    names = _names(mine, core, lexicon)
    named = {i for name in names for i in name}
    continues = bool(_CONTINUES.match(core))
    if names:
        if continues and len(named) == len(mine):
            return _swap(last, " ".join(_surface(core, mine, name) for name in names), lexicon)
        return core
    pronoun = bool(_PRONOUN.search(core))
    elliptic = continues or len(mine) <= (1 if re.match(rf"\W*(?:{_WH}|{_AUX})\b", core, re.IGNORECASE) else 2)
    if not pronoun and not elliptic:
        return core
    topic = topic_of(last, lexicon)
    if not topic:
        return core
    core = _ABOUT.sub("", core) if continues else core
    return f"{core.rstrip(' ?.!')} ({topic})?"


def _surface(text: str, found: Sequence[Term], name: Sequence[int]) -> str:
    return text[found[name[0]].start : found[name[-1]].end]


def _swap(last: str, name: str, lexicon: Lexicon) -> str:
    """The last question asked of another named thing."""
    found = content(terms(last))
    names = _names(found, last, lexicon)
    if not names:
        return f"{last.rstrip(' ?.!')} ({name})?"
    first, end = found[names[-1][0]].start, found[names[-1][-1]].end
    return f"{last[:first]}{name}{last[end:]}"


def topic_of(question: str, lexicon: Lexicon) -> str:
    """What a question is about: its names, else the words after its last "of" or "for", else its content words."""
    found = content(terms(question))
    names = _names(found, question, lexicon)
    if names:
        return ", ".join(dict.fromkeys(_surface(question, found, name) for name in names))
    tail = re.split(r"\b(?:of|for|about|in|on|under|with)\b", question.rstrip(" ?.!"))[-1] if found else ""
    words = [t for t in content(terms(tail)) if t.norm not in _KIND_OF] or [t for t in found if t.norm not in _KIND_OF]
    return " ".join(term.surface for term in words[-4:])


# ------------------------------------------------------------------------------------------------------ names, spelling


def _is_name(term: Term, first: bool, lexicon: Lexicon) -> bool:
    """Whether a question's word names something. A bare number does not, unless it is a year."""
    if term.numeric and not any(ch.isalpha() for ch in term.norm):
        return is_year(term.norm)
    if not is_capital(term):
        return term.norm in lexicon.always or (term.numeric and term.norm in lexicon.names)
    if term.norm in lexicon.names:
        return True
    return zipf(term.norm) < 3 and term.norm not in lexicon.words if first else True


def is_year(norm: str) -> bool:
    """Whether a number is written as a year of our time."""
    return len(norm) == 4 and norm.isdigit() and norm[:2] in ("19", "20")


def _names(found: Sequence[Term], text: str, lexicon: Lexicon) -> tuple[tuple[int, ...], ...]:
    """Runs of words that name something. A name of one or two letters takes in the word after it: "K visa"."""
    capitals = sum(term.surface[0].isupper() for term in found)
    shouting = (text.isupper() and len(found) > 1) or capitals > max(3, 0.8 * len(found))
    groups: list[list[int]] = []
    for i, term in enumerate(found):
        first = not re.search(r"\w", text[: term.start])
        named = term.norm in lexicon.always if shouting else _is_name(term, first, lexicon)
        between = text[found[i - 1].end : term.start] if i else " "
        number = re.fullmatch(r"[\-–]", between) and term.norm.isdigit() and groups and groups[-1][-1] == i - 1
        if not named and not number:
            continue
        apart = is_year(term.norm) and not number
        joins = groups and groups[-1][-1] == i - 1 and re.fullmatch(r"[\s\-–’'.&/]*", between)
        if joins and not apart and not is_year(found[i - 1].norm):
            groups[-1].append(i)
        else:
            groups.append([i])
    for group in groups:
        last = group[-1]
        short = sum(len(found[i].norm) for i in group) <= 2
        follows = short and last + 1 < len(found) and not any(last + 1 in other for other in groups)
        if follows and re.fullmatch(r"[\s\-–]*", text[found[last].end : found[last + 1].start]):
            group.append(last + 1)
    return tuple(tuple(group) for group in groups)


def repair(text: str, lexicon: Lexicon) -> str:
    """A question in the corpus's spelling: "kvisa" as "k visa", "h 1 b" as it is written there, typos mended.

    A word is only taken for a typo when it is unknown to the corpus and rare in the language.
    """
    pieces, at = [], 0
    found = terms(text)
    for term, after in zip_longest(found, found[1:]):
        if term.start < at:
            continue
        pieces.append(text[at : term.start])
        regrouped = _regrouped(text, term, after, lexicon) if after else ""
        pieces.append(regrouped or _repaired(term, lexicon))
        at = after.end if after and regrouped else term.end
    pieces.append(text[at:])
    return "".join(pieces)


def _regrouped(text: str, term: Term, after: Term, lexicon: Lexicon) -> str:
    """Two pieces of a code as the corpus divides it: "H1-B" as "h 1b". "" where it has no such code."""
    joined = term.norm + after.norm
    close = after.start - term.end <= 1
    if not close or len(joined) > 8 or joined.isalpha() or f"{term.norm} {after.norm}" in lexicon.pairs:
        return ""
    cuts = (f"{joined[:cut]} {joined[cut:]}" for cut in range(1, len(joined)))
    return next((pair for pair in cuts if pair in lexicon.pairs), "")


def _repaired(term: Term, lexicon: Lexicon) -> str:
    word = term.norm
    if word in lexicon.words or term.function or not word.isascii():
        return term.surface
    for cut in range(1, len(word)):
        if f"{word[:cut]} {word[cut:]}" in lexicon.pairs and (cut <= 2 or not zipf(word)):
            return f"{word[:cut].upper() if cut == 1 else word[:cut]} {word[cut:]}"
    if len(word) < 4 or not word.isalpha() or zipf(word) > 2.7 or term.stem in lexicon.frequency:
        return term.surface
    reach = 1 if len(word) < 8 or is_capital(term) else 2
    known = [w for w in lexicon.words if abs(len(w) - len(word)) <= reach and w.isalpha() and len(w) > 3]
    best = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=reach)
    return str(best[0]) if best else term.surface


def understand(text: str, lexicon: Lexicon, embedder: Embedder) -> Query:
    """One part of a question as a `Query`. One call of the embedder."""
    text = repair(text, lexicon)
    encoded = embedder.encode([text])[0]
    keep = [i for i, term in enumerate(encoded.terms) if not term.function]
    found = tuple(encoded.terms[i] for i in keep)
    head = _HEAD.match(text.strip())
    inside = head.span("head") if head else (0, 0)
    names = _names(found, text, lexicon)
    return Query(
        text=text,
        kind=kind_of(text),
        terms=found,
        weights=np.array([lexicon.weight(term) for term in found], dtype=np.float32),
        names=names,
        words=encoded.words[keep],
        vector=encoded.vector,
        every_word=encoded.words,
        heads=tuple(
            name[-1] + 1
            for name in names
            if name[-1] + 1 < len(found)
            and found[name[-1] + 1].norm not in _KIND_OF
            and text[found[name[-1]].end : found[name[-1] + 1].start] == " "
            and f"{found[name[-1]].norm} {found[name[-1] + 1].norm}" in lexicon.pairs
        ),
        head=tuple(i for i, term in enumerate(found) if inside[0] <= term.start and term.end <= inside[1]),
    )
