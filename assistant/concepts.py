"""Words of general English that ask for, or state, one attribute: "start" and "come into force", "need" and "must".

Word vectors bring near words together, opposites and strangers too; these few families are certain. Words that name the
two ends of one attribute ("compulsory", "voluntary") are of one family: a sentence with either settles the question.
No family belongs to any subject matter. Not covered: languages other than English.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from index.terms import stem

_FAMILIES = """
start begin commence launch introduce effect force open implement rollout inaugurate debut onset
end finish expire expiry close cease stop lapse terminate conclude
cost price fee charge fare pay payment rate tariff expense euros dollars pounds worth sum
require requirement need must necessary condition shall have
mandatory compulsory obligatory oblige optional voluntary must require
allow permit permission entitle eligible eligibility qualify authorise can able may right
forbid prohibit ban bar exclude disallow outlaw
exempt exemption exception exclude waive spare excuse
apply application applicant request claim file submit submission lodge
number total count many figure
size area cover big large square extent measure
limit cap maximum ceiling most threshold quota restrict minimum
duration long last valid validity period term
deadline closing due latest until
penalty fine sanction punish surcharge
approve approval adopt pass vote agree authorise endorse back
refuse reject decline deny turn
sign signature signatory
choose select pick appoint award name
cancel scrap drop abandon withdraw abolish repeal remove axe end
replace succeed supersede substitute
buy purchase sell sale
earn income salary wage earnings pay
fund finance funding money grant subsidy
repay refund reimburse reimbursement repayment
increase raise rise hike grow higher
decrease cut reduce reduction fall lower drop discount cheaper
build construct construction
lead head chair run manage operate director chief
say tell announce declare state report
reason because why explain cause motive due
aim purpose goal objective intend design target
live reside resident residence home
work job employment employ employer employee
family spouse wife husband child children relative partner dependant parent
stay remain residence
document paper paperwork form certificate proof evidence
school pupil student teacher
doctor physician practitioner
car vehicle driver motorist
jab injection vaccine vaccination dose shot
medicine drug treatment tablet
firm company business corporation manufacturer maker
law act legislation regulation decree order statute
country nation state
annual yearly year
teach teaching lecture professor
supply supplier provide provider deliver
free charge cost
old age aged
young youth
"""


@lru_cache(maxsize=1)
def _families() -> dict[str, frozenset[int]]:
    known: dict[str, set[int]] = {}
    for number, line in enumerate(_FAMILIES.strip().splitlines()):
        for word in line.split():
            known.setdefault(stem(word), set()).add(number)
    return {word: frozenset(numbers) for word, numbers in known.items()}


def families(stems: Iterable[str]) -> frozenset[int]:
    """The families that any of some stems belong to."""
    known = _families()
    return frozenset().union(*(known.get(word, frozenset()) for word in stems))


# Ways of stating a limit without its name.
_PHRASES = (
    ("limit", r"(?:no|not)\s+more\s+than|at\s+most|up\s+to|(?:not|never|cannot|can[’']t)\s+exceed|limited\s+to|no\s+(?:later|longer|higher)\s+than"),
    ("minimum", r"at\s+least|(?:no|not)\s+(?:less|fewer|lower|younger)\s+than|or\s+(?:more|over|older|above)|and\s+(?:over|above)"),
)  # fmt: skip
_COMPILED = tuple((stem(word), re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)) for word, pattern in _PHRASES)


def phrase_families(text: str) -> frozenset[int]:
    """The families that a text states by a phrase instead of a word: "no more than 20" is a limit."""
    return families(word for word, pattern in _COMPILED if pattern.search(text))


# Words that vectors bring together and that exclude each other, each side a word of a family above or by itself.
_OPPOSITES = (
    ("start begin open launch commence", "end finish close expire cease stop"),
    ("increase raise rise grow", "decrease cut reduce fall lower"),
    ("minimum", "maximum"),
    ("buy purchase", "sell sale"),
    ("win gain", "lose loss"),
    ("import arrive enter entry", "export depart leave exit"),
    ("first", "last"),
    ("before", "after"),
)


@lru_cache(maxsize=1)
def _opposites() -> dict[str, frozenset[str]]:
    sides = [tuple(frozenset(map(stem, side.split())) for side in pair) for pair in _OPPOSITES]
    return {word: b for one, other in sides for a, b in ((one, other), (other, one)) for word in a}


def opposed(word: str, stems: Iterable[str]) -> bool:
    """Whether a text, by its stems, says the opposite of a word: "opened" to "close"."""
    return not _opposites().get(word, frozenset()).isdisjoint(stems)
