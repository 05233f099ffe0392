"""How does a hub on one machine get publicity systems to deliver to? By running the stand-ins.

They are processes of their own with journals on disk (`hub sandbox`); the settings that this gives
point the hub's deliver roles at them.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from connectors.child import Child, ServerError, accepts, free_port
from schemas.settings import Settings
from schemas.sites import CREDIT_TIANJIN, NATIONAL, SITES, TIANJIN_SUBJECTS

UP_WAIT_S = 60.0
ANSWER_WAIT_S = 5.0
IMPORT_EVERY_S = 1.0
_LOOK_EVERY_S = 0.05


class StandIns:
    """The stand-ins of all publicity systems; usable with `with`."""

    def __init__(
        self,
        home: Path,
        *,
        delay_s: float = 0.0,
        import_every_s: float = IMPORT_EVERY_S,
        licence: bool = False,
    ) -> None:
        """Prepare.

        Args:
            home: Where they keep their journals.
            delay_s: The time from arrival to effect and business receipt.
            import_every_s: How often the national system imports.
            licence: Also stand in for the electronic business licence service.
        """
        self.home = home
        self._licence_port = free_port() if licence else 0
        self._delay_s = delay_s
        self._import_every_s = import_every_s
        self._ports = {code: free_port() for code in SITES}
        self._children: dict[str, Child] = {}
        self._stack = ExitStack()

    def settings(self, settings: Settings) -> Settings:
        """The same installation, delivering to these."""
        port = self._licence_port
        return settings.model_copy(
            update={
                "licence_url": f"http://127.0.0.1:{port}" if port else settings.licence_url,
                "sites": ",".join(SITES),
                **self.addresses(),
            }
        )

    def addresses(self) -> dict[str, str]:
        """The settings that say where these are, by name."""
        pages = {code: f"{self.address(code)}/public" for code in SITES}
        return {
            "site_national_database": f"sqlite:///{self.folder(NATIONAL.code)}/front.db",
            "site_national_page": pages[NATIONAL.code],
            "site_credit_url": f"{self.address(CREDIT_TIANJIN.code)}/exchange",
            "site_credit_page": pages[CREDIT_TIANJIN.code],
            "site_subjects_page": pages[TIANJIN_SUBJECTS.code],
        }

    def start(self, env: Mapping[str, str], sites: Collection[str] = tuple(SITES)) -> Self:
        """Start all, or those of some sites, and wait until they answer.

        Args:
            env: What every process of the hub is told: broker, Redis, folders.
            sites: Codes of the sites whose stand-ins are wanted.

        Raises:
            ServerError: one did not come up; its last words are in the message.
        """
        for code in sites:
            argv = [sys.executable, "-m", "hub", "sandbox", *self.arguments(code)]
            log = self.folder(code) / "sandbox.log"
            child = Child(f"sandbox {code}", argv, log=log, env=env)
            child.start()
            self._stack.callback(child.stop)
            self._children[code] = child
        if self._licence_port:
            self._start_licence(env)
        for code, child in self._children.items():
            self._wait(f"the stand-in of {code}", self._ports[code], child)
        return self

    def arguments(self, site: str) -> list[str]:
        """How `hub sandbox` runs one, for whoever runs it himself; its folder is there."""
        folder = self.folder(site)
        folder.mkdir(parents=True, exist_ok=True)
        options = {
            "--folder": str(folder), "--port": str(self._ports[site]),
            "--delay": str(self._delay_s), "--import-every": str(self._import_every_s),
        }  # fmt: skip
        return [site, *(part for option in options.items() for part in option)]

    def stop(self) -> None:
        """Stop all in order."""
        self._stack.close()

    def child(self, site: str) -> Child:
        """The process of one that was started."""
        return self._children[site]

    def address(self, site: str) -> str:
        """Where a stand-in answers."""
        return f"http://127.0.0.1:{self._ports[site]}"

    def folder(self, site: str) -> Path:
        """Where a stand-in keeps its journal."""
        return (self.home / site).resolve()

    def journals(self) -> dict[str, Path]:
        """Each stand-in's own journal, for the auditor."""
        return {code: self.folder(code) / "journal.db" for code in SITES}

    def fault(self, site: str, mode: str, **more: Any) -> None:  # noqa: ANN401 - any JSON
        """Make one misbehave (docs/delivery.md); `clear` ends it."""
        body = json.dumps({"mode": mode, **more}).encode()
        request = urllib.request.Request(  # noqa: S310 - loopback, built here
            f"{self.address(site)}/faults",
            body,
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=ANSWER_WAIT_S) as answer:  # noqa: S310 - see above
            answer.read()

    def _start_licence(self, env: Mapping[str, str]) -> None:
        """It makes its key known to the gateway, so the gateway must be started after it."""
        self.home.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "hub", "sandbox-licence", "--port", str(self._licence_port)]
        child = Child("sandbox licence", argv, log=self.home / "licence.log", env=env)
        child.start()
        self._stack.callback(child.stop)
        self._wait("the licence service's stand-in", self._licence_port, child)

    def _wait(self, what: str, port: int, child: Child) -> None:
        ends = time.monotonic() + UP_WAIT_S
        while not accepts(port):
            if not child.alive or time.monotonic() > ends:
                raise ServerError(f"{what} did not start:\n{child.log_tail()}")
            time.sleep(_LOOK_EVERY_S)
