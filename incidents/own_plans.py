"""A company's own playbooks: put to use in a community, in place of what it had for that kind of incident."""

import hashlib
from dataclasses import dataclass

from incidents.errors import PlaybookVersionTakenError
from people.outside import outside_numbers
from people.rosters import departments, holders
from playbooks.language.load import load_playbook
from playbooks.language.model import AlertAction, Playbook, TaskAction
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class SameVersion:
    """A stored version of the same name and number."""

    id: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class VersionName:
    """Which version of which playbook."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What the playbook counts on and the community's directory does not have: keys of departments, posts and outside numbers."""

    departments: tuple[str, ...]
    posts: tuple[str, ...]
    numbers: tuple[str, ...]


async def put_to_use(tx: Tx, source: str, file: str) -> VersionName | None:
    """Use this playbook (YAML, already checked) for its kind from the next incident on; the version that it replaces, if any.

    Raises PlaybookErrors, or PlaybookVersionTakenError where this name and version stand for another text already.
    """
    playbook = load_playbook(source, file)
    digest = hashlib.sha256(source.encode()).digest()
    same = await tx.maybe(SQL.same_version, SameVersion, tx.community, playbook.name, playbook.version)
    if same is not None and same.sha256 != digest:
        raise PlaybookVersionTakenError(field="/version", name=playbook.name, version=playbook.version)
    replaced = await tx.maybe(SQL.retire_version, VersionName, tx.community, playbook.kind)
    if same is not None:
        await tx.run(SQL.use_again, tx.community, same.id)
    else:
        await tx.run(SQL.adopt, tx.community, playbook.name, playbook.version, playbook.kind, source, digest, tx.now)
    return replaced


async def missing_in_directory(tx: Tx, playbook: Playbook) -> Missing:
    """Departments nobody set up, posts nobody holds and numbers nobody entered, that this playbook alerts or has called."""
    people, numbers = _counts_on(playbook)
    known_departments = {one.key for one in await departments(tx)}
    known_numbers = {one.what for one in await outside_numbers(tx)}
    departments_wanted = sorted(name for name, is_department in people if is_department and name not in known_departments)
    posts_wanted = sorted([name for name, is_department in people if not is_department and not await holders(tx, name)])
    return Missing(tuple(departments_wanted), tuple(posts_wanted), tuple(sorted(numbers - known_numbers)))


def _counts_on(playbook: Playbook) -> tuple[set[tuple[str, bool]], set[str]]:
    """Departments and posts (with whether it is a department) of ladders, and outside numbers of tasks. Work is done by whoever is at hand."""
    people: set[tuple[str, bool]] = set()
    numbers: set[str] = set()
    for step in playbook.steps.values():
        match step.action:
            case AlertAction(rungs=rungs):
                who = [one for rung in rungs for one in rung.who]
                people |= {(one.department, True) if one.department is not None else (str(one.role), False) for one in who}
            case TaskAction(call=call) if call is not None:
                numbers.add(call)
            case _:
                pass
    return people, numbers
