"""GET /metrics: metrics for Prometheus.

Each worker counts in files of its own, in the folder PROMETHEUS_MULTIPROC_DIR that gunicorn.conf.py makes; the worker
that answers adds them up. Without the folder, a process shows its own numbers. No client can create a label: labels
are known routes, methods, models and classes.
"""

import functools
import os
from collections.abc import Iterator
from typing import Final

from flask import Blueprint, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from web.recognizers import recognizers
from web.request_trace import Trace

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # in seconds

# The *_created series do not work with several processes.
disable_created_metrics()  # type: ignore[no-untyped-call]

# The metrics of this process. With several workers they only write to files.
OWN: Final = CollectorRegistry()

REQUESTS: Final = Counter(
    "digitpad_requests", "Requests, by route, method and status.", ["route", "method", "status"], registry=OWN
)
SECONDS: Final = Histogram(
    "digitpad_request_seconds",
    "Time from a request's arrival in a worker until its answer is made, by route.",
    ["route"],
    buckets=BUCKETS,
    registry=OWN,
)
IN_FLIGHT: Final = Gauge(
    "digitpad_requests_in_flight",
    "Requests whose answers are not yet sent, this one among them.",
    multiprocess_mode="livesum",
    registry=OWN,
)
REFUSALS: Final = Counter("digitpad_refusals", "Requests that were refused, by reason.", ["reason"], registry=OWN)
DIGITS: Final = Counter(
    "digitpad_predictions",
    "Digits that were read, those of numbers too, by model, class and verdict.",
    ["model", "class", "verdict"],
    registry=OWN,
)
ANSWERS: Final = Counter(
    "digitpad_answers",
    "Digits and numbers that were asked for, by model, verdict and route.",
    ["route", "model", "verdict"],
    registry=OWN,
)
RELOADS: Final = Counter("digitpad_reloads", "New weights that a worker took, by model.", ["model"], registry=OWN)
RELOADS_REFUSED: Final = Counter(
    "digitpad_reloads_refused", "New weights that a worker refused, by model.", ["model"], registry=OWN
)

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer with the metrics of all workers."""
    registry = OWN
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry) + generate_latest(_models()), content_type=CONTENT_TYPE_LATEST)


# The child of a metric for its labels, found once: they are few, since no client can create one.
_requests = functools.cache(REQUESTS.labels)
_seconds = functools.cache(SECONDS.labels)
_answers = functools.cache(ANSWERS.labels)
_digits = functools.cache(DIGITS.labels)


def counted(trace: Trace, elapsed: float) -> None:
    """Count a request that was answered after `elapsed` milliseconds."""
    _requests(trace.route, trace.method, trace.status).inc()
    _seconds(trace.route).observe(elapsed / 1000)
    if trace.reason:
        REFUSALS.labels(trace.reason).inc()
    if trace.model:
        name, _ = trace.model
        for verdict, count in trace.verdicts.items():
            _answers(trace.route, name, verdict).inc(count)
        for (label, verdict), count in trace.digits.items():
            _digits(name, label, verdict).inc(count)


def reloaded(name: str) -> None:
    """Count new weights of the model `name` that this worker loaded."""
    RELOADS.labels(name).inc()


def reload_refused(name: str) -> None:
    """Count new weights of the model `name` that this worker refused."""
    RELOADS_REFUSED.labels(name).inc()


class _Models(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        info = GaugeMetricFamily(
            "digitpad_model_info",
            "The versions of the weights in the worker that was asked: always 1.",
            labels=["model", "version"],
        )
        for name, recognizer in sorted(recognizers().loaded.items()):
            info.add_metric([name, recognizer.version], 1)
        yield info


def _models() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Models())
    return registry
