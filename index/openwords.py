"""The words of which the phrases in `phrases.py` are built: verbs and nouns of disclosure, times, negations.

Each is a pattern for `compiled`, in which a space stands for any white space, or a table of verbs. A word belongs here by what it means
in any text; how words combine is the matter of `phrases.py`.
"""

import re
from collections.abc import Iterable


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of this file, or one built from them, ready for use."""
    return re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE)


def either(words: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(set(words), key=len, reverse=True)) + ")"


# --- words -------------------------------------------------------------------------------------------------------

# Verbs of disclosure, with their participles. Negated, each of these alone says that something is not on record.
STRONG = {
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
    "resolve": "resolved", "lay down": "laid down", "study": "studied", "assess": "assessed",
    "evaluate": "evaluated", "investigate": "investigated", "pinpoint": "pinpointed", "comment on": "commented on",
    "communicate": "communicated", "divulge": "divulged", "make up": "made up", "flesh out": "fleshed out",
    "iron out": "ironed out", "ascertain": "ascertained", "put a price": "put a price",
}  # fmt: skip
# These say it only with "yet" or "still" beside them, or of information: "no date has been set".
WEAK = {
    "agree": "agreed", "issue": "issued", "give": "given", "provide": "provided", "outline": "outlined",
    "share": "shared", "make": "made", "take": "taken", "reach": "reached", "approve": "approved", "adopt": "adopted",
    "offer": "offered", "make available": "made available", "complete": "completed", "put forward": "put forward",
    "award": "awarded", "sign": "signed", "indicate": "indicated", "receive": "received", "put": "put",
    "draft": "drafted", "write": "written", "find": "found", "design": "designed", "develop": "developed",
    "consult on": "consulted on", "vote on": "voted on", "sign off": "signed off", "lay": "laid", "table": "tabled",
    "answer": "answered", "address": "addressed", "calculate": "calculated", "arrange": "arranged",
    "negotiate": "negotiated", "ratify": "ratified", "tell": "told", "hear": "heard", "report": "reported",
    "thrash out": "thrashed out", "hammer out": "hammered out", "prepare": "prepared", "deliver": "delivered",
    "understand": "understood", "consider": "considered", "produce": "produced", "work through": "worked through",
}  # fmt: skip
# What has not been found may not be there: "no faults have been identified" is a finding.
FINDINGS = {
    "identified", "established", "investigated", "assessed", "evaluated", "studied", "resolved", "confirmed",
    "pinpointed", "ascertained",
}  # fmt: skip
# "Was not chosen" tells of the one who was not, "has not been chosen" of a choice to come.
CHOICES = {"selected", "chosen", "picked", "appointed", "allocated"}

STRONG_PP, STRONG_BASE = either(STRONG.values()), either(STRONG)
ANY_PP, ANY_BASE = either([*STRONG.values(), *WEAK.values()]), either([*STRONG, *WEAK])
STATED_PP = either(set(STRONG.values()) - FINDINGS - CHOICES | {"resolved", "confirmed", "understood", "addressed"})
PASSIVE_PP = either([*STRONG.values(), "agreed", "made available"])
NONE_PP = either([*(set(STRONG.values()) - FINDINGS), r"(?<!been\s)confirmed"])
ISSUED_PP = (
    "(?:announced|published|released|confirmed|decided|determined|set out|finali[sz]ed|made public|clarified|disclosed|"
    "fixed|specified|unveiled|settled|shared|communicated|agreed|revealed)"
)
ISSUED = (
    "announced published released confirmed decided determined out finalised finalized public clarified disclosed fixed "
    "specified unveiled settled shared communicated agreed revealed"
)
SETTLED_PP = "(?:worked out|thrashed out|hammered out|ironed out|negotiated|drawn up|drafted|finali[sz]ed|spelled out)"
SETTLED = "worked thrashed hammered ironed negotiated drawn drafted finalised finalized spelled"
# Work at a decision: "is being weighed", "is still deciding".
WORKED = {
    "considering": "considered", "discussing": "discussed", "negotiating": "negotiated", "finalising": "finalised",
    "finalizing": "finalized", "working out": "worked out", "reviewing": "reviewed", "deciding": "decided",
    "drawing up": "drawn up", "debating": "debated", "weighing": "weighed", "determining": "determined",
    "looking at": "looked at", "looking into": "looked into", "examining": "examined", "exploring": "explored",
    "hammering out": "hammered out", "ironing out": "ironed out", "thrashing out": "thrashed out",
    "thinking about": "thought about", "consulting on": "consulted on", "drafting": "drafted",
    "preparing": "prepared", "assessing": "assessed", "defining": "defined", "settling": "settled",
}  # fmt: skip
# Of these a thing may be the object as well as a decision: "is being studied" says it only with "still".
LABOURED = {
    "studying": "studied", "developing": "developed", "writing": "written", "investigating": "investigated",
    "calculating": "calculated", "choosing": "chosen", "testing": "tested", "designing": "designed",
    "selecting": "selected", "evaluating": "evaluated",
}  # fmt: skip

# --- nouns -------------------------------------------------------------------------------------------------------

WORD = r"[\w’'-]+"
INFO = (
    r"(?:details?|dates?|timelines?|timetables?|time\s?frames?|timescales?|decisions?|information|figures?|guidance|"
    "deadlines?|announcement|list|schedule|explanation|clarity|word|indication|estimates?|prices?|plans?|rules?|criteria|"
    "breakdown|confirmation|specifics|particulars|start|commitment|conclusion|agreement|statement|answer|target|"
    "number|budget|sum|amount|venue|location|successor|name|reasons?|causes?|motives?|procedures?|terms|text|version|documents?|"
    "site|recommendations?|contractor|supplier|operator|candidate|buyer|partner|rate|threshold|fee|cap|limit)"
)
# What a text gives or lacks as a report does. That there is no fee, no limit or no deadline is a fact like any other.
NEWS = (
    "(?:details?|clarity|information|guidance|word|indication|explanation|particulars|specifics|light|timetable|"
    "timeline|timescale|time\\s?frame|figures?|breakdown|estimates?|date|decision|confirmation|announcement|clue|hint|news|"
    "agreement|consensus|certainty)"
)
# What is drawn up before it comes out, and what is settled by someone's word.
PAPER = (
    "(?:details?|particulars|specifics|information|guidance|guidelines|rules?|regulations?|criteria|terms|instructions|"
    "announcement|decision|ruling|verdict|list|report|findings|results|response|proposals?|draft|standards?|timetable|"
    "schedule|strategy|syllabus|code|figures|estimates?|plans?|policy|legislation|procedures?|framework|methodology|"
    "form|text|statement|recommendations?|update|arrangements|more)"
)
AWAITED = (
    "(?:details?|particulars|specifics|information|decisions?|announcements?|rulings?|verdict|findings|results|response|"
    "guidance|regulations|legislation|figures|recommendations|report|answers?|update|more)"
)
SECRET = (
    "(?:prices?|costs?|number|amount|sum|terms|value|location|identity|names?|size|figures?|budget|fee|rate|details?|"
    "address|contents?|results?|whereabouts|route|text|position)"
)
MATTERS = "(?:questions?|issues?|matters?|points?|details?|aspects?|things|items|terms|problems?)"
PROCESS = (
    "(?:consultation|review|negotiations?|talks|discussions?|inquiry|stud(?:y|ies)|survey|evaluation|trial|pilot|"
    "(?:secondary |further )?legislation|regulations|guidance|white paper|spending review|ballot|tender|hearing|phase|"
    "stage|decree|order|by-?laws?|another day)"
)
QUALIFIED = (
    "(?:(?:further|more|official|specific|final|firm|exact|public|precise|other|additional|published|new|clear|"
    "concrete|immediate|formal|confirmed|definite|definitive|agreed|fixed|set) )*"
)
DET = "(?:(?:any|an?|the|its|their|his|her|our|that|this|some|further|later|separate|future|formal|ongoing) )*"
# "Details of the bursary", "a decision on lowering the voting age"
OF_IT = rf"(?: (?:of|on|about|for|in|behind|over|regarding|as to|to|from|setting out|agreed|paid|involved)(?: {WORD}){{0,10}}?)?"
ASKS = "(?:whether|how|when|what|which|who|whom|whose|where|why|if)"
# A question as an object. "How to apply" is known to be known.
A_QUESTION = rf"(?= (?:(?:exactly|precisely|just|for|by|from|at|in|to|on|about|of) )*{ASKS}\b(?! to\b))"

# "No information on parking", not "no information desk"
NO_NOUN = (
    r"(?= (?:on|about|of|for|as to|regarding|over|around|in|at|from|by|among|and|or|but|so|yet|still|with|available|that|"
    rf"{ASKS})\b|\W*$|[,.;:)”\"])"
)

# --- time --------------------------------------------------------------------------------------------------------

MONTHS = (
    "(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
)
TIME = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTHS}|\d{{1,2}}(?:[:.]\d\d)? ?(?:am\b|pm\b|[ap]\.m\.|o[’']clock)|"
    rf"\d{{4}}\b|\d+ (?:days|weeks|months|years)\b|{MONTHS}|(?:spring|summer|autumn|fall|winter|week|month|quarter|year|term|end|start|beginning|middle|"
    "coming|following|next|near|future|new year|weeks|months|days|press|meeting|session|conference|budget|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|christmas|easter|midnight|noon|order|decree|regulations?|ordinance|"
    r"statute|law)\b)"
)
BODY = (
    r"(?:ministry|minister|council|board|committee|authorit\w+|government|commission\w*|regulators?|departments?|"
    r"agenc\w+|courts?|parliament|cabinet|president|secretary|director|embass\w+|offices?|trustees)\b"
)
AT_A_TIME = (
    r"(?:at|by|in|on|over|within|during|from|towards|before) (?:(?:the|an?|early|late|mid|its|their|later|around|about)[\s-]+)*"
    rf"{TIME}"
)
LATER = (
    "(?:later|in due course|in good time|in advance|separately|shortly|soon|next|once|after|following|when|before|"
    rf"as soon as|ahead|closer|nearer|this|to come|{AT_A_TIME}|at a later|by (?:\w+ ){{0,4}}{BODY}|"
    rf"(?:in|by|through|during|following|as part of) {DET}(?:\w+ ){{0,2}}?{PROCESS}\b)"
)
# The same, anywhere in what follows; not of what happens time and again.
ONCE = r"(?![^.;]*\b(?:every|each|annual\w*|regularly|monthly|weekly|yearly|daily|your)\b)"
SOON = (
    rf"{ONCE}"
    r"(?=[^.;]{0,90}\b(?:later|in due course|in good time|shortly|soon|separately|nearer|closer to|when (?:it|they|we)|"
    rf"once|as soon as|next \w+|before the|this (?:week|month|year|spring|summer|autumn|fall|winter)|{AT_A_TIME})\b)"
)
NOW = (
    "(?:yet|still|now|currently|so far|as yet|to date|thus far|until now|at (?:this|the present|the current) "
    "(?:stage|point|time|moment)|at present|at the moment|(?:just )?for now|for the moment|for the time being|"
    "immediately|presently)"
)

# --- negation ----------------------------------------------------------------------------------------------------

BE = "(?:is|are|was|were|be|been|being|[’']s|[’']re)"
HAVE = "(?:has|have|had|[’']s|[’']ve|[’']d)"
BARE_NOT = rf"(?:(?: (?:{NOW}|also))* not|n[’']t)"
NOT = rf"(?:(?: (?:{NOW}|also))* (?:not|never)|n[’']t)"
ADVERB = rf"(?:,? (?:\w+ly|{NOW}|been|be|being|also|even|ever),?)*"
NEGATION = "not never t"
NOBODY = rf"(?:nobody|no one|no-one|none(?= of))(?: {WORD}){{0,5}}?"
# Not to be able, or willing, to say
UNABLE = (
    rf"(?:(?:could|would|did){BARE_NOT}|won[’']t|will not|(?:is|are|was|were|be|been|[’']m|[’']re){BARE_NOT}{ADVERB} "
    rf"(?:able|in a position|possible|ready|prepared|willing) to|(?:unable|impossible) to|not{ADVERB} (?:able|in a "
    rf"position|possible|ready|prepared) to|(?:declin(?:e|es|ed|ing)|refus(?:e|es|ed|ing)) to)"
)
UNABLE_NEEDS = "not t unable impossible decline declines declined declining refuse refuses refused refusing"
# What is said is a clause, a matter, or nothing: nobody who "did not say goodbye" leaves anything open.
SPEECH = (
    rf"(?= (?:(?:{NOW}|much|more|anything|exactly|precisely|publicly|just|any|further) )*(?:(?:for|by|from|at|in|to|with|"
    rf"under|of|on) )?(?:{ASKS}|on|about|over|regarding|as to)\b|(?: (?:{NOW}|more|anything))*(?:\W*$|[,.;:”\"]))"
)
ANSWER = (
    rf"(?:say{SPEECH}|tell(?: (?!that\b|your\b){WORD}){{0,3}}?{A_QUESTION}|specify|clarify|elaborate|spell out|estimate|quantify|"
    rf"put an? (?:figure|price|number|date)|(?:state|explain|indicate|mention|make clear|fix|settle|define|prescribe|predict|(?<!did\snot\s)(?<!didn[’']t\s)know|judge|"
    rf"decide|determine|discuss|speculate)(?: {NOW})*{A_QUESTION})"
)
DISCLOSE = r"(?:name(?![^.;]* after\b)|identify(?! any\b)|disclose|reveal|confirm|set out(?! to)|go into|divulge|detail|be drawn|comment on|speculate|commit to(?! one\b))"
STATE = (
    rf"(?:say{SPEECH}|name(?= (?:the|its|any|an?)\b)|specify|clarify|elaborate|spell out|define|quantify|detail|go into|"
    rf"(?:disclose|reveal)(?= (?:the|its|their|his|her|{ASKS})\b)|confirm{A_QUESTION}|set out(?! to\b)|"
    rf"(?:state|explain|indicate|mention|make clear|address|cover|deal with|touch on|discuss|prescribe|fix|lay down){A_QUESTION})"
)
OPEN_WORDS = (
    "(?:unclear|unknown|undecided|uncertain|unspecified|undisclosed|unconfirmed|undetermined|unresolved|unpublished|"
    "unreleased|unannounced|unsettled|undefined|vague|in doubt|up in the air|(?:an?|the|one) (?:open|unanswered|unresolved|outstanding) (?:question|issue)|"
    "open questions?|(?:under|the subject of|up for) (?:(?:further|ongoing|the|active|continuing) )*"
    "(?:review|consideration|discussions?|negotiations?|consultation|study|debate|talks|assessment)|"
    "subject to (?:(?:further|ongoing|the) )*(?:consultation|negotiations?|discussions?|confirmation|talks)|to be confirmed|"
    "to be decided|to be determined|to be announced|pending|tbc|tbd|tba|not final(?! until)|a mystery|a puzzle|"
    "provisional(?! (?:licen[cs]e|member)\\w*)|tentative|in draft|murky|unanswered|unquantified|"
    "uncosted|(?:anyone|anybody)[’']s guess|a work in progress|a sticking point|poorly understood|"
    "(?:in|under) (?:development|preparation)|in the works|out (?:for|to) consultation)"
)
OPEN = (
    "unclear unknown undecided uncertain unspecified undisclosed unconfirmed undetermined unresolved unpublished "
    "unreleased unannounced unsettled undefined vague doubt air open review consideration discussion discussions "
    "negotiation negotiations consultation study debate talks assessment confirmation confirmed decided determined announced pending "
    "tbc tbd tba final outstanding mystery puzzle provisional tentative draft murky unanswered unquantified uncosted guess progress "
    "sticking understood development preparation works"
)
