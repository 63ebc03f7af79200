"""What Prometheus is told: questions by outcome, how long answers take, what was turned away, and how old the index is.

With several processes, each counts for itself, in files of the folder PROMETHEUS_MULTIPROC_DIR names (which has to be
set before prometheus_client is imported), which whoever is asked adds up. No question text, and nothing about who asked,
is kept. A greeting counts in none of them.
"""

import os
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from assistant.answer import Answer
from assistant.gaps import REFUSED
from assistant.show import is_fixed_reply
from index.generation import Index

_SECONDS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 30.0)


class Metrics:
    """The counts of one server."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._questions = Counter(
            "onrecord_questions", "Questions answered, by outcome.", ["outcome"], registry=registry
        )
        self._refusals = Counter(
            "onrecord_refusals", "Questions refused: unreleased, or not in the sources.", registry=registry
        )
        self._seconds = Histogram(
            "onrecord_answer_seconds", "Seconds to an answer, waiting included.", registry=registry, buckets=_SECONDS
        )
        self._turned_away = Counter(
            "onrecord_turned_away", "Requests that were not served, by their error code.", ["code"], registry=registry
        )
        self._age = Gauge(
            "onrecord_generation_age_seconds", "Seconds since the generation that answers was built.",
            registry=registry, multiprocess_mode="mostrecent",
        )  # fmt: skip

    def answered(self, answer: Answer, seconds: float) -> None:
        """Count an answer, and the time it took."""
        if is_fixed_reply(answer):
            return
        self._questions.labels(answer.outcome).inc()
        self._seconds.observe(seconds)
        if answer.outcome in REFUSED:
            self._refusals.inc()

    def turned_away(self, code: str) -> None:
        """Count a request that was not served."""
        self._turned_away.labels(code).inc()

    def text(self, index: Index) -> bytes:
        """All counts, in Prometheus's text format."""
        built = datetime.fromisoformat(index.manifest["created"])
        self._age.set((datetime.now(UTC) - built).total_seconds())
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
