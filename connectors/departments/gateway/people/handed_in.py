"""What did a form hand in? Fields and files of a multipart body, within bounds from the start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from connectors.departments.gateway.intake.reading import media_type_of
from connectors.departments.gateway.people.page_kit import Fields
from connectors.departments.gateway.problems import Problem, Why
from schemas.reasons import Refusal

FILES_MAX = 10
FIELDS_MAX = 30
WAIT_S = 120.0
_FIELD_BYTES_MAX = 16 * 1024
_AROUND_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class HandedFile:
    """One file: the field it came in, its name as the browser gave it, and its content."""

    field: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A whole form."""

    fields: Fields = field(default_factory=dict)
    files: tuple[HandedFile, ...] = ()


async def read_handed_in(request: Request, file_size_max: int) -> HandedIn:
    """The form in a body; files without content are left out.

    Raises:
        Problem: it is no such form, or larger, slower or fuller than allowed.
    """
    if media_type_of(request.headers) != "multipart/form-data":
        raise Problem(Why.UPLOAD_KIND, "multipart/form-data expected")
    limit = file_size_max * FILES_MAX + _AROUND_BYTES
    parser = MultiPartParser(
        request.headers, _bounded(request, limit), max_files=FILES_MAX, max_fields=FIELDS_MAX,
        max_part_size=_FIELD_BYTES_MAX,
    )  # fmt: skip
    try:
        async with asyncio.timeout(WAIT_S):
            form = await parser.parse()
            return await _read(form.multi_items(), file_size_max)
    except (MultiPartException, KeyError, UnicodeDecodeError) as cause:
        raise Problem(Why.PARAMETER, f"no form can be read from the body: {cause}") from None
    except (TimeoutError, ClientDisconnect):
        raise Problem(Why.BODY_TOO_SLOW) from None


async def _read(items: list[tuple[str, UploadFile | str]], file_size_max: int) -> HandedIn:
    fields: Fields = {}
    files: list[HandedFile] = []
    for name, value in items:
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
            continue
        content = await value.read(file_size_max + 1)
        await value.close()
        if len(content) > file_size_max:
            raise Problem(Refusal.TOO_LARGE, f"a file has more than {file_size_max} bytes")
        if content:
            files.append(HandedFile(name, value.filename or "", content))
    return HandedIn(fields, tuple(files))


async def _bounded(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Problem(Refusal.TOO_LARGE, f"more than {limit} bytes found")
        yield part
