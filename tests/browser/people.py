"""How people get in: an officer by his token, an enterprise by its licence."""

from __future__ import annotations

from page_site import PageSite
from telephone import Telephone


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
