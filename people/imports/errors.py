"""Why a whole file is refused, and what may be asked of earlier ones.

PeopleError
├── ImportRefusedError         the file as a whole cannot be taken; nothing of it was
│   ├── FileTooBigError
│   ├── ArchiveBombError
│   ├── FileBrokenError
│   ├── FileLockedError
│   ├── WebPageError
│   ├── NoTableError
│   ├── EncodingUnknownError
│   ├── TableEmptyError
│   ├── HeadingMissingError
│   ├── TooManyRowsError
│   ├── ReadingTooLongError
│   ├── ImportBusyError
│   └── ReplaceRefusedError
└── ImportUnknownError         no such file was brought in
"""

from people.errors import PeopleError


class ImportRefusedError(PeopleError):
    """The file as a whole cannot be taken; nothing of it was. `refusal` is the word for the case in runs and in the interface."""

    code = "import_refused"
    refusal = "refused"


class FileTooBigError(ImportRefusedError):
    """values: limit."""

    code = "import_too_big"
    refusal = "too_big"


class ArchiveBombError(ImportRefusedError):
    """It unpacks, or parses, to something abnormally large."""

    code = "import_bomb"
    refusal = "bomb"


class FileBrokenError(ImportRefusedError):
    """It cannot be opened."""

    code = "import_broken"
    refusal = "broken"


class FileLockedError(ImportRefusedError):
    """It is protected by a password."""

    code = "import_locked"
    refusal = "locked"


class WebPageError(ImportRefusedError):
    """A web page under a spreadsheet's name."""

    code = "import_web_page"
    refusal = "web_page"


class NoTableError(ImportRefusedError):
    """A picture, a document, an archive of something else."""

    code = "import_no_table"
    refusal = "no_table"


class EncodingUnknownError(ImportRefusedError):
    """A text that is neither UTF-8 nor GB18030."""

    code = "import_encoding"
    refusal = "encoding"


class TableEmptyError(ImportRefusedError):
    """There is nothing in it."""

    code = "import_empty"
    refusal = "empty"


class HeadingMissingError(ImportRefusedError):
    """values: value (the first row)."""

    code = "import_no_heading"
    refusal = "no_heading"


class TooManyRowsError(ImportRefusedError):
    """values: limit."""

    code = "import_too_many_rows"
    refusal = "too_many_rows"


class ReadingTooLongError(ImportRefusedError):
    """The process that parses said nothing for too long."""

    code = "import_took_too_long"
    refusal = "took_too_long"


class ImportBusyError(ImportRefusedError):
    """Another file is being brought in for this community; later it may succeed."""

    code = "import_busy"
    refusal = "busy"
    permanent = False


class ReplaceRefusedError(ImportRefusedError):
    """A list with refused rows cannot replace what is there. values: count."""

    code = "import_replace_refused"
    refusal = "replace_refused"


class ImportUnknownError(PeopleError):
    """values: value (the id)."""

    code = "import_unknown"


REFUSALS: dict[str, type[ImportRefusedError]] = {one.refusal: one for one in ImportRefusedError.__subclasses__()}
"""The cases by their words: how a refusal comes out of the process that parses."""
