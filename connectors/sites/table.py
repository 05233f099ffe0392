"""Which connector speaks to which system? One row a system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from connectors.keys import KeyRing, KeyRingError, open_key_ring
from connectors.sites import credit_tianjin, national, tianjin_subjects
from connectors.sites.credit_tianjin import CreditTianjin
from connectors.sites.national import NationalSystem
from connectors.sites.tianjin_subjects import TianjinSubjects
from schemas.feed import Notice, Scalar
from schemas.settings import Settings
from schemas.signing import Signer
from schemas.sites import CREDIT_TIANJIN, NATIONAL, SITES, TIANJIN_SUBJECTS

Form = Callable[[Notice], dict[str, Scalar]]
System = NationalSystem | CreditTianjin | TianjinSubjects

FORMS: Mapping[str, Form] = MappingProxyType(
    {
        NATIONAL.code: national.form,
        CREDIT_TIANJIN.code: credit_tianjin.form,
        TIANJIN_SUBJECTS.code: tianjin_subjects.form,
    }
)
"""The form of each system, by its code."""


class NotConnectedError(Exception):
    """A system's address or key is missing; the text names all settings that it needs."""


def open_system(code: str, settings: Settings) -> System:
    """The connector of a system. It opens no connection before it is asked.

    Raises:
        NotConnectedError: settings of this system are missing, or its database driver is.
        KeyRingError: the keys that sign for it are missing or unfit.
        KeyError: there is no such system.
    """
    return _OPEN[SITES[code].code](settings)


def open_reader(code: str, settings: Settings) -> System:
    """The same, to read what a system shows the public: nothing is signed, so no key is needed.

    Raises:
        NotConnectedError, KeyError: as `open_system`.
    """
    return _to_read(settings) if code == CREDIT_TIANJIN.code else open_system(code, settings)


def site_signers(settings: Settings) -> tuple[Signer, ...]:
    """The keys that sign what is pushed to 信用中国（天津）, the newest first.

    Raises:
        KeyRingError: there is none of the scheme, or one is unfit.
    """
    ring = site_key_ring(settings)
    newest = ring.signer(settings.site_credit_scheme)
    others = [one for one in ring.signers.values() if one is not newest]
    return (newest, *others)


def site_key_ring(settings: Settings) -> KeyRing:
    """The keys by which 信用中国（天津） knows the hub.

    Raises:
        KeyRingError: there are none, or one is unfit.
    """
    if not settings.site_keys.is_dir():
        raise KeyRingError(f"no keys in {settings.site_keys}: run: hub keys init --sites")
    return open_key_ring(settings.site_keys)


def _national(settings: Settings) -> NationalSystem:
    database, page = _given(
        HUB_SITE_NATIONAL_DATABASE=settings.site_national_database,
        HUB_SITE_NATIONAL_PAGE=settings.site_national_page,
    )
    # Here, not above: decide needs the forms, and no database.
    from sqlalchemy.exc import ArgumentError

    try:
        return NationalSystem(database, page)
    except (ImportError, ArgumentError):
        # Without the cause: it may quote the address, and with it a password.
        driver = database.partition(":")[0]
        raise NotConnectedError(
            f"HUB_SITE_NATIONAL_DATABASE: the driver of {driver} is not installed, or the address "
            "is none it can read: install the extra postgres"
        ) from None


def _credit_tianjin(settings: Settings) -> CreditTianjin:
    return CreditTianjin(*_credit_addresses(settings), site_signers(settings))


def _to_read(settings: Settings) -> CreditTianjin:
    return CreditTianjin(*_credit_addresses(settings), ())


def _credit_addresses(settings: Settings) -> tuple[str, str]:
    address, page = _given(
        HUB_SITE_CREDIT_URL=settings.site_credit_url,
        HUB_SITE_CREDIT_PAGE=settings.site_credit_page,
    )
    return address, page


def _tianjin_subjects(settings: Settings) -> TianjinSubjects:
    (page,) = _given(HUB_SITE_SUBJECTS_PAGE=settings.site_subjects_page)
    return TianjinSubjects(page)


def _given(**values: str) -> tuple[str, ...]:
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise NotConnectedError(f"not set: {', '.join(missing)}")
    return tuple(values.values())


_OPEN: Mapping[str, Callable[[Settings], System]] = MappingProxyType(
    {
        NATIONAL.code: _national,
        CREDIT_TIANJIN.code: _credit_tianjin,
        TIANJIN_SUBJECTS.code: _tianjin_subjects,
    }
)
