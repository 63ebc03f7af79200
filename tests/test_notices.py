"""Fixed replies: to small talk, and to a question in a language that the documents are not in."""

from collections.abc import Mapping

import pytest

from assistant.notices import small_talk, wrong_language
from index.source import Source

SOURCES: Mapping[str, Source] = {
    "a": Source("a", "A", "", published="2024-03-05"),
    "b": Source("b", "B", "", published="2024-05"),
    "c": Source("c", "C", ""),
}


@pytest.mark.parametrize("text", ["hello", "Hi!", "Hey there", "Good morning!", "hello, how are you?"])
def test_a_greeting_is_answered_with_facts_about_the_corpus(text: str) -> None:
    reply = small_talk(text, SOURCES)
    assert "3 sources" in reply
    assert "2024-05" in reply


@pytest.mark.parametrize("text", ["thanks", "Thank you very much!", "great, thanks", "ok bye", "Cheers"])
def test_thanks_are_answered(text: str) -> None:
    assert "welcome" in small_talk(text, SOURCES)


@pytest.mark.parametrize("text", ["What can you do?", "who are you", "help", "How does this work?", "Are you a bot?"])
def test_a_question_about_the_assistant_says_what_it_does_and_from_what(text: str) -> None:
    reply = small_talk(text, SOURCES)
    assert "3 sources" in reply
    assert "quote" in reply


@pytest.mark.parametrize(
    "text",
    [
        "Hello, what is the fee?",
        "Thanks, and the fee?",
        "What can you tell me about the fee?",
        "How does the lottery work?",
        "help with the fee",
        "Who are you to say what the fee is?",
        "What is the hello fee?",
        "Great Britain",
        "?",
    ],
)
def test_a_real_question_gets_no_fixed_reply(text: str) -> None:
    assert small_talk(text, SOURCES) == ""


def test_facts_fit_one_source_and_sources_without_dates() -> None:
    assert "1 source, the newest dated 2024-03-05." in small_talk("hi", {"a": SOURCES["a"]})
    assert "1 source." in small_talk("hi", {"c": SOURCES["c"]})
    assert "0 sources." in small_talk("hi", {})


@pytest.mark.parametrize(
    ("code", "asker", "corpus", "here"),
    [
        ("fr", "Les documents ne sont pas dans cette langue.", ["en"], "The documents are in English. Please ask in English."),
        ("de", "Die Dokumente sind nicht in dieser Sprache.", ["en"], "Please ask in English."),
        ("zh", "文件不是用这种语言写的。", ["en"], "Please ask in English."),
        ("en", "The documents are not in this language. Please ask in français.", ["fr"], "Veuillez poser votre question en français."),
        ("xx", "The documents are not in this language.", ["en"], "Please ask in English."),
        ("fr", "Les documents ne sont pas dans cette langue.", [], "Please ask in English."),
    ],
)  # fmt: skip
def test_the_language_notice_is_in_the_language_of_the_asker_and_of_the_corpus(
    code: str, asker: str, corpus: list[str], here: str
) -> None:
    notice = wrong_language(code, corpus)
    assert notice.startswith(asker)
    assert notice.endswith(here)
