"""Signatures agree with the published vectors of their standards and come out the same again."""

import pytest

from connectors import signer as module
from connectors.signer import (
    Ed25519Signer,
    Ed25519Verifier,
    SchemeUnavailableError,
    Sm2Signer,
    Sm2Verifier,
    make_signer,
    make_verifier,
    public_key,
)
from schemas.signing import Signer, Verifier

SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

# GB/T 32918.5-2017, annex A.2: message "message digest", ID 1234567812345678.
SM2_SECRET = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
SM2_PUBLIC = bytes.fromhex(
    "04"
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SM2_NONCE = bytes.fromhex("59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21")
SM2_SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)

# RFC 8032, 7.1, test 2.
ED_SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
ED_PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
ED_SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)

PAIRS = [
    pytest.param(Ed25519Signer("S0", ED_SECRET), Ed25519Verifier("S0", ED_PUBLIC), id="ed25519"),
    pytest.param(Sm2Signer("S1", SM2_SECRET), Sm2Verifier("S1", SM2_PUBLIC), id="sm2"),
]


def test_ed25519_agrees_with_rfc_8032():
    assert Ed25519Signer("S0", ED_SECRET).public == ED_PUBLIC
    assert Ed25519Signer("S0", ED_SECRET).sign(b"\x72") == ED_SIGNATURE


def test_sm2_verifies_the_signature_of_the_standard():
    assert Sm2Signer("S1", SM2_SECRET).public == SM2_PUBLIC
    assert Sm2Verifier("S1", SM2_PUBLIC).verify(b"message digest", SM2_SIGNATURE)


def test_sm2_gives_the_signature_of_the_standard_for_its_nonce():
    # The byte order in which gmalglib reads a nonce is not documented; this pins it.
    library = module._sm2.SM2(sk=SM2_SECRET, rnd_fn=lambda _size: SM2_NONCE[::-1])

    assert library.sign(b"message digest") == SM2_SIGNATURE


def test_nonces_agree_with_rfc_6979():
    # RFC 6979, A.2.5, SHA-256, message "sample"; its digest is below both curves' orders.
    secret = bytes.fromhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
    digest = bytes.fromhex("AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF")
    nonces = module._Rfc6979(secret, digest)

    assert nonces(32)[::-1].hex().upper() == (
        "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60"
    )
    assert len({nonces(32) for _ in range(10)}) == 10


def test_sm2_signs_with_the_nonce_of_rfc_6979():
    signer = Sm2Signer("S1", SM2_SECRET)
    digest = module._sm3.SM3(signer._entity + b"one").digest()
    expected = int.from_bytes(module._Rfc6979(SM2_SECRET, digest)(32)[::-1], "big")

    signature = signer.sign(b"one")

    # s = (k - r d) / (1 + d), so whoever knows d can find k again.
    r, s, d = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:], SM2_SECRET))
    assert (s * (1 + d) + r * d) % SM2_ORDER == expected


@pytest.mark.parametrize(("signer", "verifier"), PAIRS)
def test_what_is_signed_is_verified_and_nothing_else(signer: Signer, verifier: Verifier):
    signature = signer.sign(b"one")

    assert len(signature) == 64
    assert verifier.verify(b"one", signature)
    assert not verifier.verify(b"two", signature)
    assert not verifier.verify(b"", signature)
    assert not verifier.verify(b"one", bytes(64))
    assert not verifier.verify(b"one", b"\xff" * 64)
    assert not verifier.verify(b"one", signature[:-1])
    assert not verifier.verify(b"one", signature + b"\0")
    assert not verifier.verify(b"one", b"")
    for place in range(64):
        altered = bytearray(signature)
        altered[place] ^= 1
        assert not verifier.verify(b"one", bytes(altered))


@pytest.mark.parametrize(("signer", "verifier"), PAIRS)
def test_signing_again_gives_the_same_bytes(signer: Signer, verifier: Verifier):
    again = make_signer(signer.scheme, signer.key_id, signer._secret[:32])

    assert signer.deterministic
    assert {signer.sign(b"one"), signer.sign(b"one"), again.sign(b"one")} == {signer.sign(b"one")}
    assert signer.sign(b"two")[:32] != signer.sign(b"one")[:32]
    assert (verifier.key_id, verifier.scheme) == (signer.key_id, signer.scheme)


@pytest.mark.parametrize(("scheme", "secret"), [("ed25519", ED_SECRET), ("sm2", SM2_SECRET)])
def test_signers_are_made_by_the_name_of_their_scheme(scheme, secret):
    signer = make_signer(scheme, "S0", secret)
    verifier = make_verifier(scheme, "S0", public_key(scheme, "S0", secret))

    assert signer.scheme == verifier.scheme == scheme
    assert verifier.verify(b"one", signer.sign(b"one"))


@pytest.mark.parametrize(
    ("make", "scheme", "key_id", "key", "problem"),
    [
        (make_signer, "ed25519", "S0", bytes(31), "31 bytes, 32 expected"),
        (make_signer, "ed25519", "SO", ED_SECRET, "is not 2 of the symbols"),
        (make_signer, "rsa", "S0", ED_SECRET, "not one of ed25519, sm2"),
        (make_signer, "sm2", "S0", bytes(32), "not from 1 to the order"),
        (make_signer, "sm2", "S0", b"\xff" * 32, "not from 1 to the order"),
        (make_signer, "sm2", "S0", bytes(33), "33 bytes, 32 expected"),
        (make_verifier, "ed25519", "S0", bytes(33), "33 bytes, 32 expected"),
        (make_verifier, "sm2", "S0", SM2_PUBLIC[:-1] + b"\0", "not a point of the curve"),
        (make_verifier, "rsa", "S0", ED_PUBLIC, "not one of ed25519, sm2"),
        (public_key, "rsa", "S0", ED_SECRET, "not one of ed25519, sm2"),
    ],
)
def test_keys_that_cannot_be_are_refused(make, scheme, key_id, key, problem):
    with pytest.raises(ValueError, match=problem):
        make(scheme, key_id, key)


@pytest.mark.parametrize("make", [make_signer, make_verifier, public_key])
def test_without_its_library_sm2_says_what_to_install(make, monkeypatch):
    monkeypatch.setattr(module, "_sm2", None)

    with pytest.raises(SchemeUnavailableError, match=r"pip install 'inspection-hub\[sm2\]'"):
        make("sm2", "S1", SM2_SECRET)
