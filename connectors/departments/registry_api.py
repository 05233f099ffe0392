"""Where do standard Avro consumers get our schemas? The read-only part of Confluent's registry API.

`registry_router()` gives a FastAPI router; the gateway mounts it. Ids are those of the wire format.
Nothing can be changed here: schemas are released with the hub. Registering what is released already
answers its id, as a client that registers on its own expects.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field

from connectors.departments.compatibility import Level, stands_by
from connectors.departments.registry_answers import (
    ERRORS,
    INVALID_SCHEMA,
    INVALID_VERSION,
    READ_ONLY,
    SCHEMA_NOT_FOUND,
    SUBJECT_NOT_FOUND,
    VERSION_NOT_FOUND,
    RegistryAnswer,
    RegistryRefused,
    RegistryRoute,
)
from connectors.departments.schema_catalogue import Catalogue, Released, shipped
from schemas.border import check_depth
from schemas.malformed import Malformed, visible

SCHEMA_CHARS_MAX = 256 * 1024
LATEST = "latest"

Subject = Annotated[str, Path(max_length=256)]
Number = Annotated[str, Path(max_length=20)]


class SchemaQuestion(BaseModel):
    """A schema that a client asks about. Other members its library sends are ignored."""

    text: Annotated[str, Field(alias="schema", max_length=SCHEMA_CHARS_MAX)]
    kind: Annotated[str | None, Field(alias="schemaType")] = None


def registry_router(
    catalogue: Catalogue | None = None,
    *,
    prefix: str = "",
    before: Sequence[Callable[[Request], None]] = (),
) -> APIRouter:
    """Make the router.

    Args:
        catalogue: The schemas; None for those of this version of the hub.
        prefix: Path before `/schemas`, `/subjects` and the others.
        before: Asked of each request first; may end it with a gateway's `Problem`.
    """
    router = APIRouter(
        prefix=prefix, route_class=RegistryRoute, default_response_class=RegistryAnswer,
        responses=ERRORS, tags=["schemas"], dependencies=[Depends(one) for one in before],
    )  # fmt: skip
    found = catalogue or shipped()
    _add_schemas(router, found)
    _add_subjects(router, found)
    _add_questions(router, found)
    _add_settings(router, found)
    return router


def _add_schemas(router: APIRouter, catalogue: Catalogue) -> None:
    @router.get("/schemas/types")
    def types() -> list[str]:
        """Which kinds of schemas there are."""
        return ["AVRO"]

    @router.get("/schemas/ids/{schema_id}")
    def by_id(schema_id: Number) -> dict[str, str]:
        """The schema with this id, as text."""
        return {"schema": _compact(_by_id(catalogue, schema_id))}

    @router.get("/schemas/ids/{schema_id}/schema")
    def raw_by_id(schema_id: Number) -> dict[str, Any]:
        """The schema with this id, itself."""
        return _by_id(catalogue, schema_id).schema

    @router.get("/schemas/ids/{schema_id}/subjects")
    def subjects_of(schema_id: Number) -> list[str]:
        """The names of the schema with this id."""
        return list(_by_id(catalogue, schema_id).subjects)

    @router.get("/schemas/ids/{schema_id}/versions")
    def versions_of(schema_id: Number) -> list[dict[str, Any]]:
        """Under which names and versions the schema with this id is known."""
        one = _by_id(catalogue, schema_id)
        return [{"subject": subject, "version": one.version} for subject in one.subjects]


def _add_subjects(router: APIRouter, catalogue: Catalogue) -> None:
    @router.get("/subjects")
    def subjects(subjectPrefix: str = "") -> list[str]:  # noqa: N803 - its name on the wire
        """All names."""
        return [name for name in catalogue.subjects() if name.startswith(subjectPrefix)]

    @router.get("/subjects/{subject}/versions")
    def versions(subject: Subject) -> list[int]:
        """The versions of a subject."""
        _known(catalogue, subject)
        return list(catalogue.versions(subject))

    @router.get("/subjects/{subject}/versions/{version}")
    def one_version(subject: Subject, version: Number) -> dict[str, Any]:
        """One version of a subject; `latest` is the one that is written."""
        return _described(subject, _version(catalogue, subject, version))

    @router.get("/subjects/{subject}/versions/{version}/schema")
    def raw_version(subject: Subject, version: Number) -> dict[str, Any]:
        """The schema of one version, itself."""
        return _version(catalogue, subject, version).schema

    @router.get("/subjects/{subject}/versions/{version}/referencedby")
    def referenced_by(subject: Subject, version: Number) -> list[int]:
        """No schema refers to another."""
        _version(catalogue, subject, version)
        return []


def _add_questions(router: APIRouter, catalogue: Catalogue) -> None:
    @router.post("/subjects/{subject}")
    def look_up(subject: Subject, question: SchemaQuestion) -> dict[str, Any]:
        """Which version of the subject is this schema?"""
        one = _same(catalogue, subject, question)
        if one is None:
            raise RegistryRefused(SCHEMA_NOT_FOUND, "Schema not found")
        return _described(subject, one)

    @router.post("/subjects/{subject}/versions")
    def register(subject: Subject, question: SchemaQuestion) -> dict[str, int]:
        """Answer the id of a released schema; a new one cannot be registered here."""
        one = _same(catalogue, subject, question)
        if one is None:
            raise RegistryRefused(READ_ONLY, f"Subject '{visible(subject)}' is in read-only mode")
        return {"id": one.schema_id}

    @router.post("/compatibility/subjects/{subject}/versions")
    def fits_all(subject: Subject, question: SchemaQuestion) -> dict[str, Any]:
        """Would this schema stand by all versions of the subject, at its level?"""
        _known(catalogue, subject)
        return _fit(catalogue, subject, list(catalogue.versions(subject).values()), question)

    @router.post("/compatibility/subjects/{subject}/versions/{version}")
    def fits_one(subject: Subject, version: Number, question: SchemaQuestion) -> dict[str, Any]:
        """Would this schema stand by one version of the subject, at its level?"""
        one = _version(catalogue, subject, version)
        return _fit(catalogue, subject, [one], question)


def _add_settings(router: APIRouter, catalogue: Catalogue) -> None:
    @router.get("/config")
    def config() -> dict[str, str]:
        """The level of what departments send."""
        return {"compatibilityLevel": Level.FULL.value}

    @router.get("/config/{subject}")
    def config_of(subject: Subject) -> dict[str, str]:
        """The level of one subject."""
        return {"compatibilityLevel": _level(catalogue, subject).value}

    @router.get("/mode")
    def mode() -> dict[str, str]:
        """Nothing is registered here."""
        return {"mode": "READONLY"}


def _by_id(catalogue: Catalogue, number: str) -> Released:
    one = catalogue.by_id.get(int(number)) if _is_number(number) else None
    if one is None:
        raise RegistryRefused(SCHEMA_NOT_FOUND, f"Schema {visible(number)} not found")
    return one


def _known(catalogue: Catalogue, subject: str) -> Released:
    one = catalogue.newest(subject)
    if one is None:
        raise RegistryRefused(SUBJECT_NOT_FOUND, f"Subject '{visible(subject, 80)}' not found.")
    return one


def _level(catalogue: Catalogue, subject: str) -> Level:
    _known(catalogue, subject)
    return catalogue.level(subject) or Level.FULL


def _version(catalogue: Catalogue, subject: str, version: str) -> Released:
    newest = _known(catalogue, subject)
    if version in (LATEST, "-1"):
        return newest
    if not _is_number(version) or int(version) == 0:
        found = f"The specified version '{visible(version)}' is not a valid version id."
        raise RegistryRefused(INVALID_VERSION, f"{found} A number from 1 or 'latest' expected.")
    one = catalogue.versions(subject).get(int(version))
    if one is None:
        raise RegistryRefused(VERSION_NOT_FOUND, f"Version {version} not found.")
    return one


def _same(catalogue: Catalogue, subject: str, question: SchemaQuestion) -> Released | None:
    _known(catalogue, subject)
    try:
        return catalogue.same(subject, _schema(question))
    except ValueError as cause:
        raise RegistryRefused(INVALID_SCHEMA, visible(str(cause), 200)) from None


def _fit(
    catalogue: Catalogue, subject: str, versions: list[Released], question: SchemaQuestion
) -> dict[str, Any]:
    try:
        schemas = [one.schema for one in versions]
        found = stands_by(_schema(question), schemas, _level(catalogue, subject))
    except ValueError as cause:
        raise RegistryRefused(INVALID_SCHEMA, visible(str(cause), 200)) from None
    return {"is_compatible": not found, "messages": found}


def _schema(question: SchemaQuestion) -> Any:  # noqa: ANN401 - any JSON
    if question.kind not in (None, "AVRO"):
        raise RegistryRefused(
            INVALID_SCHEMA, f"schemaType {visible(question.kind)}: only AVRO is here"
        )
    try:
        check_depth(question.text.encode("utf-8", "replace"))
        return json.loads(question.text)
    except (ValueError, Malformed) as cause:
        raise RegistryRefused(
            INVALID_SCHEMA, f"no Avro schema: {visible(str(cause), 120)}"
        ) from None


def _described(subject: str, one: Released) -> dict[str, Any]:
    version = {"subject": subject, "version": one.version, "id": one.schema_id}
    return {**version, "schemaType": "AVRO", "schema": _compact(one)}


def _compact(one: Released) -> str:
    return json.dumps(one.schema, ensure_ascii=False, separators=(",", ":"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10
