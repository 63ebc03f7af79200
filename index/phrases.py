"""The ways in which English says that something is not released, confirmed, decided or known.

A table for `unreleased.py`: each phrase with the side on which the thing that is open stands. In the patterns a space
stands for any white space. General English only, learnt from no corpus.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

BEFORE = "before"  # the fee | has not been set
AFTER = "after"  # has yet to say | how long it takes
BETWEEN = "between"  # no date has been set for the move: from the group `what` on
WITHIN = "within"  # neither the fee nor the form has been published: the group `what` alone
POINTER = "pointer"  # we have not been told: the sentence before, unless a clause follows


@dataclass(frozen=True)
class Phrase:
    """A way of saying "not out yet". `side` is where its noun phrases stand.

    Every match holds one of `needs`, lower-case words of letters alone ("isn't" is "isn" and "t"): a sentence without
    any need not be searched. A group `says` in the pattern marks where the phrase itself begins.
    """

    side: str
    needs: frozenset[str]
    pattern: re.Pattern[str]


def _phrase(side: str, needs: str, pattern: str) -> Phrase:
    return Phrase(side, frozenset(needs.split()), re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE))


def _either(words: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(set(words), key=len, reverse=True)) + ")"


# --- words -------------------------------------------------------------------------------------------------------

# Verbs of disclosure, with their participles. Negated, each of these alone says that something is not on record.
_STRONG = {
    "release": "released", "publish": "published", "announce": "announced", "disclose": "disclosed",
    "reveal": "revealed", "confirm": "confirmed", "clarify": "clarified", "specify": "specified",
    "decide": "decided", "determine": "determined", "finalise": "finalised", "finalize": "finalized",
    "settle": "settled", "unveil": "unveiled", "spell out": "spelled out", "spelt out": "spelt out",
    "detail": "detailed", "work out": "worked out", "make public": "made public", "clear up": "cleared up",
    "agree on": "agreed on", "say": "said publicly", "define": "defined", "set out": "set out",
    "make clear": "made clear", "elaborate": "elaborated", "quantify": "quantified", "pin down": "pinned down",
    "draw up": "drawn up", "estimate": "estimated", "choose": "chosen", "select": "selected", "cost": "costed",
    "make a decision": "been decided", "put a figure": "put a figure", "commit to": "committed to",
    "rule on": "ruled on", "put a number": "put a number", "state": "stated", "explain": "explained",
    "settle on": "settled on", "put a date": "put a date", "publicise": "publicised", "publicize": "publicized",
    "fix": "fixed", "set": "set", "name": "named", "appoint": "appointed", "schedule": "scheduled",
    "identify": "identified", "pick": "picked", "allocate": "allocated", "establish": "established",
    "resolve": "resolved", "lay down": "laid down", "work through": "studied", "assess": "assessed",
    "evaluate": "evaluated", "investigate": "investigated",
}  # fmt: skip
# These say it only with "yet" or "still" beside them, or of information: "no date has been set".
_WEAK = {
    "agree": "agreed", "issue": "issued", "give": "given", "provide": "provided", "outline": "outlined",
    "share": "shared", "make": "made", "take": "taken", "reach": "reached", "approve": "approved", "adopt": "adopted",
    "offer": "offered", "make available": "made available", "complete": "completed", "put forward": "put forward",
    "award": "awarded", "sign": "signed", "indicate": "indicated", "see": "received", "put": "put", "draft": "drafted",
    "write": "written", "find": "found",
}  # fmt: skip
# What has not been found may not be there: "no faults have been identified" is a finding.
_FINDINGS = {"identified", "established", "investigated", "assessed", "evaluated", "studied", "resolved", "confirmed"}
# "Was not chosen" tells of the one who was not, "has not been chosen" of a choice to come.
_CHOICES = {"selected", "chosen", "picked", "appointed", "allocated"}

_STRONG_PP, _STRONG_BASE = _either(_STRONG.values()), _either(_STRONG)
_ANY_PP, _ANY_BASE = _either([*_STRONG.values(), *_WEAK.values()]), _either([*_STRONG, *_WEAK])
_STATED_PP = _either(set(_STRONG.values()) - _FINDINGS - _CHOICES | {"resolved", "confirmed"})
_PASSIVE_PP = _either([*_STRONG.values(), "agreed", "made available"])
_NONE_PP = _either([*(set(_STRONG.values()) - _FINDINGS), r"(?<!been\s)confirmed"])
_ISSUED_PP = (
    "(?:announced|published|released|confirmed|decided|determined|set out|finali[sz]ed|made public|clarified|disclosed|"
    "fixed|specified|unveiled|settled|shared|communicated|agreed|revealed)"
)

_INFO = (
    r"(?:details?|dates?|timelines?|timetables?|time\s?frames?|decisions?|information|figures?|guidance|deadlines?|"
    "announcement|list|schedule|explanation|clarity|word|indication|estimates?|prices?|plans?|rules?|criteria|"
    "breakdown|confirmation|specifics|particulars|start|commitment|conclusion|agreement|statement|answer|target|"
    "number|budget|sum|amount|venue|location|successor|name|reason|reasons|procedures?|terms|text|version|documents?|"
    "site|recommendations?|contractor|supplier|operator|candidate|buyer|partner|rate|threshold|fee|cap|limit)"
)
# What a text gives or lacks as a report does. That there is no fee, no limit or no deadline is a fact like any other.
_NEWS = (
    "(?:details?|clarity|information|guidance|word|indication|explanation|particulars|specifics|light|timetable|"
    "timeline|figures?|breakdown|estimate|date|decision|confirmation|announcement|clue|hint)"
)
_QUALIFIED = (
    "(?:(?:further|more|official|specific|final|firm|exact|public|precise|other|additional|published|new|clear|"
    "concrete|immediate) )*"
)
_OPEN_WORDS = (
    "(?:unclear|unknown|undecided|uncertain|unspecified|undisclosed|unconfirmed|undetermined|unresolved|unpublished|"
    "unreleased|unannounced|unsettled|undefined|vague|in doubt|up in the air|an? open (?:question|issue)|"
    "open questions?|under (?:review|consideration|discussion|negotiation|consultation|study)|to be confirmed|"
    "to be decided|to be determined|to be announced|pending|tbc|tbd|tba|not final|a mystery|anyone[’']s guess)"
)
_ASKS = "(?:whether|how|when|what|which|who|whom|whose|where|why|if)"

_MONTHS = (
    "(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
)
_TIME = (
    rf"(?:\d|{_MONTHS}|(?:spring|summer|autumn|fall|winter|week|month|quarter|year|term|end|start|beginning|middle|"
    "coming|following|next|near|future|new year|weeks|months|days|press|meeting|session|conference|budget|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|christmas|easter|midnight|noon|order|decree|regulation|ordinance|"
    r"statute|law)\b)"
)
_BODY = (
    r"(?:ministry|minister|council|board|committee|authorit\w+|government|commission\w*|regulators?|departments?|"
    r"agenc\w+|courts?|parliament|cabinet|president|secretary|director|embass\w+|offices?|trustees)\b"
)
_LATER = (
    "(?:later|in due course|in good time|in advance|separately|shortly|soon|next|once|after|following|when|before|"
    r"ahead|closer|nearer|this|to come|"
    rf"(?:at|by|in|on|over|during|from|for|towards) (?:(?:the|an?|early|late|mid|its|their|later|around|about)[ -])*{_TIME}|"
    rf"at a later|by (?:\w+ ){{0,4}}{_BODY})"
).replace("[ -]", r"[\s-]+")

_BE = "(?:is|are|was|were|be|been|being)"
_HAVE = "(?:has|have|had)"
_NOT = r"(?:(?: still| also| so far| as yet)? (?:not|never)|n[’']t)"
_NOT_YET = r"(?:(?: still| also| so far| as yet)? not|n[’']t)"
_ADVERB = r"(?:,? (?:\w+ly|yet|still|so far|as yet|been|be|also|even|ever),?)*"
_WORD = r"[\w’'-]+"

# What a match needs, where it is more than one rare word.
_NEGATION = "not never t"
_ISSUED = (
    "announced published released confirmed decided determined out finalised finalized public clarified disclosed fixed "
    "specified unveiled settled shared communicated agreed revealed"
)
_OPEN = (
    "unclear unknown undecided uncertain unspecified undisclosed unconfirmed undetermined unresolved unpublished "
    "unreleased unannounced unsettled undefined vague doubt air open review consideration discussion negotiation "
    "consultation study confirmed decided determined announced pending tbc tbd tba final mystery guess"
)


# --- phrases -----------------------------------------------------------------------------------------------------

# In order of trust: where two overlap, the first counts.
PHRASES = (
    # No date has been set for the launch. No decision was taken on ... Nor have the terms been agreed.
    _phrase(BETWEEN, "no", rf"\bno (?P<what>(?:{_WORD} ){{0,6}}?{_INFO}) (?:{_HAVE}|{_BE}|can){_ADVERB} {_ANY_PP}\b"),
    _phrase(WITHIN, "no", rf"\bno (?:further |more |other )*(?P<what>{_NEWS}(?: (?:of|on|about|for)(?: {_WORD}){{1,7}}?)?) (?:{_HAVE} been|{_BE}){_ADVERB} (?:available|forthcoming|given|provided|released|published|disclosed)\b"),
    _phrase(BETWEEN, "no none", rf"\bno(?:ne of)? (?P<what>(?:{_WORD} ){{0,6}}?{_WORD}) {_HAVE}{_ADVERB} {_NONE_PP}\b"),
    _phrase(WITHIN, "neither", rf"\bneither (?P<what>[^,;.]{{1,80}}? nor [^,;.]{{1,80}}?) (?:{_HAVE}|{_BE}){_ADVERB} (?:{_PASSIVE_PP}|known|clear|certain)\b"),
    _phrase(WITHIN, "nor neither", rf"\bn(?:or|either) (?:{_HAVE}|{_BE}) (?P<what>[^,;.]{{1,120}}?){_ADVERB} {_ANY_PP}\b"),
    # The fee has not been set. It is not clear whether ... The venue is yet to be chosen. The list is still to come.
    _phrase(BEFORE, _NEGATION, rf"\b{_HAVE}{_NOT}{_ADVERB} been{_ADVERB} {_PASSIVE_PP}\b"),
    _phrase(BEFORE, _NEGATION, rf"\b{_HAVE}{_NOT} yet been{_ADVERB} {_ANY_PP}\b"),
    _phrase(BEFORE, _NEGATION, rf"\b{_INFO} (?P<says>{_HAVE}{_NOT}{_ADVERB} been{_ADVERB} {_ANY_PP})\b"),
    _phrase(BEFORE, _NEGATION, rf"\b{_BE}{_NOT}{_ADVERB} (?:{_STATED_PP}|known(?! (?:for|as|to)\b)|clear|certain|public|final|on record|available yet|decided)\b"),
    _phrase(BEFORE, _NEGATION, rf"\b{_BE}{_NOT} yet {_ANY_PP}\b"),
    _phrase(BEFORE, "yet", rf"\b(?:{_BE}|{_HAVE}|remains?|remained) (?:as |still )?yet to be (?!seen\b){_ANY_PP}\b"),
    _phrase(BEFORE, "yet", r"\b(?:has|have|is|are) yet to (?:emerge|appear|come out|be seen in print)\b"),
    _phrase(BEFORE, "remain remains remained still left", rf"\b(?:remains?|remained|still|left) (?:still )?to be (?!seen\b){_ANY_PP}\b"),
    _phrase(BEFORE, _ISSUED, rf"\b(?:needs?|are|is) (?:still )?to be {_ISSUED_PP}\b"),
    _phrase(BEFORE, _ISSUED, rf"\b(?:is|are|was|were) (?:still )?(?:expected|due|scheduled) to be (?!released){_ISSUED_PP}\b"),
    _phrase(AFTER, "leave leaves left leaving", rf"\b(?:left|leaves?|leaving) (?:it )?open(?= {_ASKS}\b)"),
    _phrase(BEFORE, _OPEN, rf"\b(?:{_BE}|remains?|remained|stays?|still|left|leaves?|leaving) (?:still |largely |as yet |yet )*{_OPEN_WORDS}(?!\w)"),
    _phrase(BEFORE, "being", rf"\b{_BE} (?:still|currently|now|yet) being (?:\w+ly )?(?:considered|discussed|negotiated|finali[sz]ed|worked out|drafted|reviewed|decided|drawn up|assessed|studied|debated|developed|written|weighed|investigated|calculated|chosen)\b"),
    _phrase(BEFORE, "investigation investigated", rf"\b(?:causes?|circumstances|reasons?|motives?)(?: (?:of|for|behind|in)(?: {_WORD}){{1,8}}?)? (?P<says>(?:is|are|remains?)(?: still)? (?:being investigated|under investigation))\b"),
    _phrase(BEFORE, "awaited", rf"\b{_BE} (?:still |eagerly |anxiously )?awaited\b"),
    _phrase(BEFORE, _ISSUED, rf"\b(?:will|would) (?:only )?be {_ISSUED_PP} {_LATER}"),
    _phrase(BEFORE, "issued laid set given provided circulated sent prescribed made drawn appointed chosen named", r"\b(?:will|is to|are to|shall) (?:only )?be (?:issued|laid down|set|given|provided|circulated|sent out|prescribed|made available|drawn up|appointed|chosen|named) (?:later|in due course|separately|at a later|shortly|soon|in good time|nearer|closer to|by (?:order|decree|regulation|ordinance|statute))\b"),
    _phrase(AFTER, "publish announce release confirm set decide issue reveal share unveil disclose provide give", r"(?:\bwill|[’']ll|\bshall) (?:\w+ly )?(?:publish|announce|release|confirm|set out|decide(?: on)?|issue|reveal|share|unveil|disclose|provide|give)\b(?=[^.;]{0,80}\b(?:later|in due course|in good time|shortly|soon|separately|nearer|closer to|when (?:it|they|we)|once|as soon as|next \w+|before the|in the (?:coming|autumn|spring|summer|winter|new year))\b)"),
    _phrase(BEFORE, "not", r"\bnot (?:yet there|there yet)\b"),
    _phrase(BEFORE, "not", r"(?:(?<=[:;(—–|])|(?<=[:;(—–|]\s))not (?:yet (?:set|known|decided|available|published|fixed|agreed|announced|confirmed|released|determined|final|finali[sz]ed|open|public|specified))\b"),
    _phrase(AFTER, "not t", rf"(?:\bha(?:ve|s)|[’']ve|\bdo|\bdoes){_NOT_YET}(?: yet)? (?:yet )?(?:have|come to|got|reached|made up|taken|formed) (?:(?:an|a|any|the|their|its|our|his|her|final) )*(?:answers?|views?|decisions?|conclusions?|positions?|minds?)\b(?: yet)?"),
    _phrase(POINTER, "not t", r"\bha(?:ve|s)(?: not|n[’']t) (?:yet )?(?:told|informed|written to) (?:\w+)(?: yet)?\b"),
    _phrase(AFTER, "off postponed deferred delayed shelved", r"\b(?:put off|postponed|deferred|delayed|shelved) (?:(?:an?|the|its|any|their|final) )*(?:decisions?|questions?|announcements?|rulings?|votes?|matter)\b"),
    _phrase(AFTER, "reserved", r"\breserved (?:(?:its|his|her|their) )?(?:judge?ment|decision|ruling)\b"),
    _phrase(BETWEEN, "kept keeps keeping", r"\b(?:has kept|have kept|keeps|is keeping|are keeping) (?P<what>[^,;.]{3,60}?) (?:under wraps|secret|to (?:itself|themselves))\b"),
    _phrase(BEFORE, "kept", rf"\b{_BE} (?:being |still )*kept (?:under wraps|secret|out of the public eye)\b"),
    _phrase(BEFORE, "secret confidential", r"\b(?:(?:remains?|stays?) (?:still )?(?:an? )?(?:closely guarded )?(?:secret|confidential)|(?:is|are) (?:still )?a (?:closely guarded )?secret)\b"),
    _phrase(BEFORE, "left leave leaves leaving", r"\b(?:left|leaves?|leaving) (?:\w+ )?(?:unanswered|open(?=\W*$|[,.;)]| (?:by|in|so far|for now|at this)\b)|unaddressed|unsettled|unresolved|blank)\b"),
    # The report is silent on refunds. The board expects to publish ... We cannot give a date yet.
    _phrase(AFTER, "silent nothing mention", r"\b(?:(?:is|are|was|were|stays?|remains?) silent|say(?:s|ing)? nothing|said nothing|ma(?:kes?|de) no mention) (?:on|about|of|as to)\b"),
    _phrase(BEFORE, "talks negotiations discussions consultation consultations", r"\b(?:talks|negotiations|discussions|consultations?) (?:on|about|over)(?P<topic>(?: [\w’'-]+){1,10}?) (?P<says>(?:is|are) (?:still )?(?:continuing|ongoing|under\s*way|going on))\b"),
    _phrase(AFTER, "still", r"\b(?:is|are|was|were) still (?:negotiating|considering|discussing|deciding(?: on)?|drafting|finali[sz]ing|working (?:out|on)|debating|weighing|drawing up|assessing|studying|investigating|looking into)\b"),
    _phrase(AFTER, "expect expects expected plan plans planned intend intends hope hopes promise promises promised aim aims", r"\b(?:expects?|plans?|intends?|hopes?|promises?|promised|aims?) to (?:publish|announce|release|decide(?: on)?|confirm|set out|finali[sz]e|reveal|issue (?:guidance|details))\b"),
    _phrase(AFTER, "cannot not t unable", r"\b(?:can(?:not|[’']t)|unable to|not able to) (?:yet )?(?:share|give|provide|name|set|publish|release|announce|promise)\b(?=[^.;]{0,60}\b(?:yet|at this stage|at present|so far|for now|at the moment)\b)"),
    _phrase(BEFORE, "not", r"\bwill not be (?:published|disclosed|released|made public|revealed)\b"),
    _phrase(BEFORE, "expected come follow due", r"\b(?:details?|particulars|specifics|information|guidance|rules|criteria|terms|instructions|more|announcement|decision)(?: (?:on|of|about|for)(?: \w+){1,5}?)? (?P<says>(?:is|are|was|were|will) (?:still )?(?:expected(?! to)|to come|to follow|due|follow|come))\b"),
    _phrase(BEFORE, "matter one something", r"\b(?:is|are|remains?|was|were) (?:still )?(?:a matter|one|something) for (?:(?:an?other|a|the) )?(?:later|future|further|next|separate)\b"),
    _phrase(AFTER, "drawn", r"\b(?:would|will) not be drawn\b"),
    _phrase(BEFORE, "tba tbc tbd", r"\bTB[ACD]\b"),
    _phrase(BEFORE, "announced confirmed determined decided", r"(?:^|(?<=[,:;(|–—])|(?<=[,:;(|–—]\s)|(?<=\s-\s))to be (?:announced|confirmed|determined|decided)\b|\bto be (?:announced|confirmed|determined|decided)(?=\W*$| (?:later|at a later|in due course)\b)"),
    # The council has not confirmed the route. The court has yet to rule on ... The board did not say how ...
    _phrase(AFTER, _NEGATION, rf"\b{_HAVE}{_NOT}{_ADVERB} (?:{_STRONG_PP}|said|put a)\b"),
    _phrase(AFTER, _NEGATION, rf"\b{_HAVE}{_NOT} yet(?: \w+ly)? {_ANY_PP}\b"),
    _phrase(AFTER, _NEGATION, rf"\b{_HAVE}{_NOT}{_ADVERB} {_ANY_PP} (?:(?:any|an?|the|further|more|official) ){{0,3}}{_INFO}\b"),
    _phrase(AFTER, "yet", rf"\b(?:{_HAVE}|{_BE}) (?:as |still )?yet to (?!be\b){_ANY_BASE}\b"),
    _phrase(AFTER, "yet", rf"\byet to (?!be\b){_STRONG_BASE}\b"),
    _phrase(AFTER, "not t", rf"\b(?:did|does|do|would|could|can|is|are|was|were){_NOT_YET} (?:yet |currently |immediately |able to |in a position to )*(?:say(?! (?:that|so|it)\b)|specify|disclose|clarify|elaborate|reveal|spell out|confirm|fix|decide|determine(?= {_ASKS}\b)|state(?= {_ASKS}\b)|detail|set out|go into)\b"),
    _phrase(BETWEEN, "not t", rf"\b(?:did|does|do|would|could|can){_NOT_YET} (?:yet )?(?:give|provide|offer|name|set|indicate|mention|explain|put|state) (?:(?:any|an?|the|further|more|specific|exact|out|firm|full|precise) )*(?P<what>{_INFO})\b"),
    _phrase(AFTER, "not t", rf"\b(?:did|does|do|would|could|can){_NOT_YET} (?:yet )?(?:indicate|mention|explain|make clear|set out)(?= (?:exactly |precisely )?{_ASKS}\b)"),
    _phrase(AFTER, "know knows", rf"\b(?:do|does|did){_NOT_YET} yet know\b|\b(?:we|they|officials|experts|scientists|researchers|doctors|police|authorities) (?:still )?do{_NOT_YET} (?:currently |really )?know(?= (?:exactly )?{_ASKS}\b(?! to\b))"),
    _phrase(AFTER, "cannot", r"\bcannot (?:yet )?(?:say|confirm|disclose)\b"),
    _phrase(AFTER, "declined declines declining refused refuses refusing unable", r"\b(?:declin(?:ed|es|ing)|refus(?:ed|es|ing)|unable) to (?:say|specify|disclose|confirm|name|reveal|elaborate|put a figure)\b"),
    _phrase(BETWEEN, "declined declines declining refused refuses refusing unable", rf"\b(?:declin(?:ed|es|ing)|refus(?:ed|es|ing)|unable) to (?:give|provide|offer|share|release|publish) (?:(?:any|an?|the|its|their|further|more|specific|exact|full|precise) )*(?P<what>{_INFO}|names?|numbers?)\b"),
    # It gives no detail on ... There is no word yet on ... without saying when. Awaiting guidance on ...
    _phrase(BETWEEN, "no little few scant limited any", rf"\b(?:gives?|gave|given|giving|offers?|offered|offering|provid(?:es?|ed|ing)|contains?|sheds?|has|have|had|there (?:is|are|was|were)|there (?:has|have) been|with|carries|includes?) (?:as yet |still |currently |yet )?(?:no|little|few|scant|limited|only limited|not (?:yet )?any) {_QUALIFIED}(?P<what>(?:(?:closing|opening|starting|start|end) )?{_NEWS})\b(?!\s*-)"),
    _phrase(BETWEEN, "no", rf"\b(?:gives?|gave|given|giving|offers?|offered|offering|provid(?:es?|ed|ing)) (?:as yet |still |currently )?no {_QUALIFIED}(?P<what>reasons?|deadlines?|prices?|names?|schedule|time\s?frame|figures?|numbers?|sum|amount|venue|criteria|target)\b"),
    _phrase(AFTER, "limited little no scant", r"\b(?:limited|little|no|scant) (?:clarity|detail|details|information|word|certainty) (?:yet |so far )?(?:on|about|as to|regarding|over)\b"),
    _phrase(AFTER, "little nothing much", r"\b(?:(?:very )?little|not much|nothing) (?:is|was|has been) (?:yet |so far |currently )?(?:known|said|disclosed|revealed|published|announced|decided) (?:on|about|of|as to|regarding)\b"),
    _phrase(AFTER, "without", rf"\bwithout (?:yet )?(?:specifying|saying|disclosing(?= (?:the|its|his|her|their|any (?:details?|figures?)|{_ASKS})\b)|spelling out|elaborating|setting (?:an?|any|out)\b|naming|(?:giving|providing|offering)(?= (?:(?:any|an?|the|further|more|exact|specific|precise) )*(?:details?|dates?|timelines?|reasons?|figures?|breakdown|explanation|specifics|prices?|names?)\b))"),
    _phrase(AFTER, "await awaits awaiting waiting pending", rf"\b(?:awaits?|awaiting|waiting for|pending) (?:(?:further|more|official|final|a|an|the|formal) )*(?:{_INFO}|approval)\b"),
    _phrase(AFTER, "considering weighing deciding debating undecided unsure looking", rf"\b(?:is|are|was|were) (?:still )?(?:considering|weighing|deciding|debating|undecided|unsure|looking at)(?= (?:on |about )?{_ASKS}\b)"),
    _phrase(AFTER, "early soon", r"\btoo (?:early|soon) to (?:say|tell|know)\b"),
    _phrase(AFTER, "unclear uncertain undecided unknown not", rf"\b(?:unclear|uncertain|undecided|unknown|not (?:yet )?(?:clear|known|certain|decided))\b(?= (?:(?:is|are|was|were|remains?|yet|still|exactly|precisely|just) )*(?:{_ASKS}|on|about|over|as to|regarding)\b|:|\W*$)"),
    _phrase(AFTER, "nobody no neither", r"\b(?:nobody|no one|no-one|neither\b[^.]{0,60}) (?:has|have|knows|would|could|is) (?:yet )?(?:said|say|explained|announced|confirmed|published|released|disclosed|spelled out|knows?|able to say)\b"),
    _phrase(AFTER, "nobody no", rf"\b(?:nobody|no one|no-one) (?:yet |really )?knows(?= (?:exactly )?{_ASKS}\b)"),
    _phrase(AFTER, "uncertainty question questions word decision date detail details", r"\b(?:uncertainty|questions? remain(?:s|ed)?|open questions?|still no (?:word|decision|date|details?)) (?:on|about|over|as to|around|regarding)\b"),
    # We do not know yet how ... Nor do we know if ... Neither side knows yet what ... When, nobody can say.
    _phrase(AFTER, "know", rf"\b(?:we|they|officials|it is|i) (?:do|does)(?: not|n[’']t) (?:yet )?know(?: yet)?(?= {_ASKS}\b)"),
    _phrase(AFTER, "know", rf"\bnor (?:do|does|did) (?:we|they|{_WORD}|the {_WORD}) (?:yet )?know(?= {_ASKS}\b)"),
    _phrase(AFTER, "neither none", rf"\b(?:neither|none)(?: (?:of )?(?:the )?{_WORD}){{0,3}} knows?(?: yet)?(?= {_ASKS}\b)"),
    _phrase(AFTER, "nobody no", r"\b(?:nobody|no one|no-one) (?:can|could|will|would|is able to) (?:yet )?(?:say|tell|confirm)\b(?: yet)?"),
    _phrase(AFTER, "position", rf"\b{_NOT_YET} (?:yet )?in a position to (?:say|give|provide|announce|confirm|name|publish|share|set out|state)\b"),
    _phrase(AFTER, "decide rule determine", rf"\bwill (?:only |then |now )?(?:decide|rule|determine)\b(?: on| about)?(?= [^.;]*\b(?:after|once|later|{_ASKS})\b)"),
    _phrase(AFTER, "not t nor neither", rf"\b(?:(?:would|will|could|do|does|did){_NOT_YET}|nor would \w+|neither would) (?:comment|speculate|be drawn|put a (?:price|figure|date|number))\b(?: on)?"),
    _phrase(AFTER, "declined refused", r"\b(?:declined|refused) to (?:estimate|discuss|comment on|speculate|be drawn|go into|commit)\b(?: on| about| to)?"),
    _phrase(AFTER, "nothing", r"\bnothing (?:yet |more )?to (?:announce|say|report|share|add) (?:about|on)\b"),
    _phrase(BEFORE, "nothing", r"\bnothing (?:has been|has yet been|is|was) (?:yet )?(?:agreed|decided|settled|fixed|finali[sz]ed|signed|set)\b"),
    _phrase(BEFORE, "considered examined reviewed debated discussed looked", rf"\b(?:will|is to|are to) be (?:considered|examined|reviewed|debated|discussed|looked at) {_LATER}"),
    _phrase(BEFORE, "being", rf"\b{_BE} (?:still |now |currently )?being (?:looked at|looked into|prepared|examined|explored|hammered out|ironed out|thrashed out|thought about|consulted on)\b"),
    _phrase(POINTER, "not t", r"\b(?:ha(?:ve|s)(?: not|n[’']t)|[’']ve not) (?:yet )?(?:reached|got|taken|made|picked|chosen|decided on) one\b(?: yet)?"),
)  # fmt: skip
