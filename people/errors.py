"""What may be refused about people and places.

PeopleError
├── CommunityUnknownError
├── StatusClosedError          no public status has this address, or it is switched off
├── PlaceUnknownError          no such place in this community
├── PlaceAmbiguousError        what was said may mean several places
├── PlaceTakenError            a place with this code or rescue code exists
├── PlaceMisplacedError        a home holds no building; a place's parent must be of a wider kind
├── PlaceCodeWrongError        letters and digits between hyphens, not a long number
├── PlaceInUseError            something stands on it: homes, people, incidents
├── ChangedMeanwhileError      somebody else changed it since it was read
├── PersonUnknownError
├── AddressWrongError          no such telephone number or mailbox can exist
├── LanguageWrongError         no BCP 47 tag
├── ContactPointUnknownError
├── ContactPointTakenError     this person has the address already
├── ResidenceUnknownError
├── MergeRefusedError          only a resident's entry becomes part of another
├── NeedInTheWayError          a need of help is noted at the entry that would go
├── HelpNotNotedError          nobody noted that this person needs help first
├── DepartmentUnknownError, DepartmentTakenError
├── ShiftUnknownError
├── ShiftOverError             what has been worked is not changed
├── CertificateUnknownError
├── OutsideNumberUnknownError
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


class StatusClosedError(PeopleError):
    """values: value."""

    code = "status_closed"


class PlaceUnknownError(PeopleError):
    """values: value."""

    code = "place_unknown"


class PlaceAmbiguousError(PeopleError):
    """values: value, candidates (codes, with commas between)."""

    code = "place_ambiguous"


class PlaceTakenError(PeopleError):
    """values: value."""

    code = "place_taken"


class PlaceMisplacedError(PeopleError):
    """values: value (the code), kind, parent_kind."""

    code = "place_misplaced"


class PlaceCodeWrongError(PeopleError):
    """values: value."""

    code = "place_code_wrong"


class PlaceInUseError(PeopleError):
    """values: value (the code)."""

    code = "place_in_use"


class ChangedMeanwhileError(PeopleError):
    """values: present (the version that is there now)."""

    code = "changed_meanwhile"


class LanguageWrongError(PeopleError):
    """values: value."""

    code = "language_wrong"


class ContactPointUnknownError(PeopleError):
    """values: value (the id)."""

    code = "contact_point_unknown"


class ContactPointTakenError(PeopleError):
    """values: none; the address is not repeated."""

    code = "contact_point_taken"


class ResidenceUnknownError(PeopleError):
    """values: value (the home's id)."""

    code = "residence_unknown"


class MergeRefusedError(PeopleError):
    """values: none."""

    code = "merge_refused"


class NeedInTheWayError(PeopleError):
    """values: value (the id of the entry that would go)."""

    code = "need_in_the_way"


class HelpNotNotedError(PeopleError):
    """values: value (the person's id)."""

    code = "help_not_noted"


class DepartmentTakenError(PeopleError):
    """values: value (the key)."""

    code = "department_taken"


class ShiftUnknownError(PeopleError):
    """values: value (the id)."""

    code = "shift_unknown"


class ShiftOverError(PeopleError):
    """values: none."""

    code = "shift_over"


class CertificateUnknownError(PeopleError):
    """values: value (the id)."""

    code = "certificate_unknown"


class OutsideNumberUnknownError(PeopleError):
    """values: value (the id)."""

    code = "outside_number_unknown"


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
