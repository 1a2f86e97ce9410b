"""Which department a word means."""

import re

from people.imports.value_words import department_of
from people.rosters import departments
from people.search.pinyin import sort_key
from people.search.terms import squeeze
from tocsin.base.database import Tx
from tocsin.base.texts import LANGUAGES, say


async def department_names(tx: Tx) -> dict[str, dict[str, str]]:
    """The names of the community's departments by their keys."""
    return {one.key: one.names for one in await departments(tx)}


def department_key(said: str, known: dict[str, dict[str, str]]) -> str:
    """The key of what is called so: one of the community's by its name or key, one of the playbooks', else one made of its pinyin."""
    wanted = squeeze(said)
    for key, names in known.items():
        if wanted in {squeeze(key), *(squeeze(name) for name in names.values())}:
            return key
    return department_of(said) or _made_of(said)


def names_of_department(key: str, said: str) -> dict[str, str]:
    """What a new department is called: the playbooks' ones in both languages, any other as it is written."""
    if department_of(key) == key:
        return {language: say(language, f"import.department.{key}") for language in LANGUAGES}
    return dict.fromkeys(LANGUAGES, said)


def _made_of(said: str) -> str:
    letters = re.sub(r"[^a-z]+", "_", sort_key(said).removesuffix(said).strip().lower()).strip("_")
    return letters[:40] or "department"
