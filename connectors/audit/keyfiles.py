"""Is this the code of this task, and did the hub sign this QR text?

From the keys folder alone:

    code-<year>-<id>.key      64 hex digits: secret of that year's inspection codes
    sign-<id>-ed25519.pub     64 hex digits: verifies QR tokens; or its secret `.key`

A code is `<shard>-<key id><20 symbols of HMAC><2 check symbols>`, grouped by hyphens; a QR text
ends in a token of 19 bytes that say which code, and 64 bytes of signature.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_CODE_DOMAIN = b"insp-code-v1\x1f"
_TOKEN_DOMAIN = b"insp-qr-token-v1\x1f"
_MAC_BITS = 100
_CHECK_PRIME = 1021
_DAY_ONE = date(2000, 1, 1)
_PAYLOAD_BYTES = 19
_TOKEN_BYTES = _PAYLOAD_BYTES + 64
_CODE = re.compile(rf"(?P<shard>\d{{2,3}})-(?P<rest>[{ALPHABET}]{{4}}(?:-[{ALPHABET}]{{4}}){{5}})")
_CODE_FILE = re.compile(rf"code-(\d{{4}})-([{ALPHABET}]{{2}})\.key")
_SIGN_FILE = re.compile(rf"sign-([{ALPHABET}]{{2}})-ed25519\.(key|pub)")


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """The keys of one folder.

    Attributes:
        code_keys: key id -> (year, secret).
        verifiers: key id -> Ed25519 key of QR tokens.
    """

    code_keys: dict[str, tuple[int, bytes]] = field(default_factory=dict, repr=False)
    verifiers: dict[str, VerifyKey] = field(default_factory=dict)


def read_keys(folder: Path) -> KeyFiles:
    """The keys in a folder. Files that are no keys of codes or Ed25519 tokens are left alone.

    Raises:
        ValueError: A key file does not hold 32 bytes in hex; the text names it.
    """
    keys = KeyFiles()
    for path in sorted(folder.iterdir()):
        if found := _CODE_FILE.fullmatch(path.name):
            keys.code_keys[found[2]] = (int(found[1]), _secret(path))
        elif found := _SIGN_FILE.fullmatch(path.name):
            content = _secret(path)
            public = VerifyKey(content) if found[2] == "pub" else SigningKey(content).verify_key
            keys.verifiers[found[1]] = public
    return keys


def derive_code(secret: bytes, key_id: str, task: tuple[str, str], shard: int) -> str:
    """The code of a task, given as credit code and task id.

    Source: art. 7 (one task, one code).
    """
    uscc, task_id = task
    message = _CODE_DOMAIN + f"{uscc}\x1f{task_id}\x1f{shard}".encode()
    mac = int.from_bytes(hmac.digest(secret, message, "sha256"), "big") >> (256 - _MAC_BITS)
    shard_text = f"{shard:02d}"
    symbols = key_id + _symbols(mac, _MAC_BITS // 5)
    symbols += _symbols(_number(shard_text + symbols) % _CHECK_PRIME, 2)
    groups = (symbols[at : at + 4] for at in range(0, len(symbols), 4))
    return f"{shard_text}-{'-'.join(groups)}"


def code_fault(
    keys: KeyFiles, code: str, task: tuple[str, str], year_shard: tuple[int, int]
) -> str:
    """Why this is not the code of this task; empty when it is.

    Args:
        keys: The keys of the folder.
        code: What the hub issued.
        task: Credit code and task id.
        year_shard: Year of the planned day, and partition of the journal in which the task lies.
    """
    year, shard = year_shard
    found = _CODE.fullmatch(code)
    if not found:
        return f"{code!a} is not written like a code"
    key_id = found["rest"][:2]
    if key_id not in keys.code_keys:
        return f"{code} names key {key_id}, which is not in the keys folder"
    key_year, secret = keys.code_keys[key_id]
    if key_year != year:
        return f"{code} was made with the key of {key_year}, the task is planned in {year}"
    expected = derive_code(secret, key_id, task, shard)
    return "" if code == expected else f"{code} is not derived from the task: {expected} is"


def qr_fault(keys: KeyFiles, qr_text: str, code: str, valid_until: date) -> str:
    """Why this QR text does not vouch for this code until this day; empty when it does.

    Source: art. 8 (the enterprise verifies the task by scanning).
    """
    token = qr_text.rsplit("/", 1)[-1]
    raw = _decoded(token)
    if len(raw) != _TOKEN_BYTES:
        return f"QR text ends in {token!a}, which is not {_TOKEN_BYTES} bytes in base64url"
    payload, signature = raw[:_PAYLOAD_BYTES], raw[_PAYLOAD_BYTES:]
    packed = int.from_bytes(payload, "big")
    signing_key = _symbols(packed >> 136 & 1023, 2)
    verifier = keys.verifiers.get(signing_key)
    if verifier is None:
        return f"QR token names signing key {signing_key}, which is not in the keys folder"
    try:
        verifier.verify(_TOKEN_DOMAIN + b"ed25519\x1f" + payload, signature)
    except BadSignatureError:
        return f"QR token is not signed by key {signing_key}"
    return _content_fault(packed, code, valid_until)


def _decoded(token: str) -> bytes:
    """The bytes of a token, from exactly the one text that stands for them; empty for any other."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (Base64Error, ValueError):
        return b""
    return raw if urlsafe_b64encode(raw).rstrip(b"=").decode() == token else b""


def _content_fault(packed: int, code: str, valid_until: date) -> str:
    """What a well-signed token says other than its code."""
    if packed >> 146 != 1:
        return f"QR token has format {packed >> 146}, 1 expected"
    found = _CODE.fullmatch(code)
    if not found:
        return f"{code!a} is not written like a code"
    symbols = found["rest"].replace("-", "")
    said = (packed >> 126 & 1023, packed >> 116 & 1023, packed >> 16 & (1 << _MAC_BITS) - 1)
    meant = (int(found["shard"]), _number(symbols[:2]), _number(symbols[2:22]))
    if said != meant:
        return "QR token belongs to another code"
    day = _DAY_ONE + timedelta(days=packed & 0xFFFF)
    return "" if day == valid_until else f"QR token is valid until {day}, not {valid_until}"


def _secret(path: Path) -> bytes:
    try:
        content = bytes.fromhex(path.read_text("ascii"))
    except ValueError:
        content = b""
    if len(content) != 32:
        raise ValueError(f"key file {path.name} does not hold 64 hexadecimal digits") from None
    return content


def _number(symbols: str) -> int:
    """Symbols read as one number to the base 32."""
    number = 0
    for symbol in symbols:
        number = number << 5 | _VALUE[symbol]
    return number


def _symbols(number: int, count: int) -> str:
    return "".join(ALPHABET[number >> 5 * at & 31] for at in reversed(range(count)))
