"""What somebody at the desk writes to residents or staff in their own words: checked, marked in a drill, made a message's texts."""

from collections.abc import Mapping

from incidents.conductor.case import Case
from incidents.conductor.words import Voice, voice_of
from incidents.errors import TextMissingError, TextNeverSayError
from notifiers.announcements import Text
from playbooks.language.model import Playbook
from playbooks.never_say import never_say_in
from playbooks.texts import DRILL_MARK
from tocsin.base.texts import say


def check_words(playbook: Playbook, languages: list[str], words: Mapping[str, str], *, insist: bool) -> None:
    """Raise TextMissingError where a language that the community speaks has no text, TextNeverSayError for what must never be said.

    `insist`: whoever writes has seen that, and means it; it goes on the record.
    """
    for language in languages:
        if not words.get(language, "").strip():
            raise TextMissingError(field=f"/texts/{language}", language=language)
    if not insist:
        check_never_said(playbook, words)


def check_never_said(playbook: Playbook, words: Mapping[str, str]) -> None:
    """Raise TextNeverSayError, naming the phrase that the playbook says never to say."""
    for language, text in words.items():
        phrase = never_say_in(playbook, language, text)
        if phrase is not None:
            raise TextNeverSayError(field=f"/texts/{language}", value=text, phrase=phrase)


def own_words(case: Case, words: Mapping[str, str], what: str) -> dict[str, Text]:
    """The texts by language of a message in somebody's own words; `what` is the last part of its stable key (update, correction)."""
    return words_by(voice_of(case), words, what)


def words_by(voice: Voice, words: Mapping[str, str], what: str) -> dict[str, Text]:
    """The same by a voice."""
    texts = {}
    for language in voice.community.languages:
        text = words.get(language, "").strip()
        if text:
            title = voice.playbook.title[language]
            texts[language] = _text(voice, language, f"{voice.playbook.kind}.{what}", text, {"title": title, "text": text})
    return texts


def set_phrase(case: Case, key: str, what: str, by_language: Mapping[str, Mapping[str, object]]) -> dict[str, Text]:
    """The texts of a message that the catalogues hold under `key`, filled with what `by_language` gives for each language."""
    return phrase_by(voice_of(case), key, what, by_language)


def phrase_by(voice: Voice, key: str, what: str, by_language: Mapping[str, Mapping[str, object]]) -> dict[str, Text]:
    """The same by a voice."""
    return {
        language: _text(voice, language, f"{voice.playbook.kind}.{what}", say(language, key, **values), values)
        for language, values in by_language.items()
    }


def marked(text: str, language: str, *, drill: bool) -> str:
    """The text as it is sent: one of a drill begins with its mark."""
    return f"{DRILL_MARK[language]}{text}" if drill else text


def _text(voice: Voice, language: str, key: str, text: str, values: Mapping[str, object]) -> Text:
    subject = marked(voice.playbook.title[language], language, drill=voice.drill)
    variables = {name: str(value) for name, value in values.items()}
    return Text(key=key, variables=variables, text=marked(text, language, drill=voice.drill), subject=subject)
