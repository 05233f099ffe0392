"""What has the group committed? aiokafka's answer, made to heed what it overlooks.

Since its version 2 the answer to OffsetFetch carries an error for the whole group: a broker that
was just restarted still loads the offsets and says so there, naming no partition. aiokafka 0.14
reads the partitions only and takes that for "nothing was ever committed": every partition would be
read again from its first record, as the chaos runs saw after restarts of the broker.
"""

from __future__ import annotations

from typing import Any

from aiokafka.errors import (
    CoordinatorNotAvailableError,
    NotCoordinatorError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest

_ELSEWHERE = (CoordinatorNotAvailableError, NotCoordinatorError)


def heed_group_errors(coordinator: Any) -> None:  # noqa: ANN401 - aiokafka has no types
    """Make this coordinator raise the error of a whole group; aiokafka then asks again."""
    send = coordinator._send_req  # noqa: SLF001 - aiokafka has no public way

    async def careful(request: Any) -> Any:  # noqa: ANN401
        response = await send(request)
        code: Any = getattr(response, "error_code", None)
        if code and isinstance(request, OffsetFetchRequest):
            error = for_code(code)
            if issubclass(error, _ELSEWHERE):
                coordinator.coordinator_dead()
            raise error()
        return response

    coordinator._send_req = careful  # noqa: SLF001
