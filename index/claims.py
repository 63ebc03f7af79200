"""Values and qualifiers in sentences, so that two statements can be compared.

A `Value` is an amount of money, a share, a duration, a date or a count, normalised so that "71 %" and "nearly three
quarters", "$100k" and "100,000 dollars", "Sept. 19" and "19 September 2025" can be set side by side. `qualifiers` are
the words that change what a statement claims: how often, whether proposed or adopted, whether denied. This file knows
English number words and no subject matter.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), start=1)
    for name in names.split()
}  # fmt: skip
_WORDS = {
    word: float(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "seventy": 70.0, "eighty": 80.0, "ninety": 90.0,
     "dozen": 12.0, "hundred": 100.0}  # fmt: skip
_SCALES = {
    "dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "k": 1e3, "lakh": 1e5, "million": 1e6, "mn": 1e6, "m": 1e6, "crore": 1e7,
    "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}

# "under 21 may", "the 40 march": in lower case these two are verbs.
_MONTH = (
    r"(?:"
    + "|".join(sorted(_MONTHS.keys() - {"may", "march"}, key=len, reverse=True))
    + r"|(?-i:M(?:ay|AY|arch|ARCH)))\b\.?"
)
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_WORD = r"(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")"
_SCALE = r"(?:\s*(?:hundred|thousand|lakh|million|crore|billion|trillion|bn|mn|tn)\b|[mkb]\b)"
_HALF = r"(?:\s+and\s+a\s+half)"
_QUANTITY = (
    rf"(?:{_NUMBER}{_HALF}?{_SCALE}?|\b(?:half\s+)?an?\s+(?:dozen|hundred|thousand|million|billion|trillion)\b|"
    rf"\b{_WORD}[-\s]hundred\s+and\s+{_WORD}(?:[-\s]{_WORD})?\b{_SCALE}?|\b{_WORD}(?:[-\s]{_WORD})?{_HALF}?\b{_SCALE}?)"
)
_SYMBOL = r"(?:US|A|C|NZ|HK|S|R)?[$€£¥₹₩₽]|\b(?:USD|EUR|GBP|CNY|RMB|JPY|INR|CHF|AUD|CAD|SEK|NOK|DKK|PLN|KRW)\b"
_CURRENCY = (
    r"(?:US\s+|American\s+)?(?:dollars?|euros?|pounds?(?:\s+sterling)?|yuan|renminbi|yen|rupees?|won|francs?|kron(?:a|or|er|e)|"
    r"crowns?|pesos?|reals?|reais|zloty|rand|dirhams?|cents?|pence|USD|EUR|GBP|CNY|RMB|JPY|INR|CHF|AUD|CAD|SEK|NOK|DKK|PLN)\b|[€£¥]|p\b"
)
_UNIT = r"(?:calendar|working|business|academic|consecutive|school)?\s*(?:second|minute|hour|day|night|week|fortnight|month|quarter|term|semester|year|decade)s?"

_PATTERN = re.compile(
    rf"""
    (?P<date>
        \b\d{{4}}-\d{{2}}-\d{{2}}\b
      | \b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(?:19|20)\d{{2}}\b)?
      | \b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?!\s*(?:%|percent|,\d{{3}}))(?:,?\s+(?:19|20)\d{{2}}\b)?
      | \b{_MONTH},?\s+(?:of\s+)?(?:19|20)\d{{2}}\b
      | \b(?<!\w)(?:January|February|March|April|May|June|July|August|September|October|November|December)\b
      | \b(?:19|20)\d{{2}}(?:\s*[/–-]\s*(?:\d{{4}}|\d{{2}}))?\b(?![,.]\d|\s*(?:%|percent|dollars|euros|pounds|people))
      | \b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b
      | \b(?:today|tomorrow|yesterday|immediately|(?:this|next|last|early|late|mid)[-\s]+(?:day|week|month|year|spring|summer|autumn|fall|winter|term|(?:19|20)\d{{2}}))\b
      | \b[12]?\d[:.][0-5]\d\s*[ap]\.?m\b\.? | \b[12]?\d:[0-5]\d\b | (?<=\bat\s)[12]?\d\.[0-5]\d\b
      | \b(?:[1-9]|1[0-2])\s*[ap]\.?m\b\.? | \b(?:midnight|noon|midday)\b
    )
  | (?P<money>
        (?:{_SYMBOL})\s*(?P<m1>{_NUMBER}{_SCALE}?)
      | (?P<m2>{_QUANTITY})[-\s]*(?:{_CURRENCY})
    )
  | (?P<percent>
        (?P<p1>{_QUANTITY})\s*(?:%|\bper\s?cent\b|\bpercent\b|\bpercentage\s+points?\b)
      | \b(?P<p2>(?<!first\s)(?<!second\s)(?<!last\s)(?<!other\s)(?:(?:one|a)[-\s])?half|(?:{_WORD}|a)[-\s](?:third|quarter|fifth|sixth|eighth|tenth)s?)\b(?=\s+(?:of|the)\b|[.,;]|$)
    )
  | (?P<duration>(?P<d1>{_QUANTITY}|\b(?:half\s+an?|an?|several|few)\b)[-\s]+(?P<unit>{_UNIT})\b)
  | (?P<count>{_QUANTITY}|\b(?:dozens|hundreds|thousands|millions|billions|once|twice|thrice|none)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_APPROXIMATE = re.compile(
    r"\b(?:about|around|some|nearly|almost|roughly|approximately|more\s+than|over|under|less\s+than|fewer\s+than|up\s+to|"
    r"at\s+least|at\s+most|just|an?\s+estimated|close\s+to)\s*(?:[A-Z]{0,3}[$€£¥₹])?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Value:
    """A value in a text: its kind (date, money, percent, duration, count), size, unit and span.

    `size` is a number in the unit (a share as 0..1); for a date `when` is (year, month, day) with 0 for what is not
    said. `approximate` marks a value that the text itself rounds or bounds ("nearly", "up to").
    """

    kind: str
    start: int
    end: int
    size: float = 0.0
    unit: str = ""
    when: tuple[int, int, int] = (0, 0, 0)
    approximate: bool = False


@lru_cache(maxsize=4096)
def values(text: str) -> tuple[Value, ...]:
    """The values of a text, in order. Both ends of a range are values of their own; a bare rate ("a day") is none."""
    found: list[Value] = []
    for match in _PATTERN.finditer(text):
        start, end = match.span()
        approximate = bool(_APPROXIMATE.search(text[max(0, start - 30) : start]))
        if match["date"]:
            if not _modal(text, match):
                found.append(Value("date", start, end, when=_when(match["date"]), approximate=approximate))
        elif match["money"]:
            size = _size(match["m1"] or match["m2"])
            found.append(Value("money", start, end, size, _currency(match["money"]), approximate=approximate))
        elif match["percent"]:
            size = _size(match["p1"]) / 100 if match["p1"] else _fraction(match["p2"])
            found.append(Value("percent", start, end, size, approximate=approximate or bool(match["p2"])))
        elif match["duration"]:
            if match["d1"].lower() in ("a", "an") and found and found[-1].end >= start - 1:
                continue  # $20 a day, twice a year
            size, unit = _size(match["d1"]), match["unit"].lower().split()[-1].removesuffix("s")
            found.append(Value("duration", start, end, size, unit, approximate=approximate or not size))
        elif not _part_of_code(text, start, end):
            size = _size(match["count"])
            vague = not size and match["count"].lower() not in ("zero", "none") and not match["count"].isdigit()
            found.append(Value("count", start, end, size, approximate=approximate or vague))
    return tuple(found)


def _modal(text: str, match: re.Match[str]) -> bool:
    """Whether what looks like a month is the verb: "they may", "May I come?"."""
    word = match["date"]
    if word.lower() not in ("may", "march"):
        return False
    opens = not text[: match.start()].rstrip() or text[: match.start()].rstrip()[-1] in ".!?"
    asks = re.match(r"\s+(?:I|we|you|they|he|she|it|the|an?|my|our|their|[a-z]{4,}s)\b", text[match.end() :])
    return not word[0].isupper() or bool(word == "May" and opens and asks)


def _part_of_code(text: str, start: int, end: int) -> bool:
    """Whether a number belongs to a name: "H-1B", "Covid-19", "Section 5", "A320"."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return bool(
        re.search(r"[^\W\d_]-?$", before)
        or (re.match(r"-?[^\W\d_]", after) and not re.match(r"-(?:year|day|month|week|person|seat|member|point)", text[end:]))
        or re.search(r"\b(?:section|article|no\.|part|annex|schedule|chapter|phase|stage|page|rule|form)\s*$", text[:start], re.I)
    )  # fmt: skip


def _size(text: str) -> float:
    """The size of a quantity in digits, words or both: "2.5 million", "two and a half", "half a million"."""
    number = re.match(_NUMBER, text.strip())
    total = float(number.group().replace(",", "")) if number else 0.0
    for word in re.findall(r"[a-z]+", text.strip()[number.end() if number else 0 :].lower()):
        if word == "half":
            total += 0.5
        elif word in ("a", "an"):
            total = total or 1.0
        elif word in _SCALES and total:
            total *= _SCALES[word]
        else:
            total += _TIMES.get(word, _WORDS.get(word, 0.0))
    return total


def _fraction(text: str) -> float:
    """The size of a fraction in words: "two-thirds", "a quarter"."""
    *times, part = re.split(r"[-\s]+", text.lower())
    return (_WORDS.get(times[0], 1.0) if times else 1.0) / _PARTS[part if part in _PARTS else part.removesuffix("s")]


def _currency(text: str) -> str:
    lowered = text.lower()
    for unit, marks in {
        "dollar": ("$", "usd", "dollar"), "euro": ("€", "eur"), "pound": ("£", "gbp", "pound"),
        "yuan": ("cny", "rmb", "yuan", "renminbi"), "rupee": ("₹", "inr", "rupee"), "yen": ("jpy", "yen"),
        "penny": ("pence", "cent"),
    }.items():  # fmt: skip
        if any(mark in lowered for mark in marks):
            return unit
    unit = re.sub(r"[\d,.\s]+", "", lowered)
    return "penny" if unit == "p" else unit


def _when(text: str) -> tuple[int, int, int]:
    iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)
    if iso:
        return int(iso[1]), int(iso[2]), int(iso[3])
    year = re.search(r"\b(?:19|20)\d{2}\b", text)
    month = next((_MONTHS[w] for w in re.findall(r"[a-z]+", text.lower()) if w in _MONTHS), 0)
    day = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?![:.]\d)", text) if month else None
    return int(year.group()) if year else 0, month, int(day[1]) if day else 0


def compatible(a: Value, b: Value) -> bool:
    """Whether two values of one kind can both be right: equal, one rounds the other, or one is less precise."""
    if a.kind != b.kind or (a.unit and b.unit and a.unit != b.unit):
        return True
    if any(value.approximate and not value.size for value in (a, b)) and a.kind != "date":
        return True  # "several", "dozens"
    if a.kind == "date":
        return all(x == y or not x or not y for x, y in zip(a.when, b.when, strict=True))
    larger = max(abs(a.size), abs(b.size))
    if not larger:
        return True
    tolerance = 0.1 if a.approximate or b.approximate else 0.005
    return abs(a.size - b.size) / larger <= tolerance


# Words of one row say the same; words of different rows of a group exclude each other.
_QUALIFIERS: dict[str, dict[str, str]] = {
    "frequency": {
        "once": r"one-?\s?time|one-?\s?off|once(?!\s+(?:the|a|it|they|you|he|she|all|every|approved))|single(?:\s+payment)?|non-?recurring|only\s+once",
        "yearly": r"annual(?:ly)?|yearly|per\s+(?:year|annum)|(?:each|every|a)\s+year|/\s?year|year-on-year",
        "monthly": r"monthly|per\s+month|(?:each|every|a)\s+month|/\s?month",
        "weekly": r"weekly|per\s+week|(?:each|every|a)\s+week",
        "daily": r"daily|per\s+day|(?:each|every|a)\s+day",
    },
    "status": {
        "proposed": r"propos(?:ed|es|e|al|als|ing)|drafted|(?:is|are|was|were)\s+considering|would\s+(?:be|cost|pay|face|have|apply|impose|introduce|require)|suggest(?:ed|s)|recommend(?:ed|s)",
        "adopted": r"impos(?:ed|es|ing)|adopt(?:ed|s)|approved|enacted|signed|in\s+force|took\s+effect|takes?\s+effect|introduced|passed|(?:now|has|have)\s+(?:include|cost|pa(?:y|id)|been\s+set)s?|hike[sd]|raised",
        "dropped": r"dropped|scrapped|cancel(?:led|ed)|withdrawn|abandoned|repealed|revoked|suspended|rejected|shelved",
    },
    "duty": {
        "required": r"mandatory|compulsory|obligatory",
        "optional": r"voluntary|optional",
    },
}  # fmt: skip
_COMPILED = {
    group: {name: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for name, pattern in rows.items()}
    for group, rows in _QUALIFIERS.items()
}
_DENIAL = re.compile(
    r"\b(?:not|no|never|without|nor|neither|none|cannot|n[’']t|un(?:able|likely|willing)|exempt(?:ed|s)?|free\s+of|excluded?|"
    r"absence|lack(?:s|ed|ing)?|waive[sd]?|ban(?:s|ned)?|prohibit(?:s|ed)?|den(?:y|ies|ied)|ruled\s+out|refus(?:es|ed)|barred|instead\s+of|rather\s+than)\b|n[’']t\b",
    re.IGNORECASE,
)


def qualifiers(text: str, near: tuple[int, int] | None = None, reach: int = 70) -> dict[str, str]:
    """The qualifier of each group that a text (or the stretch around `near`) carries: {"frequency": "once"}.

    A group in which a text names two rows ("dropped the annual fee for a one-off one") is left out: it cannot be told
    which of them qualifies the value.
    """
    window = text if near is None else text[max(0, near[0] - reach) : near[1] + reach]
    found = {}
    for group, rows in _COMPILED.items():
        names = [name for name, pattern in rows.items() if pattern.search(window)]
        if len(names) == 1:
            found[group] = names[0]
    return found


def mentions(text: str, group: str) -> bool:
    """Whether a text uses any qualifier of a group."""
    return any(pattern.search(text) for pattern in _COMPILED[group].values())


def denials(text: str) -> list[tuple[int, int]]:
    """The spans of words that deny what they govern."""
    return [match.span() for match in _DENIAL.finditer(text)]
