"""What /metrics shows: one registry a process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Counts of this process: `requests` by operation and status, `seconds` by operation, `streams` open event streams.

    And of the whole service, read from the database when somebody asks: `database_up`, `work_late`, `held`, `set_aside`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("tocsin_http_requests_total", "Requests answered", ["operation", "status"], registry=self.registry)
        self.seconds = Histogram("tocsin_http_request_seconds", "Time to answer", ["operation"], buckets=_SECONDS, registry=self.registry)
        self.streams = Gauge("tocsin_http_event_streams", "Event streams open now", registry=self.registry)
        self.hooks = Counter(
            "tocsin_hook_items_total", "Receipts and replies heard from gateways", ["what", "outcome"], registry=self.registry
        )

        self.database_up = Gauge("tocsin_database_up", "Whether the database answered just now", registry=self.registry)
        self.work_late = Gauge("tocsin_work_oldest_seconds", "For how long the longest waiting work has been due", registry=self.registry)
        self.held = Gauge("tocsin_communities_held", "Communities for which nothing is sent", registry=self.registry)
        self.set_aside = Gauge("tocsin_gateways_set_aside", "Gateways that do not work now", registry=self.registry)

    def exposition(self) -> tuple[bytes, str]:
        """The text format of Prometheus and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
