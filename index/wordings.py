"""The wordings of site furniture: what a page says of itself and to its reader, in patterns that match a whole line.

A pattern covers a fixed phrase and the words that usually go with it, and no more: "Sign up to read this article" is one,
"Sign up on the portal before 1 May" is none. English only. `clean.py` decides when a match counts.
"""

import re
from functools import cache

ACCOUNT = "call to action to readers or members"
CALL = "call to action"
LINKS = "heading of a list of links"
COMMENTS = "heading of readers' comments"
ADVERT = "advertisement"
COPYRIGHT = "copyright line"
BYLINE = "byline"
TAGS = "list of tags"
CONTROL = "page control"
AGE = "date and age of the article"

_MEDIA = (
    r"(?:articles?|stor(?:y|ies)|posts?|news|newsletters?|reading|pages?|coverage|content|videos?|blogs?|interviews?|"
    r"headlines|features?|columns?)"
)
_NETWORK = (
    r"(?:facebook|twitter|x|linkedin|instagram|whatsapp|telegram|reddit|youtube|tiktok|wechat|weibo|email|threads|bluesky|"
    r"google news|pinterest|mastodon)"
)
_MAIL = (
    r"(?:newsletters?|briefings?|digest|podcast|channel|magazine|mailing list|email list|inbox|updates|alerts|"
    r"notifications)"
)
_NOW = r"(?:,? (?:now|today|here|free|for free|below|instead))*"
_SIGN = r"(?:sign|log)[ -]?(?:in|up|on)"
_PERSON = r"[A-Z][\w.'’-]+(?: (?:[A-Z][\w.'’-]*|and|de|van|von|bin|al|&)){1,7}"

_WORDINGS: dict[str, tuple[str, ...]] = {
    ACCOUNT: (
        rf"(?:please )?{_SIGN}(?: or (?:register|subscribe|{_SIGN}))?{_NOW}",
        rf"(?:please )?(?:{_SIGN}|register|subscribe)(?: or (?:register|subscribe|{_SIGN}))?{_NOW} to "
        rf"(?:read|continue|keep|comment|unlock|join|post|reply|leave)"
        rf"(?: (?:and|or|a|the|this|your|our|more|full|rest|of|on|conversation|discussion|comments?|reply|{_MEDIA}))*",
        rf"(?:sign up|register|subscribe)(?: now| today| here)? (?:for|to) (?:\S+ ){{0,6}}?{_MAIL}(?: from \w+)?",
        rf"subscribe(?: (?:to|for) (?:us|more|unlimited \w+|our \w+))?{_NOW}",
        r"(?:already|not|not yet) (?:a |an |have an )?(?:member|subscriber|subscribed|registered|account|user)\??"
        rf"(?: (?:{_SIGN}|subscribe|join|register)\b.{{0,40}})?",
        rf"(?:create|register for) (?:a |an |your )?(?:free )?account{_NOW}(?: to (?:read|continue|comment)\b.{{0,40}})?",
        rf"become a (?:member|subscriber|supporter|patron){_NOW}",
        r"(?:start|begin|get|claim|try) (?:your |a |our )?(?:\S+[- ]day )?free trial(?: .{1,30})?",
        r"try (?:it |us )?(?:for )?free(?: for .{1,20})?|cancel (?:at )?any ?time",
        rf"(?:leave|post|add|write|submit) (?:a |your |the first )(?:comment|reply|review){_NOW}(?: cancel reply)?",
        r"be the first to comment|have your say below|your email address will not be published.*",
        r"required fields are marked.*|save my name, email.*|you must be logged in to (?:post a )?(?:comment|reply)",
        r"join (?:the|our) (?:conversation|discussion|community)(?: (?:on|in) .{1,30})?",
    ),
    CALL: (
        rf"(?:start|continue|keep|carry on) reading(?: (?:this|the|our|below|here|more|{_MEDIA}))*",
        rf"(?:read|see|view|show|load|watch|listen)(?: (?:to|more|all|next|also|now|the|this|our|full|rest|of|latest|original|"
        rf"related|here|{_MEDIA}))+",
        r"(?:read (?:more|also|next|this)|also read|more|related|recommended|watch|listen|must read|don['’]t miss)"
        r" ?[:|»>] ?(?-i:[A-Z]).{8,140}",
        r"(?:click|tap) here(?: to (?:read|subscribe|sign up|view|see|continue|join|share|comment|follow)\b.{0,60})?",
        r"(?:learn|find out|discover) more",
        rf"(?:follow|like|connect with) us(?: on .{{1,80}})?|(?:find|join) us on {_NETWORK}|follow .{{1,40}} on {_NETWORK}",
        rf"share(?: (?:this|it|on|via|with|by|your|friends|{_MEDIA}|{_NETWORK}))*",
        rf"(?:tweet|pin|email|print|bookmark|save|send|copy)(?: (?:this|the|to))* (?:{_MEDIA}|link|a friend)|tweet (?:this|it)",
        r"(?:download|get|install|try|read(?: it| this| more)? in|open in) (?:the|our) (?:\S+ ){0,3}app"
        r"(?:,? (?:now|today|here|for free|for (?:ios|android|iphone)(?: (?:and|or) \w+)?))*",
        r"(?:(?:download|available|get it|find us) )?(?:on|from) (?:the )?(?:app store|google play)"
        r"(?: (?:and|or) (?:the )?(?:app store|google play))?",
        r"get (?:\S+ ){0,5}?(?:news|stories|headlines|articles)(?: \S+){0,6}? (?:inbox|in one place|to you|every (?:day|morning|week))",
        r"stay (?:informed|updated|connected|up[ -]to[ -]date|in the loop|tuned)(?: .{0,60}(?:newsletter|inbox|news|us))?",
        r"(?:never|don['’]t) miss (?:a|an|another) (?:story|post|update|beat)",
        rf"(?:did you |if you )?(?:enjoy(?:ed)?|liked?) (?:this|our|reading this) {_MEDIA}\?.{{0,80}}",
        r"thank(?:s| you) for (?:reading|subscribing|visiting)(?: .{0,40})?|buy (?:me|us) a coffee",
        r"support (?:our|independent|quality|free) (?:\w+ )?journalism.{0,80}|(?:make a donation|donate)(?: now| today)?",
        r"(?:turn on|enable|allow|get) (?:browser |push |desktop |breaking news )?(?:notifications|alerts)",
    ),
    LINKS: (
        rf"(?:related|recommended|latest|more|other|recent|popular|top|similar|featured|trending|must[- ]read|most[- ]read|"
        rf"further) (?:{_MEDIA}|links|reads?|topics|picks)(?: (?:on|from|in|about|by|at|for|right now|today|this week|you)\b.{{0,40}})?",
        r"most (?:popular|read|viewed|shared|commented|watched|recent)(?: .{0,30})?",
        r"trending(?: now| today| topics| this week| on .{1,30})?|popular (?:now|today|this week|on .{1,30})",
        r"(?:our|editor['’]?s['’]?|editors['’]?|staff|top|today['’]s) (?:picks?|choices?|favou?rites|recommendations)",
        r"(?:recommended|suggested|picked|selected|just) for you|(?:what to )?(?:read|watch) next|up next",
        r"you (?:may|might|could) (?:also |be )?(?:also )?(?:like|enjoy|interested in)(?: .{1,20})?",
        r"in case you missed it|around the web|from (?:our partners|(?:around )?the web)|more like this|more on this(?: \w+)?",
        r"more (?:from|by) (?:the author|this author|our \w+|us|(?-i:[A-Z])\S*(?: \S+){0,3})|don['’]t miss",
    ),
    COMMENTS: (
        r"(?:view |show |see |read |load )?(?:all )?(?:\d+ )?comments? ?\(\d+\)|\d+ (?:comments?|replies|responses)",
        r"(?:view|show|see|load)(?: all| \d+| more)* comments|comments are (?:closed|off|disabled)|no comments(?: yet)?",
    ),
    ADVERT: (
        r"advertisement|sponsored(?: content| post| by .{1,40})?|promoted(?: content)?|paid (?:content|post)",
        r"(?:story|article|content) continues (?:below|after)(?: (?:this |the )?(?:advertisement|ad))?|ads? by .{1,30}",
        r"scroll to continue(?: .{1,40})?|remove ads|skip (?:this )?ad(?:vertisement)?|partner content",
    ),
    COPYRIGHT: (
        r"(?:copyright ?)?(?:©|\(c\)) ?\d{4}\b.{0,120}|copyright \d{4}(?:[-–]\d{4})?\b(?! is| was| has).{0,80}",
        r"(?:©|copyright (?:©|\(c\))) ?.{0,80}\b\d{4}\b.{0,60}",
        r".{0,120}\ball rights reserved\b.{0,60}|© ?(?-i:[A-Z]).{1,60}",
    ),
    BYLINE: (
        r"(?:additional )?(?:reporting|writing|editing) by .{3,120}",
        rf"(?:by|written by|posted by|words by) (?-i:{_PERSON}(?:, [A-Z][\w.'’ -]{{1,40}})?)",
    ),
    TAGS: (r"(?:tags|filed under|tagged|keywords)(?: with)? ?: ?.{1,160}", r"#[^\W\d]\w*(?:[ ,]+#\w+)*"),
    CONTROL: (
        r"skip to (?:main |the )?(?:content|navigation)|(?:back|return) to (?:top|the top|home(?:page)?|news)",
        r"(?:load|show|view|see) (?:more|all|less)|toggle (?:navigation|menu|search)|(?:open|close|main) menu",
        r"(?:next|previous|prev) (?:article|story|post|page)|listen to this (?:article|story)|copy link|text size|font size",
        r"play video|open image in new window|please enable javascript.{0,60}|\d+ (?:shares?|likes?|views?|claps?|reads)",
    ),
    AGE: (),
}

_AGO = (
    r"(?:an?|\d+|one|two|three|four|five|six|seven) ?"
    r"(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|[hdmwy]) ago"
)
_DATE = (
    r"(?:(?:published|posted|updated|last updated|modified|on|at|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|"
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*|\d{1,4}(?:st|nd|rd|th)?|[ap]\.?m|gmt|utc|[a-z]{2,3}t)\b|"
    r"[\s,.:|/•·–—()-])*"
)
_WORDINGS[AGE] = (
    rf"{_DATE}{_AGO}{_DATE}",
    rf"{_DATE}\d+[- ]min(?:ute)?s? read",
    r"(?:reading|read) time ?: ?.{1,20}",
)

_LONGEST = 240

_AGENCY = (
    r"(?:getty|reuters|shutterstock|istock(?:photo)?|unsplash|pexels|pixabay|alamy|xinhua|vcg|afp|ap|epa|efe|dpa|upi|pti|ani|"
    r"bloomberg|imago|flickr|wikimedia|wikipedia|creative commons|handout|file photo|courtesy|supplied|adobe stock|"
    r"depositphotos|dreamstime)"
)
_CREDITED = (
    rf"(?:(?i:[\w ]{{0,30}}\b{_AGENCY}\b[^.!?]{{0,60}})"
    r"|[A-Z][\w.'’-]*(?:[ /](?:[A-Z][\w.'’-]*|of|the|for|and|de|van|von|via|on|&)){1,8}"
    r"|[A-Z]{2,6})"
)
_PICTURE = (
    r"(?i:photo(?:graph)?s?|images?|pictures?|pics?|illustrations?|graphics?|video|screenshot|credits?|photographer|"
    r"(?:photo|image|picture|video) credits?)"
)
_CREDIT = (
    rf"(?:{_PICTURE}(?i: ?[:/|©]| by|:? courtesy of| via) ?(?:©|\(c\) ?|the )?{_CREDITED}"
    rf"|© ?{_CREDITED}"
    rf"|[A-Z][\w.'’ -]{{1,40}}/ ?(?i:{_AGENCY})\b[\w ]{{0,20}})"
)
_CREDIT_LINE = re.compile(rf"[(\[]?{_CREDIT}[)\]]?\.?")
_CREDIT_TAIL = re.compile(rf"(?:(?<=[.!?”\"’)…])|(?=\s[(\[|]))\s+[|–—-]?\s*(?P<credit>[(\[]?{_CREDIT}[)\]]?)\.?$")
_KNOWN_AGENCY = re.compile(rf"\b{_AGENCY}\b", re.IGNORECASE)
_FILE_FORMATS = re.compile(r"\b(JPE?G|PNG|PDF|GIF|TIFF?|BMP)\b|\d")
_LONGEST_CREDIT = 120

PROMOTION = re.compile(
    r"\b(apps?|news|titles|stories|articles|memberships?|members?|subscri\w+|premium|trial|free|sources|sites|read|reading|"
    r"unlimited|newsletters?|inbox|journalism|curated|headlines|publishers|magazines|offers?|plans?|ad-free|account|cancel|"
    r"comments?)\b",
    re.IGNORECASE,
)
SECTIONS = frozenset(
    "news national world international local politics business economy finance opinion opinions commentary analysis "
    "technology tech science health sport sports culture society education travel lifestyle home breaking exclusive latest "
    "features video live explainer editorial".split()
)
COOKIES = re.compile(
    r"(?:we|(?:this|our) (?:web)?site)\b.{0,60}\b(?:uses?|using)\b.{0,30}\bcookies\b.*"
    r"|by (?:continuing|using|clicking)\b.*\bcookies\b.*"
    r"|(?:accept|reject|allow|decline|manage)(?: all| only)?(?: necessary| essential| optional)?(?: cookies| cookie \w+)"
    r"|cookie (?:policy|settings|preferences|notice|consent)|accept all|reject all|manage preferences",
    re.IGNORECASE | re.DOTALL,
)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Compiled at first use: it takes 0.1 s, which answering a question must not pay for."""
    return {reason: re.compile("|".join(wordings), re.IGNORECASE) for reason, wordings in _WORDINGS.items()}


def wording(line: str) -> str:
    """What kind of furniture a line is by its words alone, "" for none; closing marks and arrows do not matter."""
    if len(line) > _LONGEST:
        return ""
    bare = " ".join(line.split()).rstrip(" .!…»>→:*").lstrip("»>→*| ")
    if not bare:
        return ""
    return next((reason for reason, pattern in _patterns().items() if pattern.fullmatch(bare)), "")


def is_credit(line: str) -> bool:
    """Whether a whole line credits a picture ("Photo: Jane Doe", "Image: Getty")."""
    return len(line) <= _LONGEST_CREDIT and bool(_CREDIT_LINE.fullmatch(line)) and not _FILE_FORMATS.search(line)


def names_agency(line: str) -> bool:
    """Whether a picture agency is named, so that a credit can be nothing else."""
    return bool(_KNOWN_AGENCY.search(line))


def credit_at_end(text: str) -> int:
    """Where the credit at the end of a caption begins, -1 where there is none."""
    match = _CREDIT_TAIL.search(text, max(0, len(text) - _LONGEST_CREDIT - 10))
    return -1 if match is None or _FILE_FORMATS.search(match["credit"]) else match.start("credit")
