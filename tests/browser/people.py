"""How people get in: an officer by his token, an enterprise by its licence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway_registry import DEPT
from page_site import PageSite
from telephone import Telephone

from connectors.departments.gateway.parts import SHANGHAI

NAME = "天津甲有限公司"
ON_THE_DAY = datetime(2026, 3, 16, 9, 30, tzinfo=SHANGHAI)


def sign_in(phone: Telephone, site: PageSite, dept: str, cert_no: str) -> None:
    """Sign an officer in."""
    use_token(phone, site.world.issue(dept, officer=cert_no))


def use_token(phone: Telephone, token: str) -> None:
    """Sign in with a token."""
    phone.type("#token", token)
    phone.press("登录")


def prove(phone: Telephone, uscc: str) -> None:
    """Show the licence at the stand-in of the licence service."""
    phone.type("input[name=uscc]", uscc)
    phone.press("出示营业执照")


def enter(phone: Telephone, uscc: str) -> None:
    """Sign an enterprise in to its own pages."""
    phone.open("/e")
    phone.press("用电子营业执照登录")
    prove(phone, uscc)


def at_the_desk(site: PageSite, telephone: Callable[[PageSite], Telephone]) -> Telephone:
    """An officer who is signed in on the day of the visit."""
    site.world.clock = ON_THE_DAY
    officer = telephone(site)
    officer.open("/o")
    sign_in(officer, site, DEPT, "TJ0001")
    return officer


def open_task(officer: Telephone) -> None:
    """From the tasks of the day to the one about the enterprise."""
    officer.open("/o")
    officer.press(NAME)
