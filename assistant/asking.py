"""How a question asks: the words it asks with, and the kind of answer it asks for. English grammar only.

Whether a sentence holds an answer of that kind is the work of `evidence.py`.
"""

import re

from index.terms import terms

KINDS = (
    "money",
    "count",
    "quantity",
    "percent",
    "date",
    "duration",
    "person",
    "place",
    "reason",
    "manner",
    "yesno",
    "any",
)

WH = r"(?:who|whom|whose|what|when|where|why|how|which)"
AUX = r"(?:is|are|was|were|do|does|did|can|could|will|would|has|have|had|should|must|may)"

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
    "manner": "procedure procedures process method methods way means",
    "reason": "reason reasons purpose aim cause motive rationale justification",
}  # fmt: skip
KIND_OF = {noun: kind for kind, nouns in _NOUN_KINDS.items() for noun in nouns.split()}
HEAD = re.compile(
    r"^(?:what|which|whats|what[’']s)\s*(?:(?:exactly\s+)?(?:is|are|was|were|will\s+be|would\s+be|s|[’']s)\s+)?(?:the\s+|an?\s+|any\s+|its\s+|their\s+|his\s+|her\s+|this\s+|that\s+)?"
    r"(?P<head>.+?)(?=\s+(?:of|for|in|on|to|at|by|under|from|with|per|that|who|which|when|is|are|was|were|do|does|did|will|would|can|could|has|have|must|should|may|after|before|during|between|each|every|if|as|being)\b|\s*\(|[?,.;]|$)",
    re.IGNORECASE,
)  # fmt: skip

# Words that ask whether something holds and say nothing of what it is.
IS_IT_TRUE = re.compile(
    r"^\W*is\s+it\s+(?:really\s+)?(?:true|correct|right|the\s+case|a\s+fact)\s+that\b", re.IGNORECASE
)


def noun_kind(phrase: str) -> str:
    """The kind of answer that a noun phrase asks for, by its last word: "age limit" a count. "" for any other."""
    words = [term.norm for term in terms(phrase)]
    return KIND_OF.get(words[-1], "") if words else ""


def kind_of(text: str) -> str:
    """The kind of answer a question asks for, one of `KINDS`."""
    low = re.sub(
        r"^(?:by|for|in|at|to|from|of|with|on|after|within|under)\s+(?=how\b|what\b|which\b)",
        "",
        text.lower().strip(" ¿\"'“"),
    )
    rules = (
        (r"how\s+much\s+(?:time|longer)|how\s+long|(?:for\s+)?how\s+many\s+(?:\w+\s+)?(?:seconds|minutes|hours|days|nights|weeks|fortnights|months|quarters|terms|semesters|years|decades)\b", "duration"),
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
        (r"how\s+(?:do|does|did|can|could|should|would|will|shall|must|may|is|are|was|were|to)\b", "manner"),
        # "... how the fee is to be paid", "... how applicants should apply"; but "how strict the rule is".
        (rf"how\s+(?:(?:the|an?|this|that|these|those|its|their|his|her|our|your|any|each|every|such|it|they|he|she|we|you|i|people)\b|\w+s\s+{AUX}\b)", "manner"),
        (rf"{AUX}(?:n[’']t)?\b|whether\b|if\b|is\s+it\b", "yesno"),
    )  # fmt: skip
    for pattern, kind in rules:
        if re.match(rf"(?:{pattern})", low):
            return kind
    head = HEAD.match(low)
    found = noun_kind(head["head"]) if head and not re.match(rf"{AUX}\b", head["head"]) else ""
    if found:
        return found
    if not re.match(rf"{WH}\b", low):
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
