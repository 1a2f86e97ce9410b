"""The typed keys under which the web application and its requests carry what the handlers need."""

from dataclasses import dataclass

from aiohttp import web

from api.metrics import Metrics
from incidents.answers.together import AnswersTogether
from tocsin.base.database import Database
from tocsin.base.secrets import Secrets
from tocsin.base.settings import Settings
from tocsin.base.work import Wakeups


@dataclass(frozen=True, slots=True)
class Context:
    """What the web server works with; made once by whoever starts it."""

    database: Database
    wakeups: Wakeups
    secrets: Secrets
    settings: Settings


CONTEXT: web.AppKey[Context] = web.AppKey("context", Context)
ANSWERS: web.AppKey[AnswersTogether] = web.AppKey("answers", AnswersTogether)
METRICS: web.AppKey[Metrics] = web.AppKey("metrics", Metrics)
REQUEST_ID = web.RequestKey("request_id", str)
OPERATION = web.RequestKey("operation", str)
SESSION_LANGUAGE = web.RequestKey("session_language", str)
