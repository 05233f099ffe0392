"""How does a department without a platform draw? Begun, revealed, looked at; no HTTP in here.

What is told to the hub are the department's own events, judged and stored like any other's. The
seed lies in the draw's folder until it is revealed, and in no answer, log or topic before that.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from connectors.departments.gateway.intake.acceptance import Taken
from connectors.departments.gateway.parts import Parts
from connectors.departments.gateway.planning.draw_answers import (
    DrawAsked,
    DrawShown,
    OwnDraw,
    shown,
)
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.auth import Principal
from connectors.draws.folder import (
    Begun,
    DrawFileError,
    DrawFolder,
    asked_digest,
    folder_of,
    last_sent,
)
from connectors.draws.frame import NotDrawnError, Wanted, frame_of, want
from connectors.draws.told import commitment, differences, document_of, revealed, submitted
from schemas.codec import encode_json
from schemas.desk import Admitted, Posted
from schemas.draw import DrawClaim, DrawDocument, DrawFrame, fault_of, work_of
from schemas.draw_frame import Drawable
from schemas.envelope import Envelope, write_headers
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.messages import DRAW_COMMITTED, DRAW_REVEALED, DRAW_SUBMITTED
from schemas.reasons import Refusal
from schemas.topics import in_topic

WORK_MAX = 1_000_000
"""Lots of one draw: about two seconds of one core, in a thread."""
CHECK_WORK_MAX = 300_000
"""Of one that anybody wants checked."""
_FAULTS_TOLD_MAX = 20
_STATES_AT_ONCE = 500
_SEED_BYTES = 32


class Made(NamedTuple):
    """A draw that was made; `duplicate`: it was published before."""

    document: DrawDocument
    duplicate: bool


class DrawDesk:
    """Carries out what departments, and anybody, ask about draws."""

    def __init__(self, parts: Parts, draws: Path) -> None:
        self._parts = parts
        self._draws = draws
        # What takes seconds of a core is done once at a time: other requests must get theirs.
        self._one_at_a_time = asyncio.Lock()

    async def commit(self, who: Principal, asked: DrawAsked, *, dry_run: bool) -> DrawShown:
        """Fix what is drawn from, and publish its hash and that of a secret seed.

        The same asked for again is answered as it was, whatever the registries say by then.

        Raises:
            Problem: it cannot be drawn, or was begun otherwise; nothing was committed to.
        """
        plan = asked.plan
        if plan.dept != who.dept:
            found = f'"{plan.dept}" found, you are {who.dept}'
            raise Problem(Refusal.FOREIGN_SOURCE, found, field="plan.dept")
        folder, wanted = self._folder(who.dept, plan.draw_id), _wanted(asked)
        digest = asked_digest(plan, wanted)
        known = await self._begun(folder)
        if known is None:
            frame = await self._frame(asked, wanted)
            if dry_run:
                return shown(frame, None, dry_run=True)
            known = await self._begin(who, folder, frame, digest)
        if known.asked != digest:
            raise Problem(Why.DRAW_BEGUN, field="plan.draw_id")
        if dry_run:
            return shown(known.frame, known.committed, dry_run=True, duplicate=True)
        event = (DRAW_COMMITTED, plan.draw_id, known.committed)
        (taken,) = await self._send(who, known.committed.committed_at.isoformat(), [event])
        return shown(known.frame, known.committed, duplicate=taken.duplicate)

    async def reveal(self, who: Principal, draw_id: str, public_value: str) -> Made:
        """Draw, publish the seed, and submit the objects. The same again changes nothing.

        Raises:
            Problem: there is no such draw of this department, what was committed to is not
                published yet, or another public value was given before or is wanted.
        """
        folder = self._folder(who.dept, draw_id)
        begun = await self._begun(folder)
        if begun is None:
            raise Problem(Why.NOT_FOUND, field="draw_id")
        if not self._is_published(begun.committed):
            await self._parts.acceptance.level()
        if not self._is_published(begun.committed):
            known, _ = self._parts.desk.draw(draw_id)
            if known is not None:
                found = f"what {known.dept} committed to stands: it was published first"
                raise Problem(Refusal.DRAW_TAKEN, found, field="draw_id")
            raise Problem(Why.DRAW_NOT_PUBLISHED, field="draw_id", retry_after_s=1)
        kept = await asyncio.to_thread(folder.drawn)
        if kept is None:
            made = await self._draw(begun, public_value, self._parts.desk.draw(draw_id)[1])
            # Judged before it is kept: what is refused must not become the draw.
            await self._admit(who, made.revealed_at, (DRAW_REVEALED, draw_id, revealed(made)))
            kept = await asyncio.to_thread(folder.keep_document, made)
        if kept.public_value != public_value:
            raise Problem(Why.DRAW_BEGUN, "drawn with another public value", field="public_value")
        first = (DRAW_REVEALED, draw_id, revealed(kept))
        rest = [(DRAW_SUBMITTED, part.draw_id, part) for part in submitted(kept)]
        taken = await self._send(who, kept.revealed_at, [first, *rest])
        return Made(kept, all(one.duplicate for one in taken))

    async def own(self, dept: str, draw_id: str) -> OwnDraw:
        """A draw of this department as it stands.

        Raises:
            Problem: there is none.
        """
        begun = await self._begun(self._folder(dept, draw_id))
        if begun is None:
            raise Problem(Why.NOT_FOUND, field="draw_id")
        published = self._is_published(begun.committed)
        seed = self._parts.desk.draw(draw_id)[1] if published else None
        return OwnDraw(
            committed=begun.committed, published=published, revealed=seed, frame=begun.frame
        )

    async def document(self, draw_id: str) -> tuple[bytes, DrawCommitted]:
        """The document of a draw whose seed was published, as it is kept here.

        Raises:
            Problem: it is not revealed, or not kept here.
        """
        committed, seed = self._parts.desk.draw(draw_id)
        if committed is None or seed is None:
            raise Problem(Why.NOT_FOUND, field="draw_id")
        path = self._folder(committed.dept, draw_id).document
        try:
            return await asyncio.to_thread(path.read_bytes), committed
        except FileNotFoundError:
            raise Problem(Why.NOT_FOUND, field="draw_id") from None

    async def verify(self, claim: DrawClaim) -> list[str]:
        """What is wrong with a draw that somebody shows; empty: it is true.

        Raises:
            Problem: to draw it again takes more than may be asked for here.
        """
        if work_of(claim.frame) > CHECK_WORK_MAX:
            found = "too large to be drawn again here; examples/recompute_draw.py needs no hub"
            raise Problem(Refusal.TOO_LARGE, found, field="frame")
        async with self._one_at_a_time:
            fault = await asyncio.to_thread(fault_of, claim)
        draw_id = claim.frame.draw_id
        published = self._parts.desk.draw(draw_id)
        return ([fault] if fault else []) + differences(claim, *published)

    async def _begin(
        self, who: Principal, folder: DrawFolder, frame: DrawFrame, digest: str
    ) -> Begun:
        seed, now = secrets.token_hex(_SEED_BYTES), self._parts.now()
        begun = Begun(digest, frame, commitment(frame, seed, now), seed)
        event = (DRAW_COMMITTED, frame.draw_id, begun.committed)
        # Judged before it is kept: a draw_id that another department took is refused here.
        await self._admit(who, begun.committed.committed_at.isoformat(), event)
        return await asyncio.to_thread(folder.keep, begun)

    async def _frame(self, asked: DrawAsked, wanted: Wanted) -> DrawFrame:
        parts, plan, today = self._parts, asked.plan, self._parts.today()
        await parts.acceptance.level()
        sources = parts.desk.draw_sources(plan.dept, wanted)
        states = await self._states([*sources.subjects])

        def drawable(uscc: str) -> Drawable:
            return parts.desk.drawable(
                states[uscc], dept=plan.dept, scheme=plan.scheme, on=today
            )  # fmt: skip

        def made() -> DrawFrame:
            sent = last_sent(self._draws, plan.dept, plan.draw_id)
            return frame_of(plan, wanted, sources, drawable, sent, today)

        try:
            async with self._one_at_a_time:
                frame = await asyncio.to_thread(made)
        except NotDrawnError as why:
            raise _not_drawable(why.faults) from None
        if work_of(frame) > WORK_MAX:
            raise Problem(Refusal.TOO_LARGE, "too many objects for so many officers: draw in parts")
        return frame

    async def _states(self, codes: Sequence[str]) -> dict[str, bytes | None]:
        view, desk = self._parts.view, self._parts.desk
        found: dict[str, bytes | None] = {}
        for at in range(0, len(codes), _STATES_AT_ONCE):
            some = codes[at : at + _STATES_AT_ONCE]
            states = await asyncio.gather(*(view.state(desk.partition(one), one) for one in some))
            found |= dict(zip(some, states, strict=True))
        return found

    async def _draw(
        self, begun: Begun, public_value: str, known: DrawRevealed | None
    ) -> DrawDocument:
        source = begun.frame.public_source
        if bool(public_value) != (source is not None):
            wanted = f"the value of: {source}" if source else "none: the plan names no source"
            raise Problem(Refusal.DRAW_SEED, wanted, field="public_value")
        # Published before, and its document lost: the same again, to the second.
        now = self._parts.now() if known is None else known.revealed_at
        async with self._one_at_a_time:
            return await asyncio.to_thread(
                document_of, begun.frame, begun.committed, begun.seed, public_value, now
            )

    def _is_published(self, committed: DrawCommitted) -> bool:
        known, _ = self._parts.desk.draw(committed.draw_id)
        return known == committed

    def _folder(self, dept: str, draw_id: str) -> DrawFolder:
        try:
            return folder_of(self._draws, dept, draw_id)
        except DrawFileError as fault:
            raise Problem(Refusal.INVALID_FIELD, str(fault), field="draw_id") from None

    async def _begun(self, folder: DrawFolder) -> Begun | None:
        return await asyncio.to_thread(folder.begun)

    async def _admit(
        self, who: Principal, time: str, event: tuple[str, str, BaseModel]
    ) -> tuple[Posted, Admitted]:
        type_, name, data = event
        # The same draw gets the same ids and times: what is sent twice is known as a repeat.
        envelope = Envelope(f"{type_}:{name}", who.dept, type_, time)
        at_ms = int(self._parts.now().timestamp() * 1000)
        posted = Posted(
            in_topic(who.dept), at_ms, encode_json(data), write_headers(envelope)
        )  # fmt: skip
        return posted, await self._parts.acceptance.admit(who, envelope, posted)

    async def _send(
        self, who: Principal, time: str, events: Sequence[tuple[str, str, BaseModel]]
    ) -> list[Taken]:
        admitted = [await self._admit(who, time, event) for event in events]
        taken = []
        for outcome in await self._parts.acceptance.take(admitted):
            if isinstance(outcome, Problem):
                raise outcome
            taken.append(outcome)
        return taken


def _wanted(asked: DrawAsked) -> Wanted:
    wanted: Wanted = {}
    faults = [
        fault
        for place, one in enumerate(asked.objects)
        if (fault := want(wanted, one.uscc, one.avoid, f"objects[{place}].uscc")) is not None
    ]
    if faults:
        raise _not_drawable(faults)
    return wanted


def _not_drawable(faults: Sequence[str]) -> Problem:
    left = len(faults) - _FAULTS_TOLD_MAX
    more = [f"and {left} more"] if left > 0 else []
    return Problem(
        Why.NOT_DRAWABLE, "; ".join([*faults[:_FAULTS_TOLD_MAX], *more]), field="objects"
    )
