"""How is this installation set up?

Environment variables `HUB_*`; all mistakes are reported at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.sites import SITES
from schemas.topic_shape import JOURNAL_PARTITIONS_DEFAULT, JOURNAL_PARTITIONS_MAX
from schemas.topics import Sizing

BASE_URL_DEFAULT = "https://hub.invalid"
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Partitions = Annotated[int, Field(ge=1, le=JOURNAL_PARTITIONS_MAX)]
Address = Annotated[str, Field(pattern=r"^(https?://[^\s/@]+(/[^\s]*)?)?$")]
Database = Annotated[str, Field(pattern=r"^(sqlite:///\S+|postgresql(\+[a-z0-9]+)?://\S+)?$")]

# Their values may hold a password: a mistake is told without them.
_SECRET = frozenset({"redis_url", "site_national_database"})


class Settings(BaseSettings):
    """Settings of all roles. Each is an environment variable: `HUB_` and the name in capitals.

    Attributes:
        broker: `embedded`, `local`, or bootstrap addresses `HOST:PORT[,HOST:PORT…]`.
        kafka_protocol: how to connect to the broker; with SASL as `kafka_user`.
        kafka_password_file: holds the password; mode 0400.
        kafka_ca_file: authorities that brokers are trusted by; none: the system's.
        redis_url: `redis://HOST:PORT/DB` or `unix://PATH`; empty: the hub starts one of its own.
        data_dir: where a local broker, a Redis of our own and demo keys keep their data.
        keys_dir: the key ring; empty: `keys` in `data_dir`.
        base_url: what the address in a QR code starts with.
        journal_partitions: once the journal exists only `hub journal grow` gives it more.
        commit_interval_s: how often durable positions are committed.
        states_cached_max: encoded states kept per partition, in enterprises.
        expire_every_s: how often the scheduler looks for expired codes, and for windows for draws.
        windows_closed_per_s: enterprises a second whose window for draws is closed at most; fewer
            where decide answers no faster beside other work.
        sites: codes of the publicity systems that are delivered to, `CREDIT-TJ,GSXT-TJ`, or none.
        deliver_calls_max: calls to one system under way at the same time.
        deliver_taken_max: entries one deliver process holds at the same time.
        deliver_poll_s: how often business receipts are asked for.
        deliver_look_s: how often public pages are read for proof.
        deliver_confirm_s: how long a business receipt is waited for before the system is asked.
        deliver_recheck_h: after how long what was seen stopped is looked at again.
        feed_retention_days: how long what is stopped and proven everywhere stays on the feeds.
        site_keys_dir: keys that sign what is pushed to sites; empty: `site-keys` in `data_dir`.
        site_national_database: front database, `postgresql+psycopg://…` or `sqlite:///PATH`.
        site_national_page: what is before `/<result_id>` of the system's public page; so for all.
        site_credit_url: what is before `/inspection`, `/receipts` and `/records`.
        site_credit_scheme: with which kind of key pushed bodies are signed first.
        gateway_host: where the HTTP gateway listens; everywhere only behind a proxy with TLS.
        gateway_port: its port.
        gateway_proxies: addresses of proxies whose X-Forwarded-For is believed, commas between.
        gateway_tls_cert: its own certificate and chain; none: a proxy ends TLS.
        gateway_tls_key: the key of that; only its owner may read it.
        gateway_tls_client_ca: authority of departments' and systems' certificates; none: no such.
        gateway_tls_client_crl: list of revoked ones, read again when it changes; none: not asked.
        gateway_dir: its credentials; empty: `gateway` in `data_dir`.
        uploads_dir: documents that enterprises hand in; empty: `uploads` in `data_dir`.
        upload_bytes_max: the largest of them.
        draws_dir: random draws with their secret seeds, which all gateways must see; empty:
            `draws` in `data_dir`.
        gateway_events_per_s: events a second that one department may send on average.
        gateway_events_burst: events that it may send at once.
        gateway_in_hand_max: events read and not stored yet, of all departments together.
        gateway_body_wait_s: how long the body of a request may take to arrive.
        gateway_lookups_per_s: look-ups a second of one department, or of one address on pages.
        gateway_lookups_burst: look-ups at once.
        watch_every_s: how often the watch looks at everything.
        watch_canary_every_s: how often it sends a probe through the hub; 0: never.
        statistics_dir: where the figures are kept; empty: `statistics` in `data_dir`.
        statistics_every_s: how often new answers are counted.
        licence_url: the electronic business licence service; empty: there is none.
        licence_client: the name under which it knows the hub.
        instance_id: name of this process among those of its role, kept over restarts (static
            membership: a restart within the session moves no partition); empty: none. Two
            processes of a role must not bear the same: they take the partitions from each other.
        metrics_host: where `/metrics` and `/healthz` of every role listen.
        metrics_port: their port; 0: none. `hub up` counts up from it, one for each role.
        otlp_url: where traces go, `http://HOST:4318/v1/traces`; empty: nowhere.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="forbid", frozen=True)

    broker: Annotated[str, Field(min_length=1)] = "embedded"
    kafka_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256"] = "SCRAM-SHA-512"
    kafka_user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,64}$")] = ""
    kafka_password_file: Path | None = None
    kafka_ca_file: Path | None = None
    redis_url: str = ""
    redis_fsync: Literal["always", "everysec"] = "always"
    data_dir: Path = Path(".run")
    keys_dir: Path | None = None
    base_url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/[^\s]*)?$")] = BASE_URL_DEFAULT
    journal_partitions: Partitions = JOURNAL_PARTITIONS_DEFAULT
    in_partitions: Count = 1
    replication_factor: Count = 1
    min_insync_replicas: Count = 1
    legal_retention_days: Count = 3650
    session_timeout_s: Annotated[float, Field(ge=1, le=300)] = 15.0
    heartbeat_s: Seconds = 3.0
    commit_interval_s: Seconds = 0.5
    batch_records_max: Annotated[int, Field(ge=1, le=20_000)] = 4000
    states_cached_max: Count = 50_000
    expire_every_s: Seconds = 60.0
    windows_closed_per_s: Annotated[float, Field(ge=1, le=100_000)] = 2000.0
    sites: str = ""
    deliver_calls_max: Annotated[int, Field(ge=1, le=1024)] = 4
    deliver_taken_max: Annotated[int, Field(ge=16, le=100_000)] = 4096
    deliver_poll_s: Seconds = 5.0
    deliver_look_s: Seconds = 5.0
    deliver_confirm_s: Seconds = 600.0
    deliver_recheck_h: Seconds = 24.0
    feed_retention_days: Count = 3650
    site_keys_dir: Path | None = None
    site_national_database: Database = ""
    site_national_page: Address = ""
    site_credit_url: Address = ""
    site_credit_page: Address = ""
    site_credit_scheme: Literal["ed25519", "sm2"] = "ed25519"
    site_subjects_page: Address = ""
    gateway_host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    gateway_port: Annotated[int, Field(ge=1, le=65535)] = 8080
    gateway_proxies: str = ""
    gateway_tls_cert: Path | None = None
    gateway_tls_key: Path | None = None
    gateway_tls_client_ca: Path | None = None
    gateway_tls_client_crl: Path | None = None
    gateway_dir: Path | None = None
    uploads_dir: Path | None = None
    draws_dir: Path | None = None
    upload_bytes_max: Annotated[int, Field(ge=1024, le=64 << 20)] = 10 << 20
    gateway_events_per_s: Seconds = 500.0
    gateway_events_burst: Count = 5000
    gateway_in_hand_max: Count = 5000
    gateway_body_wait_s: Seconds = 10.0
    gateway_lookups_per_s: Seconds = 20.0
    gateway_lookups_burst: Count = 200
    watch_every_s: Annotated[float, Field(ge=0.2, le=600)] = 15.0
    watch_canary_every_s: Annotated[float, Field(ge=0, le=86_400)] = 300.0
    statistics_dir: Path | None = None
    statistics_every_s: Seconds = 15.0
    licence_url: Annotated[str, Field(pattern=r"^(https?://[^\s/]+(/[^\s]*)?)?$")] = ""
    licence_client: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "inspection-hub"
    instance_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,100}$")] = ""
    metrics_host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0
    otlp_url: Address = ""
    uvloop: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        if self.heartbeat_s * 2 > self.session_timeout_s:
            msg = (
                f"heartbeat_s is {self.heartbeat_s}, more than half of session_timeout_s "
                f"({self.session_timeout_s}): one late heartbeat would cost the partitions"
            )
            raise ValueError(msg)
        if self.kafka_protocol.startswith("SASL_") != bool(
            self.kafka_user and self.kafka_password_file
        ):
            msg = (
                f"kafka_protocol is {self.kafka_protocol}, kafka_user {self.kafka_user!r}: with "
                "SASL both kafka_user and kafka_password_file are needed, else neither"
            )
            raise ValueError(msg)
        if bool(self.gateway_tls_cert) != bool(self.gateway_tls_key) or (
            self.gateway_tls_client_ca and not self.gateway_tls_cert
        ):
            msg = "gateway_tls_cert and gateway_tls_key are needed together, and for client_ca both"
            raise ValueError(msg)
        if self.gateway_tls_client_crl and not self.gateway_tls_client_ca:
            msg = "gateway_tls_client_crl needs gateway_tls_client_ca, which signs it"
            raise ValueError(msg)
        unknown = sorted(set(self.site_codes) - SITES.keys())
        if unknown:
            msg = f"sites names {', '.join(unknown)}: of {', '.join(SITES)} expected"
            raise ValueError(msg)
        self.sizing()
        return self

    @property
    def site_codes(self) -> tuple[str, ...]:
        """Codes of the publicity systems that are delivered to, each once, in the order given."""
        codes = (code.strip() for code in self.sites.split(","))
        return tuple(dict.fromkeys(code for code in codes if code))

    @property
    def keys(self) -> Path:
        """The folder of the key ring."""
        return self.keys_dir if self.keys_dir is not None else self.data_dir / "keys"

    @property
    def site_keys(self) -> Path:
        """The folder of the key ring that signs what is pushed to sites."""
        return self.site_keys_dir if self.site_keys_dir is not None else self.data_dir / "site-keys"

    @property
    def gateway(self) -> Path:
        """The folder of the gateway's credentials."""
        return self.gateway_dir if self.gateway_dir is not None else self.data_dir / "gateway"

    @property
    def kafka_users(self) -> Path:
        """The folder in which passwords of new Kafka users are left."""
        return self.data_dir / "kafka-users"

    @property
    def uploads(self) -> Path:
        """The folder of documents that enterprises hand in."""
        return self.uploads_dir if self.uploads_dir is not None else self.data_dir / "uploads"

    @property
    def draws(self) -> Path:
        """The folder of random draws."""
        return self.draws_dir if self.draws_dir is not None else self.data_dir / "draws"

    @property
    def statistics(self) -> Path:
        """The folder of the figures."""
        given = self.statistics_dir
        return given if given is not None else self.data_dir / "statistics"

    def sizing(self) -> Sizing:
        """What the topics' table needs to know."""
        return Sizing(
            legal_retention_days=self.legal_retention_days,
            journal_partitions=self.journal_partitions,
            in_partitions=self.in_partitions,
            replication_factor=self.replication_factor,
            min_insync_replicas=self.min_insync_replicas,
        )


def problems(error: ValidationError) -> list[str]:
    """Every mistake in the settings, one line each.

    Which setting, what was found, what is expected.
    """
    lines = []
    for one in error.errors():
        name = (
            "_".join(("HUB", *(str(part).upper() for part in one["loc"]))) if one["loc"] else "HUB"
        )
        shown = one["loc"] and one["loc"][0] not in _SECRET
        found = f" (found {one['input']!r:.60})" if shown else ""
        lines.append(f"{name}: {one['msg'].removeprefix('Value error, ')}{found}")
    return lines
