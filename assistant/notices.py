"""Fixed replies: greetings, and questions in a language the corpus is not in. They are facts about the corpus, and
count in no metric.
"""

import re
from collections.abc import Mapping, Sequence

from index.source import Source

_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|good\s+(?:morning|afternoon|evening|day)|greetings|howdy|yo|hiya)(?:\s+(?:there|all|everyone|again|bot|assistant))?\W*(?:how\s+are\s+you\W*|how[’']s\s+it\s+going\W*)?$",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^\W*(?:ok(?:ay)?\W+|great\W+|perfect\W+)?(?:thanks|thank\s+you|thx|cheers|ta|much\s+appreciated|great|perfect|ok(?:ay)?|bye|goodbye|see\s+you)(?:\s+(?:a\s+lot|so\s+much|very\s+much|again|for\s+\w+(?:\s+\w+)?|you|bye))?\W*(?:bye|goodbye)?\W*$",
    re.IGNORECASE,
)
_ABOUT_ME = re.compile(
    r"^\W*(?:(?:hi|hello|hey)\W+)?(?:what\s+(?:can|do)\s+you\s+(?:do|know|help\s+with|answer)(?:\s+(?:about|for\s+me))?|who\s+are\s+you|what\s+are\s+you|how\s+(?:do|does|can)\s+(?:you|this|i\s+use\s+(?:you|this))(?:\s+work)?|help|what\s+is\s+this|"
    r"what\s+(?:can|should|may)\s+i\s+ask(?:\s+you)?|are\s+you\s+(?:an?\s+)?(?:ai|bot|robot|human|chatgpt|real)|what\s+(?:sources|documents)\s+do\s+you\s+(?:have|use)|which\s+(?:sources|documents)\s+do\s+you\s+(?:have|use)|how\s+are\s+you|can\s+you\s+help(?:\s+me)?)\W*$",
    re.IGNORECASE,
)

# "The documents are in English. Please ask in English." Written out, so that no translation is ever made up.
_LANGUAGE = {
    "fr": "Les documents ne sont pas dans cette langue. Veuillez poser votre question en {there}.",
    "de": "Die Dokumente sind nicht in dieser Sprache. Bitte stellen Sie Ihre Frage auf {there}.",
    "es": "Los documentos no están en este idioma. Por favor, haga su pregunta en {there}.",
    "it": "I documenti non sono in questa lingua. Per favore, faccia la domanda in {there}.",
    "pt": "Os documentos não estão neste idioma. Por favor, faça a sua pergunta em {there}.",
    "nl": "De documenten zijn niet in deze taal. Stel uw vraag alstublieft in het {there}.",
    "pl": "Dokumenty nie są w tym języku. Proszę zadać pytanie w języku: {there}.",
    "sv": "Dokumenten är inte på detta språk. Ställ din fråga på {there}.",
    "da": "Dokumenterne er ikke på dette sprog. Stil venligst dit spørgsmål på {there}.",
    "fi": "Asiakirjat eivät ole tällä kielellä. Esitä kysymyksesi kielellä: {there}.",
    "cs": "Dokumenty nejsou v tomto jazyce. Položte prosím otázku v jazyce: {there}.",
    "ro": "Documentele nu sunt în această limbă. Vă rugăm să întrebați în {there}.",
    "hu": "A dokumentumok nem ezen a nyelven vannak. Kérjük, tegye fel a kérdését ezen a nyelven: {there}.",
    "tr": "Belgeler bu dilde değil. Lütfen sorunuzu şu dilde sorun: {there}.",
    "id": "Dokumen tidak dalam bahasa ini. Silakan bertanya dalam bahasa {there}.",
    "vi": "Tài liệu không có bằng ngôn ngữ này. Vui lòng đặt câu hỏi bằng {there}.",
    "ru": "Документы не на этом языке. Пожалуйста, задайте вопрос на языке: {there}.",
    "uk": "Документи не цією мовою. Будь ласка, поставте запитання мовою: {there}.",
    "el": "Τα έγγραφα δεν είναι σε αυτή τη γλώσσα. Παρακαλώ ρωτήστε στα {there}.",
    "ar": "الوثائق ليست بهذه اللغة. يرجى طرح سؤالك باللغة: {there}.",
    "fa": "اسناد به این زبان نیستند. لطفاً پرسش خود را به این زبان بپرسید: {there}.",
    "he": "המסמכים אינם בשפה זו. אנא שאלו בשפה: {there}.",
    "hi": "दस्तावेज़ इस भाषा में नहीं हैं। कृपया अपना प्रश्न {there} में पूछें।",
    "bn": "নথিগুলি এই ভাষায় নেই। অনুগ্রহ করে {there} ভাষায় প্রশ্ন করুন।",
    "zh": "文件不是用这种语言写的。请用{there}提问。",
    "ja": "資料はこの言語ではありません。{there}で質問してください。",
    "ko": "문서는 이 언어로 되어 있지 않습니다. {there}(으)로 질문해 주세요.",
    "en": "The documents are not in this language. Please ask in {there}.",
}
_NAMES = {
    "en": "English", "fr": "français", "de": "Deutsch", "es": "español", "it": "italiano", "pt": "português",
    "nl": "Nederlands", "pl": "polski", "sv": "svenska", "da": "dansk", "fi": "suomi", "cs": "čeština", "ro": "română",
    "hu": "magyar", "tr": "Türkçe", "id": "Indonesia", "vi": "Tiếng Việt", "ru": "русский", "uk": "українська",
    "el": "Ελληνικά", "ar": "العربية", "fa": "فارسی", "he": "עברית", "hi": "हिन्दी", "bn": "বাংলা", "zh": "中文",
    "ja": "日本語", "ko": "한국어",
}  # fmt: skip


def small_talk(question: str, sources: Mapping[str, Source]) -> str:
    """The fixed reply to a greeting, thanks or "what can you do?"; "" for a real question."""
    if _THANKS.match(question):
        return "You are welcome. Ask again whenever you like."
    if _GREETING.match(question):
        return f"Hello. {_facts(sources)} Ask a question, and I quote what they say."
    if _ABOUT_ME.match(question):
        return (
            f"I answer questions from the documents on record, and quote the sentence that answers. {_facts(sources)} "
            "Where they call a detail unreleased, disagree or say nothing, I say that instead."
        )
    return ""


def _facts(sources: Mapping[str, Source]) -> str:
    dates = sorted(source.published for source in sources.values() if source.published)
    count = f"{len(sources)} source{'s' if len(sources) != 1 else ''}"
    newest = f", the newest dated {dates[-1]}" if dates else ""
    return f"The record holds {count}{newest}."


def wrong_language(code: str, corpus: Sequence[str]) -> str:
    """The notice for a question in a language the corpus is not in: in the asker's language, then in the corpus's."""
    home = corpus[0] if corpus else "en"
    there = _NAMES.get(home, home)
    asker = _LANGUAGE.get(code, _LANGUAGE["en"]).format(there=there)
    here = (
        f"The documents are in {there}. Please ask in {there}."
        if home == "en"
        else _LANGUAGE.get(home, _LANGUAGE["en"]).format(there=there)
    )
    return f"{asker} {here}"
