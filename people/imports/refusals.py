"""Why a whole file is refused. ImportRefusedError is a PeopleError; `code` says the case, and the text the way out."""

from typing import Literal

from people.errors import PeopleError

Refusal = Literal[
    "too_big", "bomb", "broken", "locked", "web_page", "no_table", "encoding", "empty", "no_heading", "kind_unclear", "too_many_rows",
    "took_too_long", "busy", "replace_refused",
]  # fmt: skip


class ImportRefusedError(PeopleError):
    """The file as a whole cannot be taken; nothing of it was. `refusal` says why; values fill the slots of `error.import_<refusal>`."""

    code = "import_refused"

    def __init__(self, refusal: Refusal, **values: object) -> None:
        self.refusal = refusal
        self.code = f"import_{refusal}"
        super().__init__(field=None, **values)
