"""Named confirmations that closing waits for, and child incidents."""

from __future__ import annotations

from typing import assert_never

from playbooks.engine.events import ChildClosed, ChildOpened, ConfirmationWithdrawn, WasConfirmed
from playbooks.engine.working import Working


def take(run: Working, event: WasConfirmed | ConfirmationWithdrawn | ChildOpened | ChildClosed) -> None:
    match event:
        case WasConfirmed(name=name):
            if name in run.playbook.needs:
                run.confirmed.add(name)
            else:
                run.note("not_applicable", event=event.kind, name=name)
        case ConfirmationWithdrawn(name=name):
            run.confirmed.discard(name)
        case ChildOpened(child=child):
            run.children.add(child)
        case ChildClosed(child=child):
            run.children.discard(child)
        case _:
            assert_never(event)
