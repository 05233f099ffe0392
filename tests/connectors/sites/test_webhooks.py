"""A body that nobody signed, or not now, is not believed."""

import base64
import time

import pytest

from connectors.signer import make_signer, make_verifier
from connectors.sites.webhooks import fault, signed_headers

# RFC 8032, §7.1, TEST 1.
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNER, VERIFIER = make_signer("ed25519", "S0", SECRET), make_verifier("ed25519", "S0", PUBLIC)
OTHER = make_signer("ed25519", "S1", bytes(range(32)))
BODY = b'{"result_id":"R-1"}'
AT = 1_790_000_000
HEADERS = signed_headers("abc123", AT, BODY, [SIGNER])


def test_signs_id_timestamp_and_body_with_v1a():
    signature = base64.b64encode(SIGNER.sign(b'abc123.1790000000.{"result_id":"R-1"}')).decode()

    headers = signed_headers("abc123", AT, BODY, [SIGNER])

    assert headers == {
        "webhook-id": "abc123",
        "webhook-timestamp": "1790000000",
        "webhook-signature": f"v1a,{signature}",
    }
    # The same by OpenSSL 3.
    assert signature == (
        "jpZTegtB3wBE8IxIsooTw1o0Q4K1y6o2Lx3GP2jJ7MgzohyDNufENh/e1XWqHPgiBcoRn6b/XkB3D/2G0cBdCg=="
    )


def test_a_signature_is_believed():
    assert fault(HEADERS, BODY, [VERIFIER], AT + 299) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"webhook-id": "abc124"}, "no known key"),
        ({"webhook-id": ""}, "webhook-id is missing"),
        ({"webhook-id": "abc123.1"}, "holds a dot"),
        ({"webhook-timestamp": str(AT + 1)}, "no known key"),
        ({"webhook-timestamp": "soon"}, "not a number"),
        ({"webhook-timestamp": "١٧"}, "not a number"),
        ({"webhook-timestamp": "9" * 400}, "not a number"),
        ({"webhook-timestamp": str(AT - 301)}, "more than 300 s"),
        ({"webhook-timestamp": str(AT + 301)}, "more than 300 s"),
        ({"webhook-signature": ""}, "no known key"),
        ({"webhook-signature": "v1a,%%%"}, "no known key"),
        ({"webhook-signature": HEADERS["webhook-signature"].replace("v1a", "v1")}, "no known key"),
        ({"webhook-signature": "v1sm2" + HEADERS["webhook-signature"][3:]}, "no known key"),
    ],
)
def test_anything_else_is_not(change: dict[str, str], said: str):
    assert said in (fault({**HEADERS, **change}, BODY, [VERIFIER], AT) or "")


def test_another_body_or_key_is_not_believed():
    assert fault(HEADERS, BODY + b" ", [VERIFIER], AT) is not None
    assert fault(signed_headers("abc123", AT, BODY, [OTHER]), BODY, [VERIFIER], AT) is not None


def test_while_keys_change_one_of_several_is_enough():
    both = signed_headers("abc123", AT, BODY, [OTHER, SIGNER])

    assert both["webhook-signature"].count("v1a,") == 2
    assert fault(both, BODY, [VERIFIER], AT) is None


def test_an_id_with_a_dot_is_never_signed():
    with pytest.raises(ValueError, match="holds a dot"):
        signed_headers("a.1", AT, BODY, [SIGNER])


def test_sm2_signs_too():
    signer = make_signer("sm2", "S2", SECRET)
    headers = signed_headers("abc123", int(time.time()), BODY, [signer])

    assert headers["webhook-signature"].startswith("v1sm2,")
    assert fault(headers, BODY, [make_verifier("sm2", "S2", signer.public)], time.time()) is None
