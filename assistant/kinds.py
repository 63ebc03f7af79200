"""Whether a sentence holds the kind of answer that a question asks for: a date, an amount, a person, a weight.

A sentence without one does not answer, however near its words come. Which kind a question asks for is decided in
`asking.py`. Not covered: whether the value is of the thing asked about.
"""

import re

from assistant.question import Query
from index.claims import Value, values
from index.lexicon import is_capital
from index.terms import content, terms

# Words that ask for a kind of answer and say no more: a date says that it is a date.
MERELY = {
    "percent": frozenset("share percentage percent proportion fraction".split()),
    "date": frozenset("date day month year time".split()),
    "duration": frozenset("duration period time long".split()),
    "count": frozenset("number count quantity total many".split()),
    "person": frozenset("person name".split()),
    "place": frozenset("place location".split()),
}  # fmt: skip
_LENGTHS = r"(?:kilo|centi|milli)?met(?:re|er)s?|km|cm|mm|m|miles?|feet|foot|ft|inch(?:es)?|yards?"
# What is measured, as a question names it and as a sentence gives it.
_DIMENSIONS = tuple(
    (re.compile(rf"\b(?:{asked})\b", re.IGNORECASE), re.compile(rf"(?:\b|(?<=\d))(?:{given})\b|°", re.IGNORECASE))
    for asked, given in (
        (r"how\s+old|ages?",
            r"age[sd]?|old|older|young|younger|(?<=\d\s)years?|(?<=\d-)years?|(?:under|over)\s+(?:the\s+)?\w+|adults?|child(?:ren)?|born",
        ),
        (r"how\s+heavy|weighs?|weight|mass", r"kilograms?|kilos?|kg|tonn?es?|tons?|pounds?|lbs?|grams?|g|mg|ounces?|oz|stone"),
        (r"how\s+fast|speed|velocity", r"per\s+(?:second|minute|hour|day)|an?\s+(?:second|minute|hour|day)|km/h|kph|mph|m/s|knots?"),
        (r"how\s+(?:far|tall|deep|wide)|distance|height|depth|width|length", _LENGTHS),
        (r"how\s+(?:hot|cold|warm)|temperature", r"degrees?|celsius|fahrenheit|kelvin"),
    )
)  # fmt: skip
_REASON = re.compile(
    r"\b(?:because|since|due\s+to|owing\s+to|in\s+order\s+to|so\s+that|so\s+as\s+to|aim(?:s|ed|ing)?\s+(?:to|at)|designed\s+to|intended\s+to|"
    r"meant\s+to|reasons?|purpose|result(?:s|ed)?\s+(?:of|from)|caused?|therefore|thus|to\s+\w+|as\s+\w+|for\s+\w+ing|after|amid|given|following|citing|blam\w+|goal|objective)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:people|persons?|students?|members?|residents?|citizens?|nationals?|workers?|professionals?|applicants?|holders?|companies|firms?|"
    r"employers?|employees?|officials?|ministers?|ministry|agency|council|government|department|committee|board|parents?|patients?|adults?|children|"
    r"households?|owners?|users?|customers?|drivers?|farmers?|teachers?|graduates?|experts?|authorit(?:y|ies)|police|court|commission|anyone|everyone|those|he|she|they|we)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:at|in|near|on|from|to|outside|inside|across|within|through|via)\s+(?:the\s+|an?\s+|any\s+|all\s+|its\s+)?(?:\w+\s+)?\w|\b(?:online|everywhere|nationwide|website|here|abroad|www)\b"
)
_MANNER = re.compile(
    r"\b(?:by|through|via|using|online|in\s+person|by\s+(?:post|phone|e-?mail)|website|form|forms|app|click|fill|submit|contact|must|should|"
    r"need\s+to|have\s+to|has\s+to|with\s+an?|automatically|calculated)\b|\bwww\b|@",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\b(?:free|no\s+(?:\w+\s+)?(?:fees?|charges?|costs?|limits?|cap|minimum|maximum|deadline|upper|lower|price)|without\s+(?:charge|limit|payment)|"
    r"none|nothing|unlimited|waived|exempt|any\s+age|zero|nil|not\s+(?:charged?|limited|pay|have\s+to\s+pay|cost|capped))\b",
    re.IGNORECASE,
)
_QUANTITIES = frozenset({"money", "count", "percent", "duration"})
_WHENEVER = re.compile(
    r"\b(?:as\s+soon\s+as|once\s+(?:the|it|they|we|you|all|both)|until|already|immediately)\b", re.IGNORECASE
)
# "How long is the quay?" asks for a length as well as for a time.
_ASKS_LENGTH = re.compile(r"\bhow\s+long\s+(?:is|are|was|were)\b", re.IGNORECASE)
_LENGTH = re.compile(rf"(?<![\w$£€¥.,])(\d[\d.,]*)[\s-]*(?:{_LENGTHS}|pages?|words?)\b", re.IGNORECASE)
_HOWEVER_LONG = re.compile(
    r"\b(?:permanent\w*|indefinite\w*|until|as\s+long\s+as|lifetime|no\s+limit|open-ended)\b", re.IGNORECASE
)
_UNTIL = re.compile(r"\b(?:until|till|to|through|and|by|before|[-–])\s*(?:the\s+)?$", re.IGNORECASE)
# "within three weeks", "ten years after": a time, where "£5 a year" and "a seven-year contract" are none.
_BEFORE_TIME = re.compile(
    r"\b(?:with)?in\s+(?:the\s+|about\s+|some\s+)?$|\b(?:after|until|before|next|another)\s+(?:the\s+)?(?:\w+\s+)?$",
    re.IGNORECASE,
)
_AFTER_TIME = re.compile(r"\s*(?:after|before|from|later|ago|earlier|following|prior)\b", re.IGNORECASE)


def answers_kind(query: Query, text: str) -> float:
    """Whether a sentence holds the kind of answer asked for: 1 yes, 0 no, 0.5 where no kind is asked for.

    A value that stands in the question already is no answer to it.
    """
    if query.kind in ("any", "yesno"):
        return 0.5
    if query.kind == "person":
        asked = {term.norm for term in query.terms}
        return float(
            any(is_capital(t) and t.norm not in asked and t.start > 0 for t in terms(text))
            or bool(_PERSON.search(text))
        )
    if query.kind == "place":
        return float(bool(_PLACE.search(text)))
    if query.kind == "manner":
        return float(bool(_MANNER.search(text)))
    if query.kind == "reason":
        return float(bool(_REASON.search(text)))
    found = _new_values(query, text)
    kinds = {value.kind for value in found}
    if query.kind == "duration":
        until = any(value.kind == "date" and _UNTIL.search(text[: value.start]) for value in found)
        return float("duration" in kinds or until or _tells_length(query, text) or bool(_HOWEVER_LONG.search(text)))
    if query.kind == "date":
        return float(
            any(value.kind == "date" or _is_time(value, text) for value in found) or bool(_WHENEVER.search(text))
        )
    if _NONE.search(text) or _denies_head(query, text):
        return 1.0
    if query.kind == "money":
        # A table may leave the currency to its heading: "Home students: 3,400".
        return float(bool({"money", "percent"} & kinds) or ("count" in kinds and ": " in text))
    if query.kind == "percent":
        return float(bool({"percent", "count", "money"} & kinds))
    if query.kind == "count":
        return float("count" in kinds)
    return float(
        bool(_QUANTITIES & kinds)
        and all(given.search(text) for asked, given in _DIMENSIONS if asked.search(query.text))
    )


def _new_values(query: Query, text: str) -> list[Value]:
    """The values of a text that do not stand in the question."""
    asked = {term.norm for term in query.terms}
    spans = ((value, text[value.start : value.end]) for value in values(text))
    return [
        value
        for value, shown in spans
        if shown.lower() not in ("one", "once") and not {term.norm for term in content(terms(shown))} <= asked
    ]


def _is_time(value: Value, text: str) -> bool:
    """Whether a duration tells when: "within three weeks", "ten years after leaving"."""
    return value.kind == "duration" and bool(
        _BEFORE_TIME.search(text[: value.start]) or _AFTER_TIME.match(text[value.end :])
    )


def _tells_length(query: Query, text: str) -> bool:
    """Whether a text tells a length that does not stand in the question, where one may be asked for."""
    known, told = ({length[1] for length in _LENGTH.finditer(of)} for of in (query.text, text))
    return bool(_ASKS_LENGTH.search(query.text) and told - known)


def _denies_head(query: Query, text: str) -> bool:
    """Whether a text says that there is none of what is asked for: "there is no penalty"."""
    asked = {query.terms[i].stem for i in query.head}
    found = terms(text)
    return any(
        term.norm in ("no", "without", "zero") and any(after.stem in asked for after in found[i + 1 : i + 4])
        for i, term in enumerate(found)
    )
