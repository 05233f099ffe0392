"""Does the auditor know a genuine code and QR text? Against texts fixed once and for all."""

from datetime import date

import pytest
from audit_world import KEYS, SIGNING, qr_text
from nacl.signing import SigningKey

from connectors.audit.keyfiles import KeyFiles, code_fault, derive_code, qr_fault, read_keys

SECRET = bytes(range(32))
FIXED = KeyFiles({"A0": (2026, SECRET)}, {"S0": SigningKey(SECRET).verify_key})
TASK = ("91120116MA05X", "T-1")
CODE = "07-A05A-M93T-DHNZ-B95T-K5SB-9XSY"
QR_END = (
    "ByAB1AKqiR6bGv1pLqZcrT0lVtULBDxzRzWRizkk4ZkqmlU3eW0T8oJ-7LmKNI8rhPMjYcyehvgN2qaK7eIGoH"
    "-nCPBHqkomaBbp8jdCVAArXQw"
)
UNTIL = date(2026, 3, 3)


def test_a_code_and_a_token_of_the_hub_are_genuine():
    assert derive_code(SECRET, "A0", TASK, 7) == CODE
    assert code_fault(FIXED, CODE, TASK, (2026, 7)) == ""
    assert qr_fault(FIXED, f"https://hub.example/c/{QR_END}", CODE, UNTIL) == ""


@pytest.mark.parametrize(
    ("code", "task", "year", "shard"),
    [
        ("07-A05A", TASK, 2026, 7),
        (CODE, ("91120116MA05X", "T-2"), 2026, 7),
        (CODE, TASK, 2027, 7),
        (CODE, TASK, 2026, 8),
        (CODE.replace("A05A", "B05A"), TASK, 2026, 7),
        (CODE[:-1] + "Z", TASK, 2026, 7),
        (CODE.replace("M93T", "M93V"), TASK, 2026, 7),
    ],
)
def test_any_other_code_is_not_that_of_the_task(code, task, year, shard):
    assert code_fault(FIXED, code, task, (year, shard))


def test_any_other_token_does_not_vouch_for_the_code():
    other = derive_code(SECRET, "A0", TASK, 8)
    swapped = QR_END[:40] + ("A" if QR_END[40] != "A" else "B") + QR_END[41:]

    assert qr_fault(FIXED, QR_END, other, UNTIL)
    assert qr_fault(FIXED, QR_END, CODE, date(2026, 3, 4))
    assert qr_fault(FIXED, swapped, CODE, UNTIL)
    assert qr_fault(FIXED, QR_END + "=", CODE, UNTIL)
    assert qr_fault(FIXED, "", CODE, UNTIL)
    assert qr_fault(KeyFiles(FIXED.code_keys, {}), QR_END, CODE, UNTIL)
    forged = qr_text(CODE, UNTIL, SigningKey(bytes(32)))
    assert qr_fault(KEYS, forged, CODE, UNTIL)
    assert qr_fault(KEYS, qr_text(CODE, UNTIL, SIGNING), CODE, UNTIL) == ""


def test_a_keys_folder_is_read_and_a_broken_file_named(tmp_path):
    (tmp_path / "code-2026-A0.key").write_text(SECRET.hex() + "\n")
    (tmp_path / "sign-S0-ed25519.key").write_text(SECRET.hex() + "\n")
    (tmp_path / "readme.txt").write_text("not a key")

    keys = read_keys(tmp_path)

    assert code_fault(keys, CODE, TASK, (2026, 7)) == ""
    assert qr_fault(keys, QR_END, CODE, UNTIL) == ""
    (tmp_path / "code-2027-B0.key").write_text("abc")
    with pytest.raises(ValueError, match=r"code-2027-B0\.key"):
        read_keys(tmp_path)
