"""What people read stands in the catalogues, in both languages, with the same slots; and every text there is asked for."""

import re
from collections import Counter

import pytest
from babel.messages.pofile import read_po

from tests.house.catalogues import asked, open_keys, shown_words, words_in_code
from tests.house.tree import files, python_files, shown, strings
from tocsin.base.texts import LANGUAGES, catalogue, catalogue_file, say
from tocsin.base.texts import PACKAGES as WITH_TEXTS

VOCABULARIES = {
    "people/place_words.py": "how people say where something is: read, never shown",
    "notifiers/delivery/reply_text.py": "how people answer by SMS: read, never shown",
    "people/imports/": "how offices write headings, places, dates and people in their lists: read, never shown",
    "tocsin/app/cli/import_file.py": "examples in the command's help",
    "playbooks/language/durations.py": "how a playbook's author writes a duration: read, never shown",
    "playbooks/language/vocabulary.py": "words by which an author says that somebody is there: read, never shown",
    "playbooks/never_say.py": "marks around phrases, looked for in what somebody wrote",
    "playbooks/language/reader.py": "an example within an error that only an author of playbooks sees",
    "playbooks/texts.py": "the few words that rendering adds; playbooks imports nothing of ours, the catalogues neither",
    "playbooks/longest.py": "the longest names there may be, for measuring texts",
    "notifiers/announcements/post.py": "the marks by which a drill is known",
    "notifiers/channels/wire/words.py": "the brackets in which the networks want a signature",
    "notifiers/channels/wire/aliyun.py": "the word that the provider wants to hear when its receipts were taken",
    "tocsin/app/demo/sms_gateway.py": "the same brackets, at the demo's gateway",
    "notifiers/quality/stop_words.py": "how people ask for no more texts: read, never shown",
    "people/search/query.py": "words that tell a place from a name in what is searched for",
    "people/search/terms.py": "the numerals that are searched for as digits",
    "people/search/pinyin.py": "surnames whose reading is their own, and where the script begins and ends",
    "people/surnames.py": "surnames of two characters: read, never shown",
    "api/console/acts.py": "marks that end a sentence, looked for in what the desk wrote",
    "api/v1/shapes.py": "an example in the interface's document",
}
"""Files and folders of code with Chinese in them, and why it is no text that people see."""

SAID_BY_PAGES = {
    "中文": "a language is named in itself, whatever the page speaks",
    "English": "the same",
    "Esc": "what stands on the key",
    "wide": "no word but a class, in a block of its own",
}

SAID_IN_EVERY_LANGUAGE = {
    "console.room.update_example.zh-CN": "an example of what to write in Chinese, whoever writes it",
    "console.room.update_example.en": "an example of what to write in English",
}
"""Texts that are in their own language in both catalogues."""

FILLED_BY_SCRIPTS = {
    "console.line.since": "live.js knows since when", "wall.lost": "the same", "wall.turn": "wall.js knows which of how many fit",
}  # fmt: skip
"""Texts that a page carries along with a slot still open."""

_CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]")
_WORD = re.compile(r"(?<![\w./?&;=#@-])[A-Za-z][a-z]{2,}(?![\w./?&;=#@-])")


def test_no_text_that_people_see_is_in_the_code() -> None:
    found = {shown(path): line for path in python_files() for line, text in strings(path) if _CHINESE.search(text)}
    assert {f"{path}:{line}" for path, line in found.items() if not path.startswith(tuple(VOCABULARIES))} == set()
    assert [known for known in VOCABULARIES if not any(path.startswith(known) for path in found)] == [], "these need no reason any more"


def test_no_text_that_people_see_is_in_a_page_or_a_script() -> None:
    spoken = [f"{shown(path)}: {word}" for path in files("*.html") for word in _words(shown_words(path))]
    scripted = [
        f"{shown(path)}: {line.strip()}"
        for path in files("*.js")
        for line in _without_comments(path.read_text("utf-8"))
        if _CHINESE.search(line)
    ]
    assert spoken == []
    assert scripted == []


def _words(text: str) -> list[str]:
    chinese = re.findall(rf"{_CHINESE.pattern}+", text)
    return [word for word in [*chinese, *_WORD.findall(text)] if word not in SAID_BY_PAGES]


def _without_comments(script: str) -> list[str]:
    return re.sub(r"/\*.*?\*/|//.*", "", script, flags=re.DOTALL if "/*" in script else 0).splitlines()


@pytest.mark.parametrize("package", WITH_TEXTS)
def test_both_catalogues_of_a_package_hold_the_same_texts(package: str) -> None:
    zh, en = (_messages(package, language) for language in LANGUAGES)
    assert set(zh) == set(en)
    assert [key for key in zh if _slots(zh[key]) != _slots(en[key])] == [], "other slots in one language than in the other"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_written_once_and_not_left_empty(language: str) -> None:
    every = [(key, text) for package in WITH_TEXTS for key, text in _messages(package, language).items()]
    assert [key for key, count in Counter(key for key, _ in every).items() if count > 1] == []
    assert [key for key, text in every if not text.strip()] == []


def _messages(package: str, language: str) -> dict[str, str]:
    with catalogue_file(package, language).open("rb") as file:
        read = read_po(file)
    assert not read.obsolete, f"{package}: texts that are commented out"
    return {str(message.id): str(message.string) for message in read if message.id}


def _slots(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)[:}]", text))


def test_the_texts_of_chinese_are_chinese() -> None:
    english = [key for key, text in catalogue("en").items() if _CHINESE.search(text) and key not in SAID_IN_EVERY_LANGUAGE]
    chinese = [key for key, text in catalogue("zh-CN").items() if _is_foreign(text) and key not in SAID_IN_EVERY_LANGUAGE]
    assert (english, chinese) == ([], [])


def _is_foreign(text: str) -> bool:
    """Words, and not one of them Chinese."""
    return not _CHINESE.search(text) and _WORD.search(re.sub(r"\{\w+\}", "", text)) is not None


def test_every_text_that_is_asked_for_is_there_with_its_slots_filled() -> None:
    texts = catalogue("zh-CN")
    missing = [f"{one.at}: {one.key}" for one in asked() if one.key not in texts]
    unfilled = [
        f"{one.at}: {one.key} {sorted(_slots(texts[one.key]) - one.slots)}"
        for one in asked()
        if one.key in texts and one.key not in FILLED_BY_SCRIPTS and one.slots is not None and _slots(texts[one.key]) - one.slots
    ]
    assert missing == []
    assert unfilled == []


def test_every_text_of_the_catalogues_is_asked_for() -> None:
    assert [key for key in catalogue("zh-CN") if not key.startswith("error.") and not _is_asked_for(key)] == []


def _is_asked_for(key: str) -> bool:
    families = {key.rsplit(".", parts)[0] for parts in range(1, key.count("."))}
    return key in words_in_code() or bool(families & words_in_code()) or any(pattern.fullmatch(key) for pattern in open_keys())


@pytest.mark.parametrize("package", WITH_TEXTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_stands_twice_in_a_catalogue(package: str, language: str) -> None:
    keys = re.findall(r'^msgid "(.+)"$', catalogue_file(package, language).read_text("utf-8"), re.MULTILINE)
    assert [key for key, count in Counter(keys).items() if count > 1] == []


@pytest.mark.parametrize(("count", "said"), [(0, "0 homes left"), (1, "1 home left"), ("1", "1 home left"), (21, "21 homes left")])
def test_english_says_one_home_and_two_homes(count: object, said: str) -> None:
    assert say("en", "console.door.left", count=count) == said
    assert say("zh-CN", "console.door.left", count=count).count(str(count)) == 1
