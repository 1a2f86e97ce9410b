"""Posts that are held by name and not by roster: manager, supervisor, company_leader, front_desk."""

from dataclasses import dataclass

from people.errors import PersonUnknownError
from tocsin.base.database import Tx
from tocsin.base.queries import load_queries

SQL = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Post:
    """Somebody holds a post; `role` is the playbooks' word for it."""

    role: str
    person_id: int
    name: str


async def posts(tx: Tx) -> list[Post]:
    """Every post that is held, by its role."""
    return await tx.rows(SQL.posts, Post, tx.community)


async def leave_post(tx: Tx, role: str, person_id: int) -> None:
    """Somebody holds a post no more; raises PersonUnknownError where they did not."""
    if not await tx.run(SQL.delete_post, tx.community, role, person_id):
        raise PersonUnknownError(field="/person", value=person_id)
