"""What is wrong with a row, and what is only worth a look. A whole file is refused by `refusals`."""

from dataclasses import dataclass, field
from typing import Literal

FaultCode = Literal[
    "formula", "excel_error", "too_long",
    "home_missing", "building_missing", "building_unclear", "unit_unclear", "floor_unclear", "home_unclear", "home_ambiguous", "home_date",
    "home_contradicts", "place_is_other",
    "name_missing", "name_wrong", "names_and_phones", "person_ambiguous", "person_unknown",
    "phone_wrong", "phone_length", "phone_masked", "phone_rounded", "phone_extension", "phone_area", "email_wrong",
    "date_wrong", "time_wrong", "time_missing", "shift_word", "shift_overlaps", "until_before_since", "role_unknown", "language_unknown",
    "department_missing", "department_unknown", "facility_kind", "facility_number", "rescue_code_wrong", "rescue_code_taken",
    "served_unclear",
]  # fmt: skip
"""Why a row is refused; the text `import.fault.<code>` says it with the way out, in each language."""

HintCode = Literal[
    "occupancy_unknown", "same_phone_other_name", "plate_left_out", "number_known_wrong", "no_phone", "certificate_unknown",
    "not_living_there", "occupancy_differs", "moved_out_before", "earlier_stay", "left_differs", "number_out_of_use",
]  # fmt: skip
"""What is taken all the same but worth a look; the text is `import.hint.<code>`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to refuse a row: `column` is the field it was taken for, `value` what stands there; `more` fills further slots."""

    code: FaultCode
    column: str
    value: str
    more: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hint:
    """Something worth a look in a row that is taken."""

    code: HintCode
    column: str
    value: str
