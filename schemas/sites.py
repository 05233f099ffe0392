"""Which publicity systems must stop showing a repaired result (art. 13)?

One row a system; topics, workers, connectors and docs read it here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Exchange(StrEnum):
    """How records reach a system."""

    FRONT_TABLE = "FRONT_TABLE"
    HTTP_PUSH = "HTTP_PUSH"
    FEED = "FEED"


@dataclass(frozen=True, slots=True)
class Site:
    """One publicity system: its code in topic names, its name, and how records reach it."""

    code: str
    title: str
    exchange: Exchange


NATIONAL = Site("GSXT-TJ", "国家企业信用信息公示系统", Exchange.FRONT_TABLE)
CREDIT_TIANJIN = Site("CREDIT-TJ", "信用中国（天津）", Exchange.HTTP_PUSH)
TIANJIN_SUBJECTS = Site("SUBJECTS-TJ", "天津市市场主体信用信息公示系统", Exchange.FEED)

SITES: dict[str, Site] = {site.code: site for site in (NATIONAL, CREDIT_TIANJIN, TIANJIN_SUBJECTS)}
