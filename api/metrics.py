"""What /metrics shows: one registry a process."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.service_state import ServiceState

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


GATEWAY = ("gateway", "name", "kind")
"""Labels: two companies may call a gateway by one name."""
OUTCOMES = ("accepted", "not_sent", "refused", "unknown")


class ServiceNumbers(Collector):
    """The whole service in numbers, as `state` has it; without samples where the database did not answer."""

    def __init__(self) -> None:
        self.state: ServiceState | None = None

    def collect(self) -> Iterable[Metric]:
        """Every family, in any case: a monitor sees that a number is missing, not that it never was."""
        yield from _of_queues(self.state)
        yield from _of_workers(self.state)
        yield from _of_gateways(self.state)


def _of_queues(state: ServiceState | None) -> Iterable[Metric]:
    oldest = GaugeMetricFamily(
        "tocsin_delivery_oldest_due_seconds", "For how long the oldest delivery of a lane has been due", labels=["lane"]
    )
    due = GaugeMetricFamily("tocsin_deliveries_due", "Deliveries of a lane that are due now", labels=["lane"])
    for lane, one in {} if state is None else state.lanes.items():
        oldest.add_metric([lane], one.oldest_seconds)
        due.add_metric([lane], one.due)
    yield oldest
    yield due
    alone = (
        ("tocsin_communities_held", "Communities for which nothing is sent", None if state is None else len(state.held)),
        (
            "tocsin_messages_quarantined",
            "Messages that stopped their sender, and wait for somebody",
            None if state is None else state.set_apart,
        ),
        (
            "tocsin_database_oldest_transaction_seconds",
            "For how long the oldest open transaction has been open",
            None if state is None else 0.0 if state.oldest is None else state.oldest.seconds,
        ),
        ("tocsin_queue_dead_rows", "Dead rows of the queue that are not cleared away", None if state is None else state.dead_rows),
        ("tocsin_workers", "Workers that reported lately", None if state is None else len(state.workers)),
    )
    for name, what, value in alone:
        yield GaugeMetricFamily(name, what, value=value)


def _of_workers(state: ServiceState | None) -> Iterable[Metric]:
    lag = GaugeMetricFamily("tocsin_event_loop_lag_seconds", "Longest delay of a worker's loop since its last report", labels=["worker"])
    settle = GaugeMetricFamily("tocsin_settle_lag_seconds", "Longest time from a gateway's answer to the disk", labels=["worker"])
    used = GaugeMetricFamily("tocsin_pool_connections_used", "Most connections that a worker used at once", labels=["worker"])
    size = GaugeMetricFamily("tocsin_pool_connections", "Connections that a worker may use", labels=["worker"])
    for one in () if state is None else state.workers:
        lag.add_metric([one.worker], one.loop_lag_seconds)
        settle.add_metric([one.worker], one.settle_lag_seconds)
        used.add_metric([one.worker], one.pool_used)
        size.add_metric([one.worker], one.pool_size)
    yield from (lag, settle, used, size)
    sends = CounterMetricFamily("tocsin_sends", "Tries by what came of them", labels=["worker", *GATEWAY, "outcome"])
    repeats = CounterMetricFamily("tocsin_send_repeats", "Tries that were repeats", labels=["worker", *GATEWAY])
    for sent in () if state is None else state.sends:
        whose = [sent.worker, str(sent.gateway_id), sent.gateway, sent.kind]
        for outcome in OUTCOMES:
            sends.add_metric([*whose, outcome], getattr(sent, outcome))
        repeats.add_metric(whose, sent.repeats)
    yield from (sends, repeats)


def _of_gateways(state: ServiceState | None) -> Iterable[Metric]:
    gateways = () if state is None else state.gateways
    set_aside = sum(one.set_aside_at is not None for one in gateways)
    yield GaugeMetricFamily("tocsin_gateways_set_aside", "Gateways that do not work now", value=None if state is None else set_aside)
    aside = GaugeMetricFamily("tocsin_gateway_set_aside", "1 where this gateway does not work now", labels=GATEWAY)
    wire = GaugeMetricFamily("tocsin_gateway_on_wire", "Deliveries on the wire to a gateway", labels=GATEWAY)
    permits = GaugeMetricFamily("tocsin_gateway_permits_used_ratio", "Of a gateway's rate, how much is used at this moment", labels=GATEWAY)
    for one in gateways:
        whose = [str(one.id), one.name, one.kind]
        aside.add_metric(whose, float(one.set_aside_at is not None))
        wire.add_metric(whose, one.on_wire)
        permits.add_metric(whose, one.permits_used)
    yield from (aside, wire, permits)


class Metrics:
    """Counts of this process: `requests` by operation and status, `seconds` by operation, `streams` open event streams.

    And of the whole service, read from the database when somebody asks: `database_up`, `disk_full`, `work_late`, and `service`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("tocsin_http_requests_total", "Requests answered", ["operation", "status"], registry=self.registry)
        self.seconds = Histogram("tocsin_http_request_seconds", "Time to answer", ["operation"], buckets=_SECONDS, registry=self.registry)
        self._answered: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self.streams = Gauge("tocsin_http_event_streams", "Event streams open now", registry=self.registry)
        self.hooks = Counter(
            "tocsin_hook_items_total", "Receipts and replies heard from gateways", ["what", "outcome"], registry=self.registry
        )

        self.database_up = Gauge("tocsin_database_up", "Whether the database answered just now", registry=self.registry)
        self.disk_full = Gauge("tocsin_database_disk_full", "1 where PostgreSQL has no room to write", registry=self.registry)
        self.work_late = Gauge("tocsin_work_oldest_seconds", "For how long the longest waiting work has been due", registry=self.registry)
        self.service = ServiceNumbers()
        self.registry.register(self.service)

    def answered(self, operation: str, status: int, seconds: float) -> None:
        """Count one request. Looking its labels up costs several times as much as counting, so they are looked up once."""
        known = self._answered.get((operation, status))
        if known is None:
            known = self._answered[operation, status] = self.requests.labels(operation, str(status)), self.seconds.labels(operation)
        known[0].inc()
        known[1].observe(seconds)

    def exposition(self) -> tuple[bytes, str]:
        """The text format of Prometheus and its media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
