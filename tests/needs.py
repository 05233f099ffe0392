"""What must each part of an installation find where it runs? One table for all ways to deploy it.

tests/test_deployments.py holds docker-compose.yml and the manifests of Kubernetes against it.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.sites import CREDIT_TIANJIN, NATIONAL, TIANJIN_SUBJECTS


class Folder(NamedTuple):
    """A folder that must be there: the setting that names it, what is in it, whether it is written.

    `what`: of two kinds of keys in one folder, which.
    """

    setting: str
    what: str
    written: bool


KEYS = Folder("keys", "key ring", written=False)
PUBLIC_KEYS = Folder("keys", "public keys", written=False)
SITE_KEYS = Folder("site_keys", "site keys", written=False)
CREDENTIALS = Folder("gateway", "credentials", written=False)
UPLOADS = Folder("uploads", "uploads", written=True)
DRAWS = Folder("draws", "draws", written=True)
STATISTICS = Folder("statistics", "statistics", written=True)


class Needs(NamedTuple):
    """What one part needs.

    Attributes:
        command: what it is started with, after `inspection-hub worker`.
        folders: what it reads or writes.
        sites: whether it must know where the publicity systems are.
        http: whether people and departments reach it; then it is asked at `/readyz`.
    """

    command: tuple[str, ...]
    folders: frozenset[Folder] = frozenset()
    sites: bool = False
    http: bool = False


def _delivers(code: str, *folders: Folder) -> Needs:
    return Needs(("deliver", "--site", code), frozenset(folders), sites=True)


_PAGES = frozenset({PUBLIC_KEYS, CREDENTIALS, UPLOADS, DRAWS})
GATEWAY = Needs(("gateway",), _PAGES, http=True)
OPERATIONS = Needs(("gateway",), _PAGES | {STATISTICS}, sites=True, http=True)
"""A gateway with `/ops`: statistics are shown, public lists are compared."""
COMMON: dict[str, Needs] = {
    "intake": Needs(("intake",)),
    "decide": Needs(("decide",), frozenset({KEYS})),
    "schedule": Needs(("schedule",)),
    "watch": Needs(("watch",)),
    "statistics": Needs(("statistics",), frozenset({STATISTICS})),
    "deliver-gsxt": _delivers(NATIONAL.code),
    "deliver-credit": _delivers(CREDIT_TIANJIN.code, SITE_KEYS),
    "deliver-subjects": _delivers(TIANJIN_SUBJECTS.code),
}
IN_COMPOSE = COMMON | {"gateway": OPERATIONS}
"""On one host one gateway does all."""
IN_KUBERNETES = COMMON | {"gateway": GATEWAY, "operations": OPERATIONS}
