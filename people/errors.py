"""What may be refused about people and places.

PeopleError
├── CommunityUnknownError
├── PlaceUnknownError          no such place in this community
├── PlaceTakenError            a place with this code or rescue code exists
├── PlaceMisplacedError        a home holds no building; a place's parent must be of a wider kind
├── PlaceCodeWrongError        letters and digits between hyphens, not a long number
├── PersonUnknownError
├── AddressWrongError          no such telephone number or mailbox can exist
├── DepartmentUnknownError
├── ShiftWrongError            ends before it starts, or is not of a member of staff
└── ShiftOverlapsError         this person is already on duty there then
"""

from tocsin.base.errors import TocsinError


class PeopleError(TocsinError):
    """Base of this package's refusals."""

    code = "people"


class CommunityUnknownError(PeopleError):
    """values: value."""

    code = "community_unknown"


class PlaceUnknownError(PeopleError):
    """values: value."""

    code = "place_unknown"


class PlaceTakenError(PeopleError):
    """values: value."""

    code = "place_taken"


class PlaceMisplacedError(PeopleError):
    """values: value (the code), kind, parent_kind."""

    code = "place_misplaced"


class PlaceCodeWrongError(PeopleError):
    """values: value."""

    code = "place_code_wrong"


class PersonUnknownError(PeopleError):
    """values: value (the id)."""

    code = "person_unknown"


class AddressWrongError(PeopleError):
    """values: kind. The address itself is not repeated."""

    code = "address_wrong"


class DepartmentUnknownError(PeopleError):
    """values: value."""

    code = "department_unknown"


class ShiftWrongError(PeopleError):
    """values: none."""

    code = "shift_wrong"


class ShiftOverlapsError(PeopleError):
    """values: none."""

    code = "shift_overlaps"
