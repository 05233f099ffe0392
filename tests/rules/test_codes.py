"""An inspection code follows from its task alone, and a slip of the pen or a forgery is noticed."""

import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.signing import CROCKFORD, YearKey, code_key_id
from streams.rules.entry.codes import (
    SHARD_MAX,
    CodeFault,
    ParsedCode,
    make_code,
    parse_code,
    shard_of,
    verify_code,
    write_code,
)

USCC = "91120116MA05CAA0N0"
KEY = YearKey(2026, "A0", bytes(range(32)))
NEXT_GENERATION = YearKey(2026, "A1", bytes(range(1, 33)))
NEXT_YEAR = YearKey(2027, "B0", bytes(range(2, 34)))
KEYS = {key.key_id: key for key in (KEY, NEXT_GENERATION, NEXT_YEAR)}
CODE = make_code(KEY, USCC, "WJW-2026-000123", 7)

CODES = st.builds(
    write_code,
    st.integers(0, SHARD_MAX),
    st.text(CROCKFORD, min_size=2, max_size=2),
    st.integers(0, 2**100 - 1),
)


def test_the_code_of_a_task_never_changes():
    # A golden value: the codes that were issued must come out the same in every later version.
    assert CODE == "07-A0N3-VWV6-YFTY-MJQB-Z3MK-PJJW"


def test_a_code_is_the_hmac_of_its_task():
    message = f"insp-code-v1\x1f{USCC}\x1fWJW-2026-000123\x1f7".encode()
    mac = int.from_bytes(hmac.digest(KEY.secret, message, "sha256"), "big") >> (256 - 100)
    number = 0
    for symbol in CODE.replace("-", "")[4:-2]:
        number = number * 32 + CROCKFORD.index(symbol)

    assert number == mac


def test_a_code_says_where_its_task_lies_and_which_key_it_needs():
    parsed = parse_code(CODE)

    assert (parsed.code, parsed.shard, parsed.key_id) == (CODE, 7, "A0")
    assert shard_of(CODE) == 7


@pytest.mark.parametrize(
    ("shard", "digits"), [(0, "00"), (9, "09"), (99, "99"), (100, "100"), (999, "999")]
)
def test_shards_have_two_digits_or_more(shard, digits):
    code = make_code(KEY, USCC, "T1", shard)

    assert code.split("-")[0] == digits
    assert shard_of(code) == shard


@pytest.mark.parametrize("shard", [-1, 1000])
def test_a_shard_that_cannot_be_written_is_refused(shard):
    with pytest.raises(ValueError, match="cannot stand in a code"):
        make_code(KEY, USCC, "T1", shard)


def test_a_hundred_thousand_tasks_have_a_hundred_thousand_codes():
    codes = {make_code(KEY, USCC, f"T{n}", n % 12) for n in range(100_000)}

    assert len(codes) == 100_000


@pytest.mark.parametrize(
    "other",
    [
        pytest.param((NEXT_GENERATION, USCC, "T1", 7), id="key generation"),
        pytest.param((NEXT_YEAR, USCC, "T1", 7), id="year"),
        pytest.param((KEY, GENUINE := "91110000600037341L", "T1", 7), id="enterprise"),
        pytest.param((KEY, USCC, "T2", 7), id="task"),
        pytest.param((KEY, USCC, "T1", 8), id="shard"),
        pytest.param((KEY, "", "T1", 7), id="no enterprise"),
        pytest.param((KEY, USCC[:-1], USCC[-1] + "T1", 7), id="a character moved across"),
        pytest.param((KEY, USCC, "T1\x1f7", 7), id="the separator inside"),
    ],
)
def test_every_part_of_a_task_changes_the_secret_part_of_its_code(other):
    mac = parse_code(make_code(KEY, USCC, "T1", 7)).mac

    assert parse_code(make_code(*other)).mac != mac


@pytest.mark.parametrize(
    "written",
    [
        CODE,
        CODE.lower(),
        CODE.replace("-", ""),
        CODE.replace("-", " "),
        f"  {CODE}  ",
        CODE.replace("0", "O"),
        CODE.replace("0", "o").replace("1", "l"),
        CODE.replace("1", "I"),
        CODE.replace("1", "i"),
        CODE.replace("1", "L"),
        "".join(chr(ord(c) + 0xFEE0) for c in CODE),
        "".join(chr(ord(c) + 0xFEE0) for c in CODE.lower().replace("0", "o")),
        CODE.replace("-", "—"),
    ],
)
def test_codes_are_read_as_people_write_them(written):
    assert parse_code(written) == parse_code(CODE)


FAULTS = [
    pytest.param("", CodeFault.LENGTH, id="nothing"),
    pytest.param(CODE[:-1], CodeFault.LENGTH, id="the last character missing"),
    pytest.param(CODE + "00", CodeFault.LENGTH, id="two too many"),
    pytest.param("0" * 10_000, CodeFault.LENGTH, id="10 kB"),
    pytest.param(CODE.replace("A0", "U0"), CodeFault.SYMBOL, id="U is no symbol"),
    pytest.param(CODE + "\0", CodeFault.SYMBOL, id="NUL"),
    pytest.param(CODE + "\n", CodeFault.SYMBOL, id="line break"),
    pytest.param("\u202e" + CODE, CodeFault.SYMBOL, id="right-to-left mark"),
    pytest.param("٠" + CODE[1:], CodeFault.SYMBOL, id="Arabic digit"),
    pytest.param("0" + CODE, CodeFault.SHARD, id="007"),
    pytest.param("A7" + CODE[2:], CodeFault.SHARD, id="a letter in the shard"),
    pytest.param("08" + CODE[2:], CodeFault.CHECK, id="another shard"),
    pytest.param(
        CODE[:-1] + ("0" if CODE[-1] != "0" else "1"), CodeFault.CHECK, id="another check character"
    ),
]


@pytest.mark.parametrize(("text", "fault"), FAULTS)
def test_texts_that_are_no_codes(text, fault):
    assert parse_code(text) is fault
    with pytest.raises(ValueError, match="not an inspection code"):
        shard_of(text)


def test_every_fault_has_a_row():
    assert {row.values[1] for row in FAULTS} == set(CodeFault)


def test_the_shard_is_read_only_from_a_code_as_issued():
    with pytest.raises(ValueError, match="not an inspection code as issued"):
        shard_of(CODE.lower())


@settings(deadline=None)
@given(CODES)
def test_every_wrong_symbol_is_found(code):
    symbols = code.replace("-", "")
    for place, right in enumerate(symbols):
        for wrong in CROCKFORD:
            if wrong != right:
                altered = symbols[:place] + wrong + symbols[place + 1 :]
                assert isinstance(parse_code(altered), CodeFault), altered


@settings(deadline=None)
@given(CODES)
def test_every_swap_of_two_symbols_is_found(code):
    symbols = code.replace("-", "")
    for first in range(len(symbols) - 1):
        for second in range(first + 1, len(symbols)):
            swapped = list(symbols)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            altered = "".join(swapped)
            if altered != symbols:
                assert isinstance(parse_code(altered), CodeFault), altered


@settings(deadline=None)
@given(CODES)
def test_what_is_written_is_read(code):
    parsed = parse_code(code)

    assert isinstance(parsed, ParsedCode)
    assert parsed.code == code == write_code(parsed.shard, parsed.key_id, parsed.mac)


@settings(deadline=None)
@given(st.text(max_size=70))
def test_any_text_is_read_without_an_exception(text):
    assert isinstance(parse_code(text), CodeFault | ParsedCode)


def test_a_code_is_verified_against_its_own_task_only():
    assert verify_code(KEYS, CODE, USCC, "WJW-2026-000123")
    assert verify_code(KEYS, CODE.lower(), USCC, "WJW-2026-000123")
    assert not verify_code(KEYS, CODE, USCC, "WJW-2026-000124")
    assert not verify_code(KEYS, CODE, "91110000600037341L", "WJW-2026-000123")
    assert not verify_code(KEYS, CODE[:-1], USCC, "WJW-2026-000123")
    assert not verify_code({}, CODE, USCC, "WJW-2026-000123")


@pytest.mark.parametrize("part", ["shard", "key_id", "mac"])
def test_a_forger_who_knows_how_to_write_check_characters_gets_nowhere(part):
    parsed = parse_code(CODE)
    parts = {"shard": parsed.shard, "key_id": parsed.key_id, "mac": parsed.mac}
    parts[part] = {"shard": 8, "key_id": "A1", "mac": parsed.mac ^ 1}[part]

    forged = write_code(**parts)

    assert isinstance(parse_code(forged), ParsedCode)
    assert not verify_code(KEYS, forged, USCC, "WJW-2026-000123")


def test_codes_of_an_older_generation_stay_good_after_a_rotation():
    assert verify_code(KEYS, make_code(KEY, USCC, "T1", 7), USCC, "T1")
    assert verify_code(KEYS, make_code(NEXT_GENERATION, USCC, "T1", 7), USCC, "T1")


@pytest.mark.parametrize(
    ("year", "key_id", "secret", "problem"),
    [
        (2026, "B0", bytes(32), "begins with"),
        (2026, "A", bytes(32), "is not 2 of the symbols"),
        (2026, "AU", bytes(32), "is not 2 of the symbols"),
        (2026, "A0", bytes(31), "31 bytes, 32 expected"),
    ],
)
def test_keys_that_cannot_be_are_refused(year, key_id, secret, problem):
    with pytest.raises(ValueError, match=problem):
        YearKey(year, key_id, secret)


def test_key_ids_tell_years_and_generations_apart():
    ids = {code_key_id(year, generation) for year in range(2026, 2058) for generation in range(32)}

    assert len(ids) == 32 * 32
    with pytest.raises(ValueError, match="generation 32"):
        code_key_id(2026, 32)


def test_a_key_never_shows_its_secret():
    assert repr(KEY) == "YearKey(year=2026, key_id='A0')"
