"""The ways in which English says that something is not released, confirmed, decided or known.

A table for `unreleased.py`: each phrase with the side on which the thing that is open stands. The
phrases stand by how they are built, out of the words in `openwords.py`, so that a new word serves every construction;
a space stands for any white space. General English only, learnt from no corpus.
"""

import re
from dataclasses import dataclass

from index.openwords import (
    A_QUESTION,
    ADVERB,
    ANSWER,
    ANY_BASE,
    ANY_PP,
    ASKS,
    AT_A_TIME,
    AWAITED,
    BARE_NOT,
    BE,
    BODY,
    DET,
    DISCLOSE,
    HAVE,
    INFO,
    ISSUED,
    ISSUED_PP,
    LABOURED,
    LATER,
    MATTERS,
    NEGATION,
    NEWS,
    NO_NOUN,
    NOBODY,
    NONE_PP,
    NOT,
    NOW,
    OF_IT,
    ONCE,
    OPEN,
    OPEN_WORDS,
    PAPER,
    PASSIVE_PP,
    PROCESS,
    QUALIFIED,
    SECRET,
    SETTLED,
    SETTLED_PP,
    SOON,
    SPEECH,
    STATE,
    STATED_PP,
    STRONG_BASE,
    STRONG_PP,
    UNABLE,
    UNABLE_NEEDS,
    WORD,
    WORKED,
    compiled,
    either,
)

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
    return Phrase(side, frozenset(needs.split()), compiled(pattern))


# --- phrases -----------------------------------------------------------------------------------------------------

# In order of trust: where two overlap, the first counts.
PHRASES = (
    # No date has been set for the launch. Neither the fee nor the form has been published. Nor have the terms been agreed.
    _phrase(BETWEEN, "no", rf"\bno (?P<what>(?:{WORD} ){{0,6}}?{INFO}) (?:{HAVE}|{BE}|can){ADVERB} {ANY_PP}\b"),
    _phrase(WITHIN, "no", rf"\bno (?:further |more |other )*(?P<what>{NEWS}(?: (?:of|on|about|for)(?: {WORD}){{1,7}}?)?) (?:{HAVE} been|{BE}){ADVERB} (?:available|forthcoming|given|provided|released|published|disclosed)\b"),
    _phrase(BETWEEN, "exist exists", rf"\bno {QUALIFIED}(?P<what>{INFO}) (?:{NOW} )?exists?\b"),
    _phrase(BETWEEN, "no none", rf"\bno(?:ne of)? (?P<what>(?:{WORD} ){{0,6}}?{WORD}) {HAVE}{ADVERB} {NONE_PP}\b"),
    _phrase(BETWEEN, "little few scant limited", rf"\b(?:(?:very|relatively) )?(?:little|few|scant|limited) {QUALIFIED}(?P<what>{NEWS}) (?:{HAVE}|{BE}){ADVERB} (?:{ANY_PP}|available|known)\b"),
    _phrase(BETWEEN, "no", rf"\b(?:with|and) no {QUALIFIED}(?P<what>{NEWS}) (?:yet )?(?:given|set|announced|fixed|provided|available|in sight)\b"),
    _phrase(WITHIN, "neither", rf"\bneither (?P<what>[^,;.]{{1,80}}? nor [^,;.]{{1,80}}?) (?:{HAVE}|{BE}){ADVERB} (?:{PASSIVE_PP}|known|clear|certain)\b"),
    _phrase(WITHIN, "nor neither", rf"\bn(?:or|either) (?:{HAVE}|{BE}) (?P<what>[^,;.]{{1,120}}?){ADVERB} {ANY_PP}\b"),
    # Still undecided is the fare. Among the points yet to be settled are ... The key unknown is ... What is not known is ...
    _phrase(AFTER, f"{OPEN} {NEGATION} yet remain still", rf"(?:^\W*|[.;:] |\b(?:and|but) )(?:(?:also|still|equally|less|as|just as|most) )*(?:{OPEN_WORDS}|(?:yet|still|not yet) to be {ANY_PP}|not (?:yet )?(?:{ANY_PP}|clear|known|certain)) (?:is|are|was|were|remains?)\b"),
    _phrase(AFTER, "among one", rf"\b(?:among|one of) the (?:{WORD} )?{MATTERS} (?:that (?:are|is|have) )?(?:(?:still|yet) to be {ANY_PP}|(?:still |as yet )?(?:open|outstanding|undecided|unanswered|unresolved))(?: {WORD}){{0,3}}? (?:is|are|remains?)\b"),
    _phrase(BEFORE, "among one", rf"\b(?:is|are|remains?) (?:among|one of) the (?:{WORD} )?{MATTERS} (?:that (?:are|is|have) )?(?:(?:still|yet|left) to be {ANY_PP}|(?:still |as yet )?(?:open|outstanding|undecided|unanswered|unresolved))\b"),
    _phrase(AFTER, "open unanswered unresolved outstanding unknown", rf"\b(?:open|unanswered|unresolved|outstanding) (?:question|issue|point|matter)(?: {WORD}){{0,3}}? (?:is|are|remains?|concerns?)\b|\bunknown(?: {WORD}){{0,3}}? (?:is|are|remains?)\b(?= (?:the|{ASKS}|its|their|an?)\b)"),
    _phrase(AFTER, f"{OPEN} {NEGATION}", rf"\bwhat (?:(?:{WORD} ){{1,3}}?(?:do|does){NOT} (?:yet )?know|(?:is|remains|are){ADVERB} (?:{OPEN_WORDS}|not (?:yet )?(?:clear|known|certain|{ANY_PP}))|(?:{HAVE}|is){NOT}{ADVERB} (?:{ANY_PP}|clear|known|certain))(?: {NOW})? is\b"),
    _phrase(BEFORE, "question questions issue issues matter matters point points", rf"\b(?:is|are|remains?) (?:an? |the |still )*(?:question|issue|matter|point)s?(?: (?:that|which))?(?: {WORD}){{1,4}}? {UNABLE}{ADVERB} (?:answer|address|discuss|comment on|resolve|settle)\b"),
    # The fee has not been set. It is not clear whether ... The venue is yet to be chosen. The list is still to come.
    _phrase(BEFORE, NEGATION, rf"\b{HAVE}{NOT}{ADVERB} been{ADVERB} {PASSIVE_PP}\b"),
    _phrase(BEFORE, NEGATION, rf"\b{HAVE}(?:{NOT} yet|(?: still| as yet| so far) not){ADVERB} been{ADVERB} {ANY_PP}\b|\b{HAVE}{NOT} been{ADVERB} {ANY_PP}\b(?=[^.;:,]{{0,40}} yet\b)"),
    _phrase(BEFORE, NEGATION, rf"\b{INFO}{OF_IT} (?P<says>{HAVE}{NOT}{ADVERB} been{ADVERB} {ANY_PP})\b"),
    _phrase(BEFORE, NEGATION, rf"\b{PAPER}(?: {WORD}){{0,10}}? (?P<says>{HAVE}{NOT}{ADVERB} (?:appeared|emerged|come out|materiali[sz]ed)|{BE}{NOT} (?:yet )?ready(?: yet)?)\b"),
    _phrase(BEFORE, NEGATION, rf"\b{BE}{NOT}{ADVERB} (?:{STATED_PP}|known(?! (?:for(?! (?:certain|sure))|as|to)\b)|clear|certain|public|final(?! until)|on record|decided)\b|\b{BE}{NOT} (?:available|out|in print|online)(?: {NOW}| at the time of (?:writing|publication))|\b{BE}{NOT} (?:yet|currently|immediately) (?:publicly )?(?:available|out|in print|online)\b"),
    _phrase(BEFORE, NEGATION, rf"\b{BE}{NOT} yet {ANY_PP}\b"),
    _phrase(BEFORE, "not t", rf"\b(?:will not|won[’']t) be{ADVERB} (?:known|clear|certain|{ISSUED_PP}) (?:until|before|for (?:some|several|a few|at least))\b"),
    _phrase(BEFORE, "yet", rf"\b(?:{BE}|{HAVE}|remains?|remained) (?:as |still )?yet to be (?!seen\b){ANY_PP}\b"),
    _phrase(BEFORE, "yet", r"\b(?:has|have|is|are) yet to (?:emerge|appear|come out|be seen in print)\b"),
    _phrase(BEFORE, "remain remains remained still left", rf"\b(?:(?:{HAVE}|{BE}) )?(?:remains?|remained|still|left) (?:still )?to be (?!seen\b){ANY_PP}\b"),
    _phrase(BEFORE, "announced confirmed decided determined agreed fixed settled clarified finalised finalized", r"\b(?:needs?|are|is) to be (?:announced|confirmed|decided|determined|agreed|fixed|settled|clarified|finali[sz]ed|worked out)\b(?! (?:in writing|by|within|on|before|between|annually|every|each|only)\b)"),
    _phrase(BEFORE, ISSUED, rf"\b(?:is|are|was|were) to be {ISSUED_PP} (?=later|in due course|shortly|soon|separately|{AT_A_TIME})"),
    _phrase(BEFORE, "expected due scheduled likely", rf"\b(?:is|are|was|were)(?: still| not)? (?:expected|due|scheduled|likely) to be (?!released)(?:{ISSUED_PP}|set|named|chosen)\b"),
    _phrase(AFTER, "leave leaves left leaving", rf"\b(?:left|leaves?|leaving) (?:it )?open (?:the )?(?:(?:questions?|issues?|matter)(?: of| about| as to)?|(?={ASKS}\b))"),
    _phrase(WITHIN, "leave leaves left leaving", rf"\b(?:leaves?|left|leaving) (?P<what>[^,;.]{{3,80}}?) (?:to|for) {DET}(?:\w+ )?{PROCESS}\b"),
    _phrase(BEFORE, "left leave leaves leaving", rf"\b(?:is|are|was|were|been|be|has|have|had) (?:being )?left (?:open )?(?:to|for) {DET}(?:\w+ )?{PROCESS}\b"),
    _phrase(BEFORE, "open", rf"\b(?:{INFO}|{MATTERS}){OF_IT} (?P<says>(?:remains?|is still|are still|was left|were left|has been left) (?:wide )?open)\b(?! (?:to|for|until|on|from|at|all)\b)"),
    _phrase(BEFORE, "outstanding", rf"\b{MATTERS} (?P<says>(?:remains?|is|are) (?:still )?outstanding)\b"),
    _phrase(BEFORE, OPEN, rf"\b(?:{BE}|remains?|remained|stays?|still|left|leaves?|leaving) (?:(?:still|largely|as yet|yet|very much|currently) )*{OPEN_WORDS}(?!\w)"),
    # The fare is being reviewed. Guidance is being written. The rate will depend on the outcome of the talks.
    _phrase(BEFORE, "being", rf"\b{BE} (?:(?:still|currently|now|yet) )*being (?:\w+ly )?{either(WORKED.values())}\b"),
    _phrase(BEFORE, "being", rf"\b{BE} (?:still|yet) being (?:\w+ly )?{either(LABOURED.values())}\b"),
    _phrase(BEFORE, "being", rf"\b{PAPER}{OF_IT} (?P<says>{BE} (?:(?:still|currently|now) )*being (?:\w+ly )?{either([*LABOURED.values(), 'produced', 'put together', 'updated'])})\b"),
    _phrase(BEFORE, "investigation investigated", rf"\b(?:causes?|circumstances|reasons?|motives?)(?: (?:of|for|behind|in)(?: {WORD}){{1,8}}?)? (?P<says>(?:is|are|remains?)(?: still)? (?:being investigated|under investigation))\b"),
    _phrase(BEFORE, "depend depends", rf"\b(?:will|would) depend (?:up)?on {DET}(?:\w+ )?(?:outcome|results?|findings|{PROCESS})\b"),
    _phrase(BEFORE, "awaited", rf"\b{BE} (?:still |eagerly |anxiously )?awaited\b"),
    _phrase(BEFORE, "talks negotiations discussions consultation consultations deliberations", r"\b(?:talks|negotiations|discussions|consultations?|deliberations) (?:on|about|over)(?P<topic>(?: [\w’'-]+){1,10}?) (?P<says>continues?|(?:is|are|remains?) (?:still )?(?:continuing|ongoing|under\s*way|going on)|(?:have|has)(?: not|n[’']t) (?:yet )?(?:concluded|finished|ended))\b"),
    _phrase(BEFORE, "work", rf"\bwork on (?:{WORD} ){{0,5}}?{PAPER}{OF_IT} (?P<says>(?:is|remains?) (?:still )?(?:continuing|ongoing|under\s*way|going on)|continues)\b"),
    _phrase(AFTER, "work tests test research study studies talks evidence analysis investigation data", r"\b(?:work|tests?|research|stud(?:y|ies)|talks|evidence|analysis|investigation|data) (?:(?:is|are|remains?|has|have) )?(?:still )?(?:needed|required|ongoing|continuing|continues|under\s*way|going on|started|begun) to (?:decide|determine|establish|define|agree|clarify|work out|understand|identify|finali[sz]e|settle|draw up|know|draft)\b"),
    # The winner will be named in May. Penalties will be considered in the consultation. A ruling is not expected before June.
    _phrase(BEFORE, f"{ISSUED} {SETTLED}", rf"\b(?:will|would) (?:only )?be (?:{ISSUED_PP}|{SETTLED_PP}) {LATER}{ONCE}"),
    _phrase(BEFORE, "issued laid set given provided circulated sent prescribed made drawn appointed chosen named selected picked", r"\b(?:will|is to|are to|shall) (?:only )?be (?:issued|laid down|set|given|provided|circulated|sent out|prescribed|made available|drawn up|appointed|chosen|named|selected|picked) (?:later|in due course|separately|at a later|shortly|soon|in good time|nearer|closer to|(?:by|in|through|under) (?:secondary |further )?(?:order|decree|regulations?|ordinance|statute|legislation))\b"),
    _phrase(BEFORE, "appointed chosen named selected picked", rf"\bwill (?:only )?be (?:appointed|chosen|named|selected|picked) {AT_A_TIME}"),
    _phrase(BEFORE, "considered examined reviewed debated discussed looked addressed covered revisited", rf"\b(?:will|is to|are to) be (?:considered|examined|reviewed|debated|discussed|looked at|addressed|covered|revisited) {LATER}"),
    _phrase(BEFORE, "available", rf"\b(?:{PAPER}|{INFO}){OF_IT} (?P<says>will be (?:made )?available {LATER}){ONCE}"),
    _phrase(BEFORE, "expected come follow forthcoming coming", rf"\b{PAPER}{OF_IT} (?P<says>(?:is|are)(?: still| not| now)? (?:expected(?! to)|to come|to follow|forthcoming|coming(?= (?:soon|shortly|later|next)))|will (?:follow|come)(?=\W*$|,| (?:later|soon|shortly|separately|in due course|nearer|{AT_A_TIME})))\b"),
    _phrase(BEFORE, "due imminent", rf"\b{AWAITED}{OF_IT} (?P<says>(?:is|are)(?: still| not| now)? (?:due(?! (?:to|for)\b)|imminent))\b"),
    _phrase(AFTER, "publish announce release confirm set decide issue reveal share unveil disclose provide give outline name publishing announcing releasing confirming setting issuing sharing unveiling", rf"(?:\bwill|[’']ll|\bshall|\b(?:is|are) (?:expected|due|set|scheduled|likely) to) (?:\w+ly )?(?:be (?:publishing|announcing|releasing|confirming|setting out|issuing|sharing|unveiling)|publish|announce|release|confirm|set out|decide(?: on)?|issue|reveal|share|unveil|disclose|provide|give|outline|name)\b{SOON}"),
    _phrase(AFTER, "make take reach give issue", rf"(?:\bwill|[’']ll|\b(?:is|are) (?:expected|due|set|scheduled) to) (?:make|take|reach|give|issue) (?:an?|its|their|the) (?:\w+ )?(?:decision|ruling|announcement|verdict|recommendation)\b(?: (?:on|about))?{SOON}"),
    _phrase(BEFORE, "made given taken delivered", rf"\b(?:decisions?|announcements?|rulings?|recommendations?){OF_IT} (?P<says>will (?:only )?be (?:made|given|taken|delivered) {LATER}){ONCE}"),
    _phrase(WITHIN, "before", rf"\b(?:could|may|might|will) be (?:(?:some|several|many|another) )*(?:time|days|weeks|months|years) before (?P<what>[^,;.]{{3,60}}?) (?:is|are) (?:known|clear|{ISSUED_PP})\b"),
    _phrase(BEFORE, "away off", rf"\b{AWAITED}{OF_IT} (?P<says>(?:is|are) (?:still |at least )?(?:(?:some|several|many|a few) )?(?:way|time|days|weeks|months|years) (?:away|off))\b"),
    _phrase(WITHIN, "updated", rf"\bwill be updated (?:when|once|as soon as) (?P<what>[^,;.]{{3,60}}?) (?:{BE}|{HAVE} been|become) (?:{ANY_PP}|known|available|clear|final)\b"),
    _phrase(AFTER, "update publish add say share", rf"\b(?:update|publish|add|say|share) (?:{WORD} ){{0,3}}?(?:when|once|as soon as) we (?:know|have) more\b(?: (?:on|about))?"),
    _phrase(AFTER, "expect expects expected plan plans planned intend intends hope hopes promise promises promised aim aims", r"\b(?:expects?|plans?|intends?|hopes?|promises?|promised|aims?) to (?:be able to )?(?:publish|announce|release|decide(?: on)?|confirm|set out|finali[sz]e|reveal|issue (?:guidance|details))\b"),
    _phrase(AFTER, "let tell inform update more", rf"(?:\bwill|[’']ll) (?:let (?:{WORD} ){{1,4}}?know|tell (?:{WORD} ){{1,3}}?(?=more|about|{ASKS})|inform (?:{WORD} ){{1,3}}?|update (?:{WORD} ){{1,3}}?|have more to say)\b(?: (?:on|about|of|regarding))?(?= ){SOON}"),
    _phrase(AFTER, "decide rule determine", rf"\bwill (?:only |then |now )?(?:decide|rule|determine)\b(?: on| about)?(?= [^.;]*\b(?:after|once|later|{ASKS})\b)"),
    _phrase(AFTER, "off postponed deferred delayed shelved", r"\b(?:put off|postponed|deferred|delayed|shelved) (?:(?:an?|the|its|any|their|final) )*(?:decisions?|judge?ments?|questions?|announcements?|rulings?|votes?|matter)\b"),
    _phrase(BEFORE, "off postponed deferred delayed shelved", rf"\b(?:decisions?|announcements?|rulings?|votes?|publication){OF_IT} (?P<says>(?:has|have|had|was|were|is) (?:been )?(?:put off|postponed|deferred|delayed|shelved))\b"),
    _phrase(BEFORE, "matter question one something", r"\b(?:is|are|remains?|was|were) (?:still )?(?:a (?:matter|question)|one|something) for (?:(?:(?:a|the) )?(?:later|future|further|next|separate)|another (?:day|time|meeting))\b"),
    # Ticket prices: to be confirmed. Start date: TBC. Overseas students: not yet set.
    _phrase(BEFORE, "tba tbc tbd", r"\bTB[ACD]\b"),
    _phrase(BEFORE, "announced confirmed determined decided", r"(?:^|(?<=[,:;(|–—])|(?<=[,:;(|–—]\s)|(?<=\s-\s))to be (?:announced|confirmed|determined|decided)\b|\bto be (?:announced|confirmed|determined|decided)(?=\W*$|\)| (?:later|at a later|in due course)\b)"),
    _phrase(BEFORE, "not", r"(?:(?<=[:;(—–|])|(?<=[:;(—–|]\s))not (?:yet (?:set|known|decided|available|published|fixed|agreed|announced|confirmed|released|determined|final|finali[sz]ed|open|public|specified))\b"),
    _phrase(BEFORE, "still", rf"(?:(?<=[:;(—–|])|(?<=[:;(—–|]\s))(?:\w+ )?still (?:{OPEN_WORDS}|to (?:come|follow))(?!\w)"),
    # The council has not confirmed the route. The court has yet to rule on ... The board did not say how ...
    _phrase(AFTER, "not t", rf"(?:\bha(?:ve|s|d)|[’']ve|\bdo|\bdoes){BARE_NOT}{ADVERB} (?:have|come to|got|reached|made up|taken|formed|made) (?:(?:an|a|any|the|their|its|our|his|her|final|firm) )*(?:answers?|views?|decisions?|conclusions?|positions?|minds?|agreement|consensus|deal|verdict)\b(?: yet)?"),
    _phrase(AFTER, NEGATION, rf"\b{HAVE}{NOT}{ADVERB} (?:{STRONG_PP}|said{SPEECH}|put a)\b"),
    _phrase(AFTER, NEGATION, rf"\b{HAVE}{NOT} yet(?: \w+ly)? {ANY_PP}\b"),
    _phrase(AFTER, NEGATION, rf"\b{HAVE}{NOT}{ADVERB} {ANY_PP} (?:(?:any|an?|the|further|more|official|its|their|his|her) ){{0,3}}(?:{WORD} )?{INFO}\b"),
    _phrase(WITHIN, NEGATION, rf"\b{HAVE}{NOT}{ADVERB} made (?P<what>(?:{WORD} ){{1,6}}?)(?:public|available|clear)\b"),
    _phrase(AFTER, NEGATION, rf"\b{HAVE}{NOT}{ADVERB} been{ADVERB} (?:told|informed|notified){A_QUESTION}"),
    _phrase(AFTER, "yet", rf"\b(?:{HAVE}|{BE}) (?:as |still )?yet to (?!be\b){ANY_BASE}\b"),
    _phrase(AFTER, "yet", rf"\byet to (?!be\b){STRONG_BASE}\b"),
    _phrase(BETWEEN, f"{UNABLE_NEEDS} cannot do does", rf"\b(?:{UNABLE}|can(?:not|[’']t)|(?:do|does){BARE_NOT}){ADVERB} (?:give|provide|offer|promise|share|release|publish|name|set|indicate|mention|put|state|explain) {DET}{QUALIFIED}(?:(?!you\b){WORD} )?(?P<what>{INFO}|names?|numbers?)\b"),
    _phrase(AFTER, UNABLE_NEEDS, rf"\b{UNABLE}{ADVERB} (?:{ANSWER}|{DISCLOSE}\b)"),
    _phrase(AFTER, "cannot can", rf"\bcan(?:not| not|[’']t){ADVERB} (?:{ANSWER}|{DISCLOSE}{A_QUESTION}|(?:{DISCLOSE}|share|give|provide|name|set|publish|release|announce|promise)\b(?=[^.;]{{0,60}} {NOW}))"),
    _phrase(AFTER, "cannot can", rf"(?:{NOW}|\byet|\bunfortunately),? (?:we|they|it|he|she) can(?:not| not|[’']t){ADVERB} {DISCLOSE}\b"),
    _phrase(AFTER, "not t", rf"\b(?:does|do){BARE_NOT}{ADVERB} {STATE}"),
    _phrase(BETWEEN, "not t", rf"(?<!you\s)\b(?:do|does|did){BARE_NOT}{ADVERB} (?:hold|keep|have|possess) {DET}{QUALIFIED}(?P<what>{NEWS})\b"),
    _phrase(AFTER, "not never t", rf"\b(?:do|does|did){BARE_NOT}{ADVERB} yet{ADVERB} (?:know|understand)\b|\b(?:do|does|did){BARE_NOT} (?:know|understand) yet\b|\b(?:we|they|officials|experts|scientists|engineers|researchers|doctors|police|ministers|compan(?:y|ies)|operators?|universit(?:y|ies)|{BODY}) (?:still )?do(?:es)?{NOT} (?:currently |really |fully )?(?:know|understand){A_QUESTION}|\b(?:said|says|admitted|admits|acknowledged|conceded) (?:that )?(?:he|she|they|it) d(?:id|oes|o){NOT} know{A_QUESTION}"),
    _phrase(AFTER, "know", rf"\bnor (?:do|does|did) (?:we|they|{WORD}|the {WORD}) (?:yet )?know(?= {ASKS}\b)"),
    _phrase(AFTER, "neither none", rf"\b(?:neither|none)(?: (?:of )?(?:the )?{WORD}){{0,3}} knows?(?: yet)?(?= {ASKS}\b)"),
    _phrase(AFTER, "nobody no none neither", rf"\b(?:{NOBODY}|neither\b[^.]{{0,60}}) (?:(?:has|have|is|was|were|can|could|will|would)(?: (?:yet|so far|been))*|seems?|appears?) (?:said|say|explain(?:ed)?|announced|confirm(?:ed)?|published|released|disclosed|spelled out|able to (?:say|tell(?: (?!that\b){WORD}){{0,3}}{A_QUESTION}|explain|confirm)|tell(?: (?!that\b){WORD}){{0,3}}{A_QUESTION}|put an? (?:price|figure|date|number)(?: on)?)\b(?: yet)?"),
    _phrase(AFTER, "nobody no none", rf"\b{NOBODY} (?:yet |really )?knows(?:{A_QUESTION}|(?= (?:the|its|their) {INFO}\b))"),
    _phrase(AFTER, "neither", r"\bneither (?:confirm(?:ed|s)?|confirming) nor (?:den(?:ied|ies|y)|denying)\b"),
    _phrase(AFTER, "nor neither", r"\b(?:nor would \w+|neither would) (?:comment|speculate|be drawn|put an? (?:price|figure|date|number))\b(?: on)?"),
    _phrase(AFTER, "hard difficult early soon premature", rf"\b(?:too (?:early|soon)|premature)(?: {NOW})? to (?:say|tell|know|judge|estimate|predict|discuss|comment(?: on)?|speculate(?: on| about)?|put a figure on|talk about)\b|\b(?:hard|difficult)(?: {NOW})? to (?:say|tell|know|judge|estimate)(?: {NOW})*{A_QUESTION}"),
    # The firm is tight-lipped about ... The price is confidential. What is paid is being kept secret.
    _phrase(AFTER, "silent nothing mention quiet lipped coy vague noncommittal dark", r"\b(?:(?:is|are|was|were|been|stays?|stayed|remains?|remained|kept|keeps?|keeping) (?:silent|quiet|tight-lipped|coy|vague|noncommittal|mum|in the dark)|say(?:s|ing)? nothing|said nothing|(?:ma(?:kes?|de)|there is|there was) no mention|no mention (?:is|was|has been) made) (?:on|about|of|as to|over)\b"),
    _phrase(BETWEEN, "kept keeps keeping", r"\b(?:has kept|have kept|keeps|is keeping|are keeping) (?P<what>[^,;.]{3,60}?) (?:under wraps|secret|to (?:itself|themselves))\b"),
    _phrase(BEFORE, "kept", rf"\b{BE} (?:being |still )*kept (?:under wraps|secret|confidential(?= for now)|out of the public eye)\b"),
    _phrase(BEFORE, "secret confidential", r"\b(?:(?:remains?|stays?) (?:still )?(?:an? )?(?:closely guarded )?(?:secret|confidential)|(?:is|are) (?:still )?a (?:closely guarded )?secret)\b"),
    _phrase(BEFORE, "confidential classified secret withheld embargo", rf"(?<!your\s)\b{SECRET}{OF_IT} (?P<says>(?:is|are|was|were|remains?) (?:(?:being|still|commercially) )*(?:confidential|classified|secret|withheld|under embargo)|(?:has|have|had) been withheld)\b(?! from)"),
    _phrase(BEFORE, "left leave leaves leaving", r"\b(?:(?:is|are|was|were) )?(?:left|leaves?|leaving) (?:\w+ )?(?:unanswered|open(?=\W*$|[,.;)]| (?:by|in|so far|for now|at this)\b)|unaddressed|unsettled|unresolved|unsaid|blank)\b"),
    _phrase(BEFORE, "not", r"\bwill not be (?:published|disclosed|released|made public|revealed)\b(?! (?:to|without|unless|in|outside|beyond|except|or)\b)"),
    _phrase(BEFORE, "omitted missing absent left", rf"\b(?:is|are|was|were) (?:omitted|missing|absent|left out) (?:from|of) the (?:{WORD} )?(?:{PAPER}|bill|act|notice|report|document|paper|contract|agreement)\b"),
    _phrase(BEFORE, "unanswered", r"\b(?:go|goes|went|gone) unanswered\b"),
    _phrase(POINTER, "not t", r"\bha(?:ve|s)(?: not|n[’']t) (?:yet )?(?:told|informed|written to) (?:\w+)(?: yet)?\b"),
    _phrase(BEFORE, "not", r"\b(?:(?:we|they|talks|officials) are|we[’']re|they[’']re) not (?:yet there|there yet)\b"),
    _phrase(AFTER, "reserved", r"\breserved (?:(?:its|his|her|their) )?(?:judge?ment|decision|ruling)\b"),
    _phrase(AFTER, "still", rf"\b(?:is|are|was|were|[’']re|[’']s) still (?:deciding on|{either([*WORKED, *LABOURED])})\b"),
    _phrase(AFTER, "reviewing finalising finalizing drafting preparing considering revising working", rf"\b(?:is|are|[’']re|[’']s) (?:(?:still|currently|now) )*(?:reviewing|finali[sz]ing|drafting|preparing|considering|revising|working on)(?= (?:(?:the|its|their|our|an?|new|draft|final|detailed|further) )*(?:{WORD} )?{PAPER}\b)"),
    _phrase(AFTER, "respond answer", rf"\b{UNABLE}{ADVERB} (?:respond to|answer)(?: (?:any|an?|the|further|several|specific|our|repeated))*(?: {WORD})? (?:questions?|queries|inquiries|enquiries)(?: (?:about|on|regarding|over|as to))?"),
    _phrase(AFTER, "talks discussion discussions negotiation negotiations consultation", r"\b(?:is|are|remains?|[’']re|[’']s) (?:(?:still|currently|now) )*in (?:talks|discussions?|negotiations?|consultation)(?: with(?: [\w’'-]+){1,5}?)? (?:on|over|about)\b"),
    _phrase(AFTER, "process consulting seeking asking taking", rf"\b(?:in the process of {either([*WORKED, *LABOURED])}|(?:is|are|[’']re) (?:(?:currently|now|also) )*(?:consulting(?= on)|(?:seeking|asking for|taking) (?:\w+ )?(?:views|clarification|clarity|advice|comments|guidance)(?= (?:on |about |as to |over )?{ASKS}\b)))\b(?: (?:on|about|as to|over))?"),
    _phrase(AFTER, "considering weighing deciding debating undecided unsure sure looking exploring discussing determining investigating studying examining", rf"\b(?:is|are|was|were|[’']re) (?:(?:still|currently|now) )*(?:considering|weighing|deciding|debating|undecided|unsure|not (?:yet )?sure|looking at|exploring|discussing|determining|investigating|studying|examining)(?: on| about)?{A_QUESTION}"),
    # It gives no detail on ... There is no word yet on ... without saying when. Awaiting guidance on ...
    _phrase(BETWEEN, "no little few scant limited any", rf"\b(?:gives?|gave|given|giving|offers?|offered|offering|provid(?:es?|ed|ing)|contains?|sheds?|has|have|had|holds?|there(?:[’']s|[’']re| (?:is|are|was|were|has been|have been))|with|carries|includes?)(?: (?:{NOW}|also))* (?:no|little|few|scant|limited|only limited|not (?:yet )?any) {QUALIFIED}(?P<what>(?:(?:closing|opening|starting|start|end) )?{NEWS})\b{NO_NOUN}"),
    _phrase(BETWEEN, "no little", rf"\bthere(?:[’']s|[’']re| (?:is|are))(?: {NOW})* (?:no|little) {QUALIFIED}(?P<what>(?:data|evidence|research)(?: {NOW})? (?:on|about))"),
    _phrase(BETWEEN, "no", rf"\b(?:gives?|gave|given|giving|offers?|offered|offering|provid(?:es?|ed|ing)) (?:as yet |still |currently )?no {QUALIFIED}(?P<what>reasons?|deadlines?|prices?|names?|schedule|time\s?frame|figures?|numbers?|sum|amount|venue|criteria|target)\b"),
    _phrase(BETWEEN, "no", rf"\b(?:made|taken|reached|come to|took|reaches|published|issued|released|announced|set|formed) (?:as yet |so far )?no {QUALIFIED}(?P<what>{NEWS}|conclusions?|recommendation)\b"),
    _phrase(BEFORE, "scarce sparse thin scant sketchy hazy patchy few limited", rf"\b(?:details?|information|specifics|particulars|data){OF_IT} (?P<says>(?:is|are|was|were|remains?) (?:still )?(?:scarce|sparse|thin|scant|sketchy|hazy|patchy|few|limited))\b(?! to\b)"),
    _phrase(AFTER, "short light thin", r"\b(?:short|light|thin) on (?:(?:the|any|specific) )?(?:details?|specifics|particulars)\b(?: (?:on|about|of|as to))?"),
    _phrase(AFTER, "short", r"\b(?:stop(?:s|ped|ping)?|f(?:alls?|ell|alling)) short of (?:giving|naming|saying|setting(?: out)?|specifying|disclosing|announcing|committing to|spelling out)\b"),
    _phrase(AFTER, "question", r"\bquestion marks? (?:(?:remains?|hangs?|still hangs?) )?over\b"),
    _phrase(AFTER, "limited little no scant", r"\b(?:limited|little|no|scant) (?:clarity|detail|details|information|word|certainty) (?:yet |so far )?(?:on|about|as to|regarding|over)\b"),
    _phrase(AFTER, "little nothing much", r"\b(?:(?:very )?little|not much|nothing) (?:is|was|has been) (?:yet |so far |currently )?(?:known|said|disclosed|revealed|published|announced|decided|agreed|settled) (?:on|about|of|as to|regarding)\b"),
    _phrase(AFTER, "without", rf"\bwithout (?:yet )?(?:specifying|saying|disclosing(?= (?:the|its|his|her|their|any (?:details?|figures?)|{ASKS})\b)|spelling out|elaborating|setting (?:an?|any|out)\b|naming|(?:giving|providing|offering)(?= (?:(?:any|an?|the|further|more|exact|specific|precise) )*(?:details?|dates?|timelines?|reasons?|figures?|breakdown|explanation|specifics|prices?|names?)\b))"),
    _phrase(AFTER, "await awaits awaiting waiting wait pending", rf"\b(?:awaits?|awaiting|waiting for|pending) (?:(?:further|more|official|final|a|an|the|formal) )*(?:{INFO}|approval)\b|\b(?:await(?:s|ing)?|waiting for) (?:{WORD} ){{1,6}}?to (?:publish|announce|release|confirm|decide(?: on)?|set out|clarify|issue)\b|\b(?:waiting|wait (?:for|until|till)(?: {WORD}){{1,4}}?) to (?:hear|learn|see|find out|be told|know)(?: (?:on|about|from {WORD}))?{A_QUESTION}"),
    _phrase(AFTER, "unsure uncertain", r"\b(?:unsure|uncertain) of (?=the|its|their)\b"),
    _phrase(AFTER, "unclear uncertain undecided unknown unsure not", rf"\b(?:unclear|uncertain|undecided|unknown|unsure|not (?:yet )?(?:clear|known|certain|decided|sure))\b(?= (?:(?:is|are|was|were|remains?|yet|still|exactly|precisely|just) )*(?:{ASKS}|on|about|over|as to|regarding)\b|:|\W*$)"),
    _phrase(AFTER, "uncertainty question questions word decision date detail details", r"\b(?:uncertainty|questions? remain(?:s|ed)?|open questions?|still no (?:word|decision|date|details?)) (?:on|about|over|as to|around|regarding)\b"),
    _phrase(AFTER, "nothing", r"\bnothing (?:yet |more )?to (?:announce|say|report|share|add) (?:about|on)\b"),
    _phrase(BEFORE, "nothing", r"\bnothing (?:has been|has yet been|is|was) (?:yet )?(?:agreed|decided|settled|fixed|finali[sz]ed|signed|set)\b"),
    _phrase(POINTER, "not t", r"\b(?:ha(?:ve|s)(?: not|n[’']t)|[’']ve not) (?:yet )?(?:reached|got|taken|made|picked|chosen|decided on) one\b(?: yet)?"),
    # Whatever is not said, and is a question: investigators are trying to find out why ..., we have no idea how much ...
    _phrase(AFTER, "no not never t trying working seeking hoping needed yet", rf"\b(?:no (?:clear |firm )?(?:idea|certainty|clarity|clue)|(?:trying|working|seeking|hoping|needed|yet) to (?:say|tell|establish|determine|find out|work out|understand|decide|clarify|learn|identify|explain)|(?:{HAVE}|{BE}){NOT}{ADVERB} (?:possible|easy|able) to (?:say|tell|establish|determine|find out|work out|know))(?: {NOW})*{A_QUESTION}"),
)  # fmt: skip
