"""A scanned token is believed only if the hub signed exactly these bytes; it carries no person."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.signer import Ed25519Signer, Ed25519Verifier, Sm2Signer, Sm2Verifier
from schemas.signing import CROCKFORD
from streams.rules.entry.codes import write_code
from streams.rules.entry.tokens import (
    TOKEN_LENGTH,
    ReadToken,
    TokenFault,
    make_token,
    read_token,
    token_url,
)

CODE = write_code(7, "A0", 2**100 - 12345)
UNTIL = date(2026, 3, 23)
SIGNER = Ed25519Signer("S0", bytes(range(32)))
STRANGER = Ed25519Signer("S0", bytes(range(1, 33)))
VERIFIERS = {"S0": Ed25519Verifier("S0", SIGNER.public)}
TOKEN = make_token(SIGNER, CODE, UNTIL)


def raw(token):
    return urlsafe_b64decode(token + "=")


def text(raw_bytes):
    return urlsafe_b64encode(raw_bytes).rstrip(b"=").decode()


def test_a_genuine_token_gives_back_what_went_in():
    assert read_token(VERIFIERS, TOKEN) == ReadToken(CODE, UNTIL, "S0")


def test_the_token_of_a_code_never_changes():
    assert make_token(SIGNER, CODE, UNTIL) == TOKEN
    assert SIGNER.deterministic


def test_a_token_is_short_and_needs_no_escaping():
    assert len(TOKEN) == TOKEN_LENGTH
    assert set(TOKEN) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("base", ["https://example.org", "https://example.org/"])
def test_the_address_that_a_scan_opens(base):
    assert token_url(base, TOKEN) == f"https://example.org/c/{TOKEN}"


def test_a_token_expires_after_its_last_day():
    token = read_token(VERIFIERS, TOKEN)

    assert not token.is_expired(UNTIL)
    assert token.is_expired(UNTIL + timedelta(days=1))


def test_every_flipped_bit_is_noticed():
    genuine = raw(TOKEN)
    for bit in range(len(genuine) * 8):
        altered = bytearray(genuine)
        altered[bit // 8] ^= 1 << bit % 8

        assert isinstance(read_token(VERIFIERS, text(bytes(altered))), TokenFault), bit


def test_every_changed_character_is_noticed():
    for place in range(len(TOKEN)):
        for wrong in "Aa0_-":
            altered = TOKEN[:place] + wrong + TOKEN[place + 1 :]
            if altered != TOKEN:
                assert isinstance(read_token(VERIFIERS, altered), TokenFault), altered


FAULTS = [
    pytest.param(make_token(STRANGER, CODE, UNTIL), TokenFault.FORGED, id="signed by a stranger"),
    pytest.param(
        make_token(Ed25519Signer("S1", bytes(range(32))), CODE, UNTIL),
        TokenFault.UNKNOWN_KEY,
        id="by a key that is not accepted",
    ),
    pytest.param(
        text(raw(TOKEN)[:19] + raw(make_token(SIGNER, write_code(8, "A0", 1), UNTIL))[19:]),
        TokenFault.FORGED,
        id="with the signature of another token",
    ),
    pytest.param(
        text(raw(TOKEN)[:19] + SIGNER.sign(raw(TOKEN)[:19])),
        TokenFault.FORGED,
        id="with a signature that was meant for something else",
    ),
    pytest.param(
        text(bytes([raw(TOKEN)[0] ^ 0x80]) + raw(TOKEN)[1:]),
        TokenFault.UNKNOWN_FORMAT,
        id="of a later format",
    ),
    pytest.param(TOKEN[:-1], TokenFault.MALFORMED, id="truncated"),
    pytest.param(TOKEN[:26], TokenFault.MALFORMED, id="without its signature"),
    pytest.param("", TokenFault.MALFORMED, id="empty"),
    pytest.param(TOKEN + "A", TokenFault.MALFORMED, id="lengthened"),
    pytest.param(TOKEN + "=", TokenFault.MALFORMED, id="padded"),
    pytest.param(TOKEN[:-1] + "\n", TokenFault.MALFORMED, id="with a line break"),
    pytest.param("*" * TOKEN_LENGTH, TokenFault.MALFORMED, id="foreign characters"),
    pytest.param("码" * TOKEN_LENGTH, TokenFault.MALFORMED, id="not ASCII"),
    pytest.param("A" * 1_000_000, TokenFault.MALFORMED, id="a megabyte"),
]


@pytest.mark.parametrize(("token", "fault"), FAULTS)
def test_tokens_that_are_not_believed(token, fault):
    assert read_token(VERIFIERS, token) is fault


def test_every_fault_has_a_row():
    assert {row.values[1] for row in FAULTS} == set(TokenFault)


@dataclass
class RecordingSigner:
    """Keeps what it was asked to sign."""

    scheme: str
    key_id: str = "S0"
    deterministic: bool = True
    signed: list[bytes] = field(default_factory=list)

    def sign(self, message):
        self.signed.append(message)
        return bytes(64)


def test_what_is_signed_names_its_purpose_and_its_scheme():
    signers = [RecordingSigner("ed25519"), RecordingSigner("sm2")]
    for signer in signers:
        make_token(signer, CODE, UNTIL)

    payload = raw(TOKEN)[:19]
    assert signers[0].signed == [b"insp-qr-token-v1\x1fed25519\x1f" + payload]
    assert signers[1].signed == [b"insp-qr-token-v1\x1fsm2\x1f" + payload]


def test_spare_bits_of_the_last_character_make_no_second_token():
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(TOKEN[-1])
    twins = [TOKEN[:-1] + alphabet[last | spare] for spare in (1, 2, 3)]

    assert last & 3 == 0
    assert {raw(twin) for twin in twins} == {raw(TOKEN)}
    assert {read_token(VERIFIERS, twin) for twin in twins} == {TokenFault.MALFORMED}


@settings(deadline=None)
@given(
    st.integers(0, 999),
    st.text(CROCKFORD, min_size=2, max_size=2),
    st.integers(0, 2**100 - 1),
    st.dates(date(2000, 1, 1), date(2179, 6, 6)),
)
def test_every_code_and_day_comes_back(shard, key_id, mac, until):
    code = write_code(shard, key_id, mac)

    assert read_token(VERIFIERS, make_token(SIGNER, code, until)) == ReadToken(code, until, "S0")


@settings(deadline=None)
@given(st.binary(min_size=83, max_size=83))
def test_noise_is_never_believed(noise):
    assert isinstance(read_token(VERIFIERS, text(noise)), TokenFault)


@pytest.mark.parametrize("until", [date(1999, 12, 31), date(2179, 6, 7)])
def test_a_day_that_cannot_be_written_is_refused(until):
    with pytest.raises(ValueError, match="outside 2000 to 2179"):
        make_token(SIGNER, CODE, until)


def test_only_codes_get_a_token():
    with pytest.raises(ValueError, match="not an inspection code"):
        make_token(SIGNER, CODE[:-1], UNTIL)


def test_sm2_tokens_look_and_behave_the_same():
    signer = Sm2Signer("S2", bytes(range(1, 33)))
    verifiers = VERIFIERS | {"S2": Sm2Verifier("S2", signer.public)}

    token = make_token(signer, CODE, UNTIL)

    assert len(token) == TOKEN_LENGTH
    assert token == make_token(signer, CODE, UNTIL)
    assert read_token(verifiers, token) == ReadToken(CODE, UNTIL, "S2")
    assert read_token(verifiers, TOKEN) == ReadToken(CODE, UNTIL, "S0")
