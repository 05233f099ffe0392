"""How do commands learn where the servers are that `hub up` runs? By files in the data folder."""

from __future__ import annotations

from pathlib import Path

BROKER_ADDRESS_FILE = "broker.address"
REDIS_ADDRESS_FILE = "redis.address"
STAND_INS_FILE = "stand-ins.json"
"""Settings of the sites whose stand-ins run here: addresses on this machine, and no secrets."""


def write_address(path: Path, address: str) -> None:
    """Tell other commands where a server of ours is; readers never see half an address."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(address + "\n", encoding="utf-8")
    beside.replace(path)
