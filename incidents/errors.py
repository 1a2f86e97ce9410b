"""What may be refused about incidents.

IncidentsError
├── KindUnknownError           no playbook in use for this kind
├── FactUnknownError           the playbook asks no such question
├── FactWrongError             a value of the wrong type or out of its range
├── SeverityWrongError
├── PlaceUnfitError            the kind does not happen at such a place
├── NotAnIncidentError         one home only: handed on as a repair
├── IncidentUnknownError
├── IncidentEndedError         closed or cancelled
├── NotRelievedError           only what is relieved can be closed or reopened
├── NotReadyToCloseError       closing waits for confirmations
├── NeedUnknownError           the playbook waits for no such confirmation
├── TaskUnknownError, TaskEndedError, ResultUnknownError
├── ReportUnknownError         no such report, or its caller was promised nothing of the kind
├── HappenedLaterError         what is written down afterwards has happened before
├── DraftUnknownError, DraftEndedError  what was typed of a call; decided already
├── ReasonMissingError         what is thrown away needs a reason
├── CallerHomeAmbiguousError   a number with several homes, and none named
├── ComplaintEndedError        the complaint has its answer already
├── RepairsNotTogetherError    decided already, or too few of them
├── AlertUnknownError          nobody was alerted so, or not this person
├── AnswerWrongError           an answer that does not exist
├── MessageExpiredError        the link's message is over
├── HomeNotUnderstoodError     no home is called so, or several are
├── HomeNotConcernedError      the incident is about other homes
├── NothingToUpdateError       nobody has been told yet
├── PlaybookVersionTakenError  this name and version stand for another text
├── TextMissingError           a language that the community speaks has no text
├── TextNeverSayError          the plan says never to say this
├── AudienceEmptyError         nobody would be told
├── AudienceUnconfirmedError   a message to many, without the figure that the preview showed
├── AudienceChangedError       the figure is another one by now
├── SecondPersonNeededError    a message to many, which somebody else has to approve
├── RequestUnknownError, RequestDecidedError, OwnRequestError
├── PlannedWorkUnknownError, PlannedWorkEndedError
├── WindowWrongError           a planned cut that ends before it starts, or is over
├── HandoverUnknownError, HandoverSignedError, HandoverOldError
├── SameSignerError            whoever goes and whoever comes are one person
├── SignerMissingError         a token or a desk without a name is nobody who could sign
├── MessageOfAnotherError      the message is about something else
├── MergeUnfitError            these two cannot be one emergency
└── MergeIntoRelievedError     what is open cannot become part of what is over
"""

from tocsin.base.errors import TocsinError


class IncidentsError(TocsinError):
    """Base of this package's refusals."""

    code = "incidents"


class KindUnknownError(IncidentsError):
    """values: value, known."""

    code = "kind_unknown"


class FactUnknownError(IncidentsError):
    """values: value, known."""

    code = "fact_unknown"


class FactWrongError(IncidentsError):
    """values: value, expected."""

    code = "fact_wrong"


class SeverityWrongError(IncidentsError):
    """values: value, known."""

    code = "severity_wrong"


class PlaceUnfitError(IncidentsError):
    """values: value, known."""

    code = "place_unfit"


class NotAnIncidentError(IncidentsError):
    """values: hand_to."""

    code = "not_an_incident"


class IncidentUnknownError(IncidentsError):
    """values: value."""

    code = "incident_unknown"


class IncidentEndedError(IncidentsError):
    """values: number, status."""

    code = "incident_ended"


class NotRelievedError(IncidentsError):
    """values: number, status."""

    code = "not_relieved"


class NotReadyToCloseError(IncidentsError):
    """values: lacking (names, joined)."""

    code = "not_ready_to_close"


class NeedUnknownError(IncidentsError):
    """values: value, known."""

    code = "need_unknown"


class TaskUnknownError(IncidentsError):
    """values: value."""

    code = "task_unknown"


class TaskEndedError(IncidentsError):
    """values: value."""

    code = "task_ended"


class ResultUnknownError(IncidentsError):
    """values: value, known."""

    code = "result_unknown"


class HappenedLaterError(IncidentsError):
    """values: value."""

    code = "happened_later"


class DraftUnknownError(IncidentsError):
    """values: value."""

    code = "draft_unknown"


class DraftEndedError(IncidentsError):
    """values: value."""

    code = "draft_ended"


class ReasonMissingError(IncidentsError):
    """No values."""

    code = "reason_missing"


class CallerHomeAmbiguousError(IncidentsError):
    """values: count, candidates (codes of homes, with commas between)."""

    code = "caller_home_ambiguous"


class ReportUnknownError(IncidentsError):
    """values: value (the report's number)."""

    code = "report_unknown"


class ComplaintEndedError(IncidentsError):
    """values: value (the report's number)."""

    code = "complaint_ended"


class RepairsNotTogetherError(IncidentsError):
    """values: kind."""

    code = "repairs_not_together"


class AlertUnknownError(IncidentsError):
    """values: value."""

    code = "alert_unknown"


class AnswerWrongError(IncidentsError):
    """values: value, known."""

    code = "answer_wrong"


class MessageExpiredError(IncidentsError):
    """The link was for a message that is over."""

    code = "link_expired"


class HomeNotUnderstoodError(IncidentsError):
    """values: value."""

    code = "home_not_understood"


class HomeNotConcernedError(IncidentsError):
    """values: value."""

    code = "home_not_concerned"


class NothingToUpdateError(IncidentsError):
    """Nobody has been told, so there is nobody an update would go to."""

    code = "nothing_to_update"


class PlaybookVersionTakenError(IncidentsError):
    """values: name, version."""

    code = "playbook_version_taken"


class TextMissingError(IncidentsError):
    """values: language."""

    code = "text_missing"


class TextNeverSayError(IncidentsError):
    """values: value, phrase."""

    code = "text_never_say"


class AudienceEmptyError(IncidentsError):
    """Nobody lives there, or nobody was told."""

    code = "audience_empty"


class AudienceUnconfirmedError(IncidentsError):
    """values: homes, limit."""

    code = "audience_unconfirmed"


class AudienceChangedError(IncidentsError):
    """values: value, homes."""

    code = "audience_changed"


class SecondPersonNeededError(IncidentsError):
    """values: homes, limit."""

    code = "second_person_needed"


class RequestUnknownError(IncidentsError):
    """values: value."""

    code = "request_unknown"


class RequestDecidedError(IncidentsError):
    """values: value, state."""

    code = "request_decided"


class OwnRequestError(IncidentsError):
    """Who asked does not approve, and neither does whoever has no account of their own."""

    code = "own_request"


class PlannedWorkUnknownError(IncidentsError):
    """values: value."""

    code = "planned_work_unknown"


class PlannedWorkEndedError(IncidentsError):
    """values: value, state."""

    code = "planned_work_ended"


class WindowWrongError(IncidentsError):
    """values: value."""

    code = "window_wrong"


class MessageOfAnotherError(IncidentsError):
    """values: value."""

    code = "message_of_another"


class MergeUnfitError(IncidentsError):
    """values: value."""

    code = "merge_unfit"


class MergeIntoRelievedError(IncidentsError):
    """values: value (the number of the incident that is relieved)."""

    code = "merge_into_relieved"


class HandoverUnknownError(IncidentsError):
    """values: value."""

    code = "handover_unknown"


class HandoverSignedError(IncidentsError):
    """values: value, name."""

    code = "handover_signed"


class HandoverOldError(IncidentsError):
    """values: value, hours."""

    code = "handover_old"


class SameSignerError(IncidentsError):
    """values: value."""

    code = "same_signer"


class SignerMissingError(IncidentsError):
    """No values."""

    code = "signer_missing"
