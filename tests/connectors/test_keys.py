"""Keys come from files that nobody else can read, and rotation never changes an issued code."""

import os
import stat

import pytest

from connectors.keys import (
    KeyRingError,
    add_code_key,
    add_signing_key,
    create_demo_keys,
    open_key_ring,
)
from streams.rules.entry.codes import make_code, verify_code

USCC = "91120116MA05CAA0N0"


def a_file(folder, name, text, mode=0o400):
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return path


def a_secret(number=1):
    return bytes((number + n) % 256 for n in range(32)).hex()


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_demo_keys_can_be_used_at_once_and_only_by_their_owner(tmp_path):
    created = create_demo_keys(tmp_path / "new" / "keys", years=[2026, 2027])
    ring = open_key_ring(tmp_path / "new" / "keys")

    assert [path.name for path in created] == [
        "code-2026-A0.key",
        "code-2027-B0.key",
        "sign-S0-ed25519.key",
        "sign-S0-ed25519.pub",
    ]
    assert {mode_of(path) for path in created if path.suffix == ".key"} == {0o400}
    assert ring.year_key(2026).key_id == "A0"
    assert ring.year_key(2027).key_id == "B0"
    signer = ring.signer()
    assert ring.verifiers["S0"].verify(b"one", signer.sign(b"one"))


def test_demo_keys_are_fresh_each_time(tmp_path):
    create_demo_keys(tmp_path / "a", years=[2026])
    create_demo_keys(tmp_path / "b", years=[2026])

    first, second = open_key_ring(tmp_path / "a"), open_key_ring(tmp_path / "b")
    assert first.year_key(2026).secret != second.year_key(2026).secret
    assert first.signer().sign(b"one") != second.signer().sign(b"one")


def test_creating_again_adds_what_is_missing_and_changes_nothing(tmp_path):
    create_demo_keys(tmp_path, years=[2026])
    before = open_key_ring(tmp_path)

    again = create_demo_keys(tmp_path, years=[2026, 2027])

    after = open_key_ring(tmp_path)
    assert [path.name for path in again] == ["code-2027-B0.key"]
    assert after.year_key(2026) == before.year_key(2026)
    assert create_demo_keys(tmp_path, years=[2026, 2027]) == ()


def test_sm2_demo_keys(tmp_path):
    create_demo_keys(tmp_path, years=[2026], scheme="sm2")
    ring = open_key_ring(tmp_path)

    assert ring.signer("sm2").scheme == "sm2"
    assert ring.verifiers["S0"].verify(b"one", ring.signer("sm2").sign(b"one"))
    with pytest.raises(KeyRingError, match=r"create file sign-S0-ed25519\.key"):
        ring.signer()


def test_after_a_rotation_the_newest_key_issues_and_all_verify(tmp_path):
    create_demo_keys(tmp_path, years=[2026])
    old_code = make_code(open_key_ring(tmp_path).year_key(2026), USCC, "T1", 7)

    assert add_code_key(tmp_path, 2026).name == "code-2026-A1.key"

    ring = open_key_ring(tmp_path)
    assert ring.year_key(2026).key_id == "A1"
    assert make_code(ring.by_id("A0"), USCC, "T1", 7) == old_code
    new_code = make_code(ring.year_key(2026), USCC, "T1", 7)
    assert new_code != old_code
    assert verify_code(ring.code_keys, old_code, USCC, "T1")
    assert verify_code(ring.code_keys, new_code, USCC, "T1")


def test_generations_are_ordered_by_symbol_not_by_time(tmp_path):
    a_file(tmp_path, "code-2026-AZ.key", a_secret(3))
    a_file(tmp_path, "code-2026-A9.key", a_secret(2))
    a_file(tmp_path, "code-2026-A0.key", a_secret(1))

    assert open_key_ring(tmp_path).year_key(2026).key_id == "AZ"
    with pytest.raises(KeyRingError, match="generation 32"):
        add_code_key(tmp_path, 2026)


def test_a_key_for_another_year_changes_nothing(tmp_path):
    create_demo_keys(tmp_path, years=[2026])
    before = open_key_ring(tmp_path).year_key(2026)

    for year in (2025, 2027, 2030):
        add_code_key(tmp_path, year)

    assert open_key_ring(tmp_path).year_key(2026) == before


def test_a_withdrawn_signing_key_verifies_what_it_signed(tmp_path):
    create_demo_keys(tmp_path, years=[2026])
    signature = open_key_ring(tmp_path).signer().sign(b"one")
    add_signing_key(tmp_path)
    (tmp_path / "sign-S0-ed25519.key").unlink()

    ring = open_key_ring(tmp_path)

    assert ring.signer().key_id == "S1"
    assert set(ring.verifiers) == {"S0", "S1"}
    assert ring.verifiers["S0"].verify(b"one", signature)
    assert not ring.verifiers["S1"].verify(b"one", signature)


def test_a_verifying_site_needs_only_the_public_half(tmp_path):
    create_demo_keys(tmp_path, years=[])
    (tmp_path / "sign-S0-ed25519.key").unlink()

    ring = open_key_ring(tmp_path)

    assert set(ring.verifiers) == {"S0"}
    with pytest.raises(KeyRingError, match="no ed25519 signing key"):
        ring.signer()


def test_a_missing_year_says_which_file_to_create(tmp_path):
    create_demo_keys(tmp_path, years=[2026])

    with pytest.raises(KeyRingError) as caught:
        open_key_ring(tmp_path).year_key(2027)

    assert "no code key for 2027" in str(caught.value)
    assert "code-2027-B0.key" in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_missing_key_id_says_which_file_to_restore(tmp_path):
    create_demo_keys(tmp_path, years=[2026])

    with pytest.raises(KeyRingError, match=r"restore file code-<year>-A7\.key"):
        open_key_ring(tmp_path).by_id("A7")


def test_a_missing_folder_says_what_to_run(tmp_path):
    with pytest.raises(KeyRingError, match="does not exist: run: hub keys init"):
        open_key_ring(tmp_path / "none")


@pytest.mark.parametrize("mode", [0o600, 0o440, 0o404, 0o444, 0o644, 0o500, 0o4400, 0o000])
@pytest.mark.parametrize("name", ["code-2026-A0.key", "sign-S0-ed25519.key"])
def test_a_secret_with_any_other_mode_is_refused(tmp_path, mode, name):
    path = a_file(tmp_path, name, a_secret(), mode)

    with pytest.raises(KeyRingError) as caught:
        open_key_ring(tmp_path)

    assert str(path) in str(caught.value)
    # Whoever may read everything sees the mode; everyone else cannot open a file of mode 0000.
    assert f"{mode:04o}, 0400 expected" in str(caught.value) or (
        mode == 0 and "Permission denied" in str(caught.value)
    )


def test_a_public_key_that_others_may_write_is_refused(tmp_path):
    create_demo_keys(tmp_path, years=[])
    (tmp_path / "sign-S0-ed25519.pub").chmod(0o664)

    with pytest.raises(KeyRingError, match="0664, others may write it"):
        open_key_ring(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("code-2026-A0.key", "", "not a secret of 32 bytes"),
        ("code-2026-A0.key", a_secret()[:-2], "not a secret of 32 bytes"),
        ("code-2026-A0.key", a_secret() + "00", "not a secret of 32 bytes"),
        ("code-2026-A0.key", "00" * 32, "not a secret of 32 bytes"),
        ("code-2026-A0.key", "x" * 64, "other than hexadecimal digits"),
        ("code-2026-A0.key", "密" * 64, "other than hexadecimal digits"),
        ("code-2026-B0.key", a_secret(), "an id of 2026 begins with A"),
        ("code-26-A0.key", a_secret(), "not the name of a key"),
        ("code-2026-AU.key", a_secret(), "not the name of a key"),
        ("sign-S0-rsa.key", a_secret(), "not the name of a key"),
        ("sign-S0-sm2.key", "ff" * 31 + "fe", "not from 1 to the order"),
        ("sign-S0-ed25519.pub", a_secret()[:-2], "31 bytes, 32 expected"),
    ],
)
def test_unfit_files_are_named(tmp_path, name, text, problem):
    path = a_file(tmp_path, name, text)

    with pytest.raises(KeyRingError) as caught:
        open_key_ring(tmp_path)

    assert str(path) in str(caught.value)
    assert problem in str(caught.value)
    assert len(text) < 64 or text[:16] not in str(caught.value)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/null")])
def test_what_is_no_file_is_named_and_never_waited_for(tmp_path, make):
    path = tmp_path / "code-2026-A0.key"
    make(path)

    with pytest.raises(KeyRingError) as caught:
        open_key_ring(tmp_path)

    assert str(path) in str(caught.value)


def test_signing_keys_end_with_the_last_id(tmp_path):
    a_file(tmp_path, "sign-ZZ-ed25519.pub", a_secret())

    with pytest.raises(KeyRingError, match="ids are used up to ZZ"):
        add_signing_key(tmp_path)


def test_all_unfit_files_are_named_at_once(tmp_path):
    a_file(tmp_path, "code-2026-A0.key", a_secret(), 0o644)
    a_file(tmp_path, "code-2027-B0.key", "x")
    a_file(tmp_path, "code-2028-C0.key", a_secret())

    with pytest.raises(KeyRingError) as caught:
        open_key_ring(tmp_path)

    assert len(str(caught.value).splitlines()) == 2


def test_one_secret_is_not_two_keys(tmp_path):
    a_file(tmp_path, "code-2026-A0.key", a_secret())
    a_file(tmp_path, "code-2027-B0.key", a_secret())

    with pytest.raises(KeyRingError, match=r"same secret as code-2026-A0\.key"):
        open_key_ring(tmp_path)


def test_one_id_is_not_two_keys(tmp_path):
    a_file(tmp_path, "code-2026-A0.key", a_secret(1))
    a_file(tmp_path, "code-2058-A0.key", a_secret(2))
    a_file(tmp_path, "sign-S0-ed25519.key", a_secret(3))
    a_file(tmp_path, "sign-S0-sm2.key", a_secret(4))

    with pytest.raises(KeyRingError) as caught:
        open_key_ring(tmp_path)

    assert "belongs to year 2026 already" in str(caught.value)
    assert "names two different keys" in str(caught.value)


def test_other_files_in_the_folder_are_left_alone(tmp_path):
    create_demo_keys(tmp_path, years=[2026])
    a_file(tmp_path, "README", "Who may read these keys.", 0o644)

    assert open_key_ring(tmp_path).year_key(2026).year == 2026


def test_a_key_file_is_never_overwritten(tmp_path, monkeypatch):
    create_demo_keys(tmp_path, years=[2026])
    before = (tmp_path / "code-2026-A0.key").read_bytes()
    monkeypatch.setattr("connectors.keys.code_key_id", lambda _year, _generation: "A0")

    with pytest.raises(KeyRingError, match="it is never overwritten"):
        add_code_key(tmp_path, 2026)

    assert (tmp_path / "code-2026-A0.key").read_bytes() == before


def test_a_ring_never_shows_a_secret(tmp_path):
    create_demo_keys(tmp_path, years=[2026])
    ring = open_key_ring(tmp_path)

    assert ring.year_key(2026).secret.hex() not in repr(ring)
    assert repr(ring.year_key(2026).secret) not in repr(ring)
