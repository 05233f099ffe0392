"""What has this process measured? One meter a process, made of the table in `schemas.metrics`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder

from schemas.metric_shape import Kind
from schemas.metrics import BY_NAME

# A second series for each, only to say when it began: Prometheus knows that.
disable_created_metrics()  # type: ignore[no-untyped-call] # the library's lacks one

NOT_INSTALLED = "source"
_END = b"# EOF\n"
"""The last line of the OpenMetrics form."""
_Any = TypeVar("_Any", Counter, Gauge, Histogram)


class Meter:
    """Counts, gauges and histograms by their names in the table.

    A name or a label that the table does not have is a mistake of ours: KeyError, ValueError.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._beside: list[Callable[[], bytes]] = []
        self._of: dict[str, Counter | Gauge | Histogram] = {}
        # The library checks names and values of labels anew each time: half of what a count costs.
        self._series: dict[tuple[Any, ...], Any] = {}

    def add(self, name: str, count: float = 1, **labels: str) -> None:
        """Count something that happened."""
        self._one(name, Counter, labels).inc(count)

    def set(self, name: str, value: float, **labels: str) -> None:
        """Say how something stands now."""
        self._one(name, Gauge, labels).set(value)

    def ask(self, name: str, question: Callable[[], float]) -> None:
        """Have something asked whenever the figures are read, from another thread."""
        self._collector(name, Gauge).set_function(question)

    def show(self, lines: Callable[[], bytes]) -> None:
        """Give out figures that are kept elsewhere, as they are to stand on the page.

        They are asked whenever it is read, and must be the same in both of its forms.
        """
        self._beside.append(lines)

    def seen(self, name: str, value: float, trace_id: str | None = None, **labels: str) -> None:
        """Take one measurement in; `trace_id` names a trace that it may be looked up in."""
        exemplar = {"trace_id": trace_id} if trace_id else None
        self._one(name, Histogram, labels).observe(value, exemplar)

    def value(self, name: str, **labels: str) -> float:
        """What one series stands at; 0 if there is none."""
        return self.registry.get_sample_value(name, labels) or 0.0

    def page(self, accept: str) -> tuple[bytes, str]:
        """The page as the asker can read it, and its content type.

        Exemplars are only in the OpenMetrics form.
        """
        encode, content_type = choose_encoder(accept)
        page = encode(self.registry)
        own = page.removesuffix(_END)
        return b"".join([own, *(lines() for lines in self._beside), page[len(own) :]]), content_type

    def started(self, role: str, rules_version: int) -> None:
        """Say what runs here."""
        labels = {"role": role, "version": _version(), "rules_version": str(rules_version)}
        self.set("hub_build_info", 1, **labels)

    def _one(self, name: str, kind: type[_Any], labels: dict[str, str]) -> _Any:
        """One series of a collector."""
        place = (kind, name, *labels.items())
        found: _Any | None = self._series.get(place)
        if found is None:
            collector = self._collector(name, kind)
            found = self._series[place] = collector.labels(**labels) if labels else collector
        return found

    def _collector(self, name: str, kind: type[_Any]) -> _Any:
        """The collector of a row of the table, made when it is first used."""
        found = self._of.get(name)
        if found is None:
            row = BY_NAME[name]
            if row.kind is Kind.HISTOGRAM:
                found = Histogram(
                    name, row.help, row.labels, buckets=row.buckets, registry=self.registry
                )
            else:
                made = Counter if row.kind is Kind.COUNTER else Gauge
                found = made(name, row.help, row.labels, registry=self.registry)
            self._of[name] = found
        if not isinstance(found, kind):
            raise TypeError(f"{name} is a {BY_NAME[name].kind}: it cannot be used as {kind}")
        return found


@lru_cache(1)
def _version() -> str:
    try:
        return version("inspection-hub")
    except PackageNotFoundError:
        return NOT_INSTALLED
