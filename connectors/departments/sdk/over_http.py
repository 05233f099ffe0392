"""How does a department speak with the hub over HTTP? One event a request."""

from __future__ import annotations

import json
import ssl
from collections import deque
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.departments.sdk.events import Event
from connectors.departments.sdk.transport import Answer, NotNow, Outcome, Receipt, Refused

STRUCTURED = "application/cloudevents+json"
DECISION_MADE = "decision.made"
ANSWER_BYTES_MAX = 1 << 20
TIMEOUT_S = 10.0
RETRY_AFTER_MAX_S = 3600.0

_REFUSED_FOR_GOOD = frozenset({400, 409, 411, 413, 415, 422})
# Said of the event, not of the credentials.
_REFUSED_REASONS = frozenset({"FOREIGN_SOURCE", "NOT_FOR_DEPARTMENTS"})


class HttpTransport:
    """Posts to `/v1/events` and asks for decisions by receipt (fits transport.Transport)."""

    asks_by_receipt = True

    def __init__(
        self,
        base_url: str,
        source: str,
        *,
        token_file: Path | None = None,
        tls: ssl.SSLContext | None = None,
        wait_s: float = 2.0,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            base_url: Where the gateway is, such as `https://hub.example`.
            source: The department's registry code.
            token_file: Holds the bearer token; read for every request, so it may be renewed.
            tls: For a client certificate or an authority of your own.
            wait_s: How long the hub may take to decide before it answers without the decision.
            timeout_s: How long one request may take beyond that.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{base_url!r} is no address of a gateway: https://HOST expected")
        self.source = source
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path.rstrip("/")
        self._secure = parts.scheme == "https"
        self._tls = tls
        self._token_file = token_file
        self._wait_s, self._timeout_s = wait_s, timeout_s
        # One to post and one to ask: they may be used by two threads.
        self._connections: dict[str, HTTPConnection] = {}
        self._decided: deque[Answer] = deque()

    def send(self, events: Sequence[Event]) -> list[Outcome]:
        """Post each event; when the hub does not answer, the rest waits as well."""
        outcomes: list[Outcome] = []
        for event in events:
            if outcomes and isinstance(outcomes[-1], NotNow):
                outcomes.append(outcomes[-1])
                continue
            outcomes.append(self._post(event))
        return outcomes

    def poll(self, undecided: Sequence[str], wait_s: float) -> list[Answer]:
        """Decisions that came with a post, else those that were made meanwhile."""
        if self._decided:
            found = list(self._decided)
            self._decided.clear()
            return found
        answers = []
        for receipt in undecided:
            status, _, body = self._ask("GET", f"/v1/receipts/{quote(receipt, safe='')}")
            if status is None or status >= 500 or status == 429:
                break
            decision = _decision(body) if status == 200 else None
            if decision is not None:
                answers.append(_answer(decision, receipt))
        return answers

    def handled(self, answers: Sequence[Answer]) -> None:
        """Nothing to tell: an answered task is not asked about again."""

    def close(self) -> None:
        """End the connections."""
        for method in list(self._connections):
            self._drop(method)

    def try_out(self, event: Event) -> Outcome:
        """What would the hub say to this event? Nothing is kept or changed there."""
        return self._post(event, "/v1/events?dry_run=true", may_decide=False)

    def _post(self, event: Event, path: str = "/v1/events", *, may_decide: bool = True) -> Outcome:
        headers = {"Content-Type": STRUCTURED}
        if may_decide:
            headers["Prefer"] = f"wait={self._wait_s:g}"
        status, retry_after, body = self._ask("POST", path, event.structured(self.source), headers)
        if status is None:
            return NotNow(str(body.get("detail")))
        if status in (200, 201, 202):
            decision = _decision(body)
            if decision is not None and may_decide:
                self._decided.append(_answer(decision, event.id))
            return Receipt(str(body.get("receipt_id") or event.id))
        reason = str(body.get("reason") or status)
        message = (
            f"{status} {body.get('detail') or body.get('title') or ''} {body.get('field', '')}"
        )
        if status in _REFUSED_FOR_GOOD or reason in _REFUSED_REASONS:
            return Refused(reason, message.strip())
        return NotNow(f"{reason}: {message.strip()}", retry_after)

    def _ask(
        self, method: str, path: str, data: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int | None, float | None, Mapping[str, Any]]:
        """One request: status, Retry-After and the answer's JSON; status None: no answer."""
        try:
            connection = self._connected(method)
            connection.request(method, self._path + path, data, self._headers(headers))
            answer = connection.getresponse()
            body = answer.read(ANSWER_BYTES_MAX + 1)
            if len(body) > ANSWER_BYTES_MAX or answer.will_close:
                self._drop(method)
            return answer.status, _retry_after_s(answer), _object(body)
        except (OSError, HTTPException) as cause:
            self._drop(method)
            return None, None, {"detail": f"{type(cause).__name__}: {cause}"}

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        headers = {"Accept": "application/json", **more}
        if self._token_file is not None:
            token = self._token_file.read_text(encoding="ascii").strip()
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def _connected(self, method: str) -> HTTPConnection:
        if method not in self._connections:
            limit = self._timeout_s + self._wait_s
            if self._secure:
                tls = self._tls or ssl.create_default_context()
                made: HTTPConnection = HTTPSConnection(
                    self._host, self._port, timeout=limit, context=tls
                )
            else:
                made = HTTPConnection(self._host, self._port, timeout=limit)
            self._connections[method] = made
        return self._connections[method]

    def _drop(self, method: str) -> None:
        connection = self._connections.pop(method, None)
        if connection is not None:
            connection.close()


def _decision(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    held = body.get("decision")
    return held if isinstance(held, Mapping) else None


def _answer(decision: Mapping[str, Any], place: str) -> Answer:
    # With sorted names a decision is known again, whichever way it came.
    value = json.dumps(decision, ensure_ascii=False, sort_keys=True).encode()
    return Answer(DECISION_MADE, decision, value, place)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _retry_after_s(answer: HTTPResponse) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return min(float(text), RETRY_AFTER_MAX_S) if text.isdigit() else None
