"""Which tasks come on a day? Draws in batches, the rest one by one, each with its case (art. 2)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, timedelta
from random import Random

from connectors.generate.aftermath import Aftermath
from connectors.generate.alter import Alterations
from connectors.generate.cases import DRAW_ORDER, LIFE, PER_MILLE, SAME_DAY, Case, Life
from connectors.generate.city import City, Department
from connectors.generate.days import BURST_WORKING_DAYS, DayLoad, visit_days
from connectors.generate.draft import Draft, Drafter
from connectors.generate.envelope import Clock
from connectors.generate.spec import DAY_MS

_CASES = 1000
_SHOWPIECE_EVERY = 4
"""At the start every fourth task is the next case of the list: so a short file has them all."""
_BATCH_STEP_MS = 400
_JOINT_STEP_MS = 90_000
_JOINT_DEPARTMENTS_MAX = 3
_YEAR_END_MIN = 8
_YEAR_END_EVERY = 4_000
_LAST_MOMENT_MS = DAY_MS - 100


class Author:
    """Makes up the tasks of each day."""

    def __init__(
        self, city: City, rng: Random, clock: Clock, aftermath: Aftermath, whitelisted: list[int]
    ) -> None:
        self._city = city
        self._random = rng.random
        self._drafter = Drafter(city, rng, clock)
        self._alterations = Alterations(city, rng, clock, tuple(whitelisted))
        self._aftermath = aftermath
        self._ordinary = city.departments[: -len((city.unlisted, city.expired))]
        self._visit_days = visit_days(city.spec)
        self._power = 1 / (1 - city.spec.skew)
        self._showpieces = list(PER_MILLE)[::-1]
        self._written = 0
        self._draws = 0

    def write_day(self, load: DayLoad) -> None:
        """Submit the tasks of one day."""
        ordinal = load.day.toordinal()
        if load.drawn:
            self._draw(ordinal, load.drawn)
        ahead = self._planned_range(ordinal, ordinal + self._city.spec.ahead_days)
        wheel = self._city.wheel
        for _ in range(load.other):
            department = self._ordinary[wheel[int(self._random() * len(wheel))]]
            at_ms = self._aftermath.office_ms(ordinal)
            # The product of two draws favours the days that are near.
            planned = ahead[int(self._random() * self._random() * len(ahead))]
            self._write(department, at_ms, planned, drawn=False)
        if load.day == self._city.spec.last_day and (load.day.month, load.day.day) == (12, 31):
            self._end_year(ordinal)

    def _draw(self, ordinal: int, count: int) -> None:
        """Submit a draw: the departments whose turn it is each send one batch (art. 2)."""
        turns = 1 if self._city.spec.day_count < BURST_WORKING_DAYS else BURST_WORKING_DAYS
        own = self._ordinary[self._draws % turns :: turns]
        self._draws += 1
        weights = [self._city.wheel.count(one.index) for one in own]
        ahead = self._planned_range(ordinal, self._last_drawn_day(ordinal))
        done = sent = 0
        for department, weight in zip(own, weights, strict=True):
            done += weight
            batch = count * done // sum(weights) - sent
            sent += batch
            start_ms = self._aftermath.office_ms(ordinal)
            for place in range(batch):
                planned = ahead[int(self._random() * len(ahead))]
                self._write(department, start_ms + place * _BATCH_STEP_MS, planned, drawn=True)

    def _last_drawn_day(self, ordinal: int) -> int:
        """The last day on which a drawn inspection may be planned: the end of the quarter."""
        if self._city.spec.any_day:
            return ordinal + self._city.spec.ahead_days
        day = date.fromordinal(ordinal)
        end_month = (day.month - 1) // 3 * 3 + 3
        following = date(day.year + end_month // 12, end_month % 12 + 1, 1)
        return (following - timedelta(days=1)).toordinal()

    def _planned_range(self, first: int, last: int) -> list[int]:
        """The days from first to last on which a visit may be planned; if none, the next one."""
        days = self._visit_days
        begin = bisect_left(days, first)
        return days[begin : max(begin + 1, bisect_right(days, last))]

    def _write(self, department: Department, at_ms: int, planned: int, *, drawn: bool) -> None:
        """Write one task of the case that is drawn for it, and let it live."""
        case = self._case()
        if case is Case.DEPARTMENT_UNLISTED:
            department = self._city.unlisted
        elif case is Case.DEPARTMENT_EXPIRED:
            department = self._city.expired
        portfolio = department.portfolio
        subject = portfolio[int(len(portfolio) * self._random() ** self._power)]
        draft = self._drafter.draft(department, subject, at_ms, planned, drawn=drawn)
        self._finish(draft, case)
        if case is Case.JOINT:
            self._join(draft)
        self._aftermath.live(draft)

    def _finish(self, draft: Draft, case: Case) -> None:
        """Make the draft its case."""
        draft.case, draft.life = case, LIFE[case]
        if draft.life in SAME_DAY:
            draft.content["mode"] = "ONSITE"
            self._alterations.plan(draft, draft.at_ms // DAY_MS)
        self._alterations.apply(draft)

    def _case(self) -> Case:
        self._written += 1
        if self._showpieces and self._written % _SHOWPIECE_EVERY == 0:
            return self._showpieces.pop()
        place = int(self._random() * _CASES)
        return DRAW_ORDER[place] if place < len(DRAW_ORDER) else Case.PLAIN

    def _join(self, draft: Draft) -> None:
        """Have other departments of the place come along on the same day (art. 2)."""
        siblings = draft.department.siblings
        joint_id = f"LH-{draft.content['task_id']}"
        draft.content.update(joint_id=joint_id, mode="ONSITE", kind="DAILY", trigger="PLAN")
        draft.content.update(clue_no=None, special_id=None)
        for place in range(1, 2 + draft.number % (_JOINT_DEPARTMENTS_MAX - 1)):
            # A stride coprime to most counts spreads the partners over the lines of business.
            other = self._ordinary[siblings[(draft.number * 7 + place * 11) % len(siblings)]]
            at_ms = draft.at_ms + place * _JOINT_STEP_MS
            member = self._drafter.draft(other, draft.subject, at_ms, draft.planned, drawn=True)
            member.case = Case.JOINT
            member.content.update(joint_id=joint_id, mode="ONSITE")
            self._aftermath.live(member)

    def _end_year(self, ordinal: int) -> None:
        """Bring the cases around midnight of 31 December, where the year of a visit is in doubt."""
        count = max(_YEAR_END_MIN, self._city.spec.tasks // _YEAR_END_EVERY)
        after = self._planned_range(ordinal + 1, ordinal + 5)
        for place in range(count):
            department = self._ordinary[place * 13 % len(self._ordinary)]
            subject = department.portfolio[0]
            at_ms = ordinal * DAY_MS + _LAST_MOMENT_MS + place % 100
            moves = place % 2 == 1
            planned = ordinal if moves else after[place % len(after)]
            at_ms -= DAY_MS // 2 if moves else 0
            draft = self._drafter.draft(department, subject, at_ms, planned, drawn=False)
            draft.content["mode"] = "ONSITE"
            draft.case = Case.YEAR_MOVE if moves else Case.YEAR_END
            draft.life = Life.YEAR_MOVE if moves else Life.USUAL
            self._aftermath.live(draft)
