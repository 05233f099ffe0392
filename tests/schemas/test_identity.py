"""Credit codes are read as GB 32100-2015 writes them; ids that could do harm are refused."""

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from schemas import identity
from schemas.identity import (
    ID_MAX,
    SYMBOLS,
    CreditCodeOutcome,
    IdFault,
    check_character,
    dept_fault,
    id_fault,
    read_credit_code,
)

GENUINE = "91110000600037341L"
# Published as a genuine enterprise's code, although its check character is wrong.
GENUINE_BUT_FAILING = "91350211M0000XUF46"
# The remainder is 0: programs that write 31 - 0 look for a 32nd symbol here.
REMAINDER_ZERO = "91120116MA05CAA0N0"

FIRST_17 = st.text(SYMBOLS, min_size=17, max_size=17)
DIGITS_FIRST_17 = st.builds(
    str.__add__,
    st.text("0123456789", min_size=8, max_size=8),
    st.text(SYMBOLS, min_size=9, max_size=9),
)


def a_code(first17):
    return first17 + check_character(first17)


O = CreditCodeOutcome  # noqa: E741 - the table below is read by its columns
ROWS = [
    # text, outcome, code, in scope, suggestion
    pytest.param(GENUINE, O.VALID, GENUINE, True, None, id="an enterprise"),
    pytest.param(a_code("92120101MA0K2B3C4"), O.VALID, None, True, None, id="an individual"),
    pytest.param(a_code("93120225MA06ABCD1"), O.VALID, None, True, None, id="a cooperative"),
    pytest.param(a_code("11120000000125014"), O.VALID, None, False, None, id="an authority"),
    pytest.param(a_code("12120000401358717"), O.VALID, None, False, None, id="an institution"),
    pytest.param(a_code("51120000501234567"), O.VALID, None, False, None, id="an association"),
    pytest.param(a_code("N2120225MF12345AB"), O.VALID, None, False, None, id="a rural collective"),
    pytest.param(GENUINE_BUT_FAILING, O.CHECK_DIGIT, None, True, None, id="genuine, yet failing"),
    pytest.param(a_code("11120000000125014")[:-1] + "0", O.CHECK_DIGIT, None, False, None, id="11"),
    pytest.param(GENUINE.lower(), O.VALID, GENUINE, True, None, id="lower case"),
    pytest.param(
        "".join(chr(ord(c) + 0xFEE0) for c in GENUINE),
        O.VALID,
        GENUINE,
        True,
        None,
        id="full width",
    ),
    pytest.param(" 9111 0000-6000-3734\u30001L ", O.VALID, GENUINE, True, None, id="spaced"),
    pytest.param("911100OO6OOO37341L", O.MALFORMED, None, False, GENUINE, id="O for 0"),
    pytest.param("9IIIoooo600037341l", O.MALFORMED, None, False, GENUINE, id="I for 1, lower"),
    pytest.param("9111000060003734IL", O.MALFORMED, None, False, GENUINE, id="I near the end"),
    pytest.param("9111OOOO600037341M", O.MALFORMED, None, False, None, id="O, and still failing"),
    pytest.param("120101000012345", O.OLD_REGISTRATION_NUMBER, None, False, None, id="15 digits"),
    pytest.param("12010100001234A", O.MALFORMED, None, False, None, id="15 characters"),
    pytest.param(GENUINE[:-1], O.MALFORMED, None, False, None, id="17 characters"),
    pytest.param(GENUINE + "0", O.MALFORMED, None, False, None, id="19 characters"),
    pytest.param("", O.MALFORMED, "", False, None, id="empty"),
    pytest.param("9" * 10_000, O.MALFORMED, "", False, None, id="10 kB"),
    pytest.param(GENUINE + "\0", O.MALFORMED, "", False, None, id="NUL"),
    pytest.param(GENUINE[:-1] + "\n", O.MALFORMED, "", False, None, id="line break"),
    pytest.param("\u202e" + GENUINE, O.MALFORMED, "", False, None, id="right-to-left mark"),
    pytest.param("9111000060003734\u0131L", O.MALFORMED, "", False, None, id="dotless i"),
    pytest.param(
        "９１１１００００６０００３７３٤１L", O.MALFORMED, "", False, None, id="Arabic digit"
    ),
    pytest.param("\ud800" * 18, O.MALFORMED, "", False, None, id="lone surrogates"),
]


@pytest.mark.parametrize(("text", "outcome", "code", "in_scope", "suggestion"), ROWS)
def test_reading(text, outcome, code, in_scope, suggestion):
    reading = read_credit_code(text)

    assert reading.outcome is outcome
    assert reading.code == (text.upper() if code is None else code)
    assert reading.in_scope is in_scope
    assert reading.suggestion == suggestion
    assert (reading.problem is None) is (outcome is O.VALID)


def test_every_outcome_has_a_row():
    assert {row.values[1] for row in ROWS} == set(CreditCodeOutcome)


@pytest.mark.parametrize(
    ("look_alike", "meant"),
    [("O", "0"), ("I", "1"), ("S", "5"), ("Z", "2"), ("V", "U"), ("V", "Y")],
)
def test_each_look_alike_is_suggested_and_never_put_in_its_place(look_alike, meant):
    right = a_code(f"91120116MA{meant}5CAA00")

    reading = read_credit_code(right.replace(meant, look_alike))

    assert reading.outcome is CreditCodeOutcome.MALFORMED
    assert reading.code == right.replace(meant, look_alike)
    assert reading.suggestion == right


def test_the_remainder_zero_gives_the_check_character_zero():
    assert check_character(REMAINDER_ZERO[:-1]) == "0"
    assert read_credit_code(REMAINDER_ZERO).outcome is CreditCodeOutcome.VALID


@settings(deadline=None)
@given(DIGITS_FIRST_17)
def test_check_characters_agree_with_an_independent_program(first17):
    assert check_character(first17) == stdnum_uscc.calc_check_digit(first17)
    assert stdnum_uscc.is_valid(a_code(first17))
    assert read_credit_code(a_code(first17)).outcome is CreditCodeOutcome.VALID


@settings(deadline=None)
@given(st.text(SYMBOLS + "OISZV", min_size=18, max_size=18).map(lambda text: "91120116" + text[8:]))
def test_validity_agrees_with_an_independent_program(text):
    reading = read_credit_code(text)

    assert (reading.outcome is CreditCodeOutcome.VALID) == stdnum_uscc.is_valid(text)


@settings(deadline=None)
@given(FIRST_17, st.integers(0, 17), st.sampled_from(SYMBOLS))
def test_one_wrong_character_is_always_found(first17, place, wrong):
    code = a_code(first17)
    altered = code[:place] + wrong + code[place + 1 :]

    outcome = read_credit_code(altered).outcome

    assert outcome is (
        CreditCodeOutcome.VALID if altered == code else CreditCodeOutcome.CHECK_DIGIT
    )


@settings(deadline=None)
@given(FIRST_17, st.integers(0, 16))
def test_swapped_neighbours_are_always_found(first17, place):
    code = a_code(first17)
    altered = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    outcome = read_credit_code(altered).outcome

    assert outcome is (
        CreditCodeOutcome.VALID if altered == code else CreditCodeOutcome.CHECK_DIGIT
    )


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_has_a_reading_that_is_safe_to_show(text):
    reading = read_credit_code(text)

    for shown in (reading.code, reading.problem or "", reading.suggestion or ""):
        assert shown.isascii()
        assert shown == "" or shown.isprintable()
    if reading.outcome in {CreditCodeOutcome.VALID, CreditCodeOutcome.CHECK_DIGIT}:
        assert read_credit_code(reading.code) == reading


@pytest.mark.parametrize(
    "first17", ["", "9" * 16, "9" * 18, "9" * 16 + "O", "９" * 17, "9" * 16 + "\n"]
)
def test_only_17_symbols_have_a_check_character(first17):
    with pytest.raises(ValueError, match="credit code without its check character"):
        check_character(first17)


def test_the_examples_in_the_docstrings_hold():
    outcome = doctest.testmod(identity)

    assert outcome.attempted > 0
    assert outcome.failed == 0


ID_ROWS = [
    pytest.param("WJW-2026-000123", None, id="as in the contract"),
    pytest.param("津卫监（2026）第 12 号", None, id="Chinese with a space and full-width brackets"),
    pytest.param("a" * ID_MAX, None, id="as long as may be"),
    pytest.param("津" * ID_MAX, None, id="as long as may be, in characters not bytes"),
    pytest.param("[a]=~^_.;@#&", None, id="other punctuation"),
    pytest.param("a" * (ID_MAX + 1), IdFault.TOO_LONG, id="one too long"),
    pytest.param(" " * 10_000, IdFault.TOO_LONG, id="10 kB of spaces"),
    pytest.param("", IdFault.EMPTY, id="empty"),
    pytest.param("   ", IdFault.EMPTY, id="only spaces"),
    pytest.param("\u3000", IdFault.EMPTY, id="only a wide space"),
    pytest.param(" T1", IdFault.EDGE_SPACE, id="space first"),
    pytest.param("T1 ", IdFault.EDGE_SPACE, id="space last"),
    pytest.param("津1 ", IdFault.EDGE_SPACE, id="space last, Chinese"),
    pytest.param("T\u00a01", IdFault.SPACE, id="no-break space"),
    pytest.param("T\u30001", IdFault.SPACE, id="wide space inside"),
    pytest.param("T\x001", IdFault.CONTROL_CHARACTER, id="NUL"),
    pytest.param("T1\n", IdFault.CONTROL_CHARACTER, id="line break last"),
    pytest.param("\n", IdFault.CONTROL_CHARACTER, id="only a line break"),
    pytest.param("T\x851", IdFault.CONTROL_CHARACTER, id="next line"),
    pytest.param("T\u20281", IdFault.CONTROL_CHARACTER, id="line separator"),
    pytest.param("T\u202e1", IdFault.INVISIBLE_CHARACTER, id="right-to-left override"),
    pytest.param("T\u200f1", IdFault.INVISIBLE_CHARACTER, id="right-to-left mark"),
    pytest.param("T\u200b1", IdFault.INVISIBLE_CHARACTER, id="zero-width space"),
    pytest.param("\ufeffT1", IdFault.INVISIBLE_CHARACTER, id="byte order mark"),
    pytest.param("T\ud8001", IdFault.PRIVATE_CHARACTER, id="lone surrogate"),
    pytest.param("T\ue0001", IdFault.PRIVATE_CHARACTER, id="private character"),
    pytest.param("T１", IdFault.FULL_WIDTH, id="full-width digit"),
    pytest.param("Ｔ1", IdFault.FULL_WIDTH, id="full-width letter"),
    pytest.param("ｔ1", IdFault.FULL_WIDTH, id="full-width small letter"),
    pytest.param("T\u0661", IdFault.FULL_WIDTH, id="Arabic digit"),
    pytest.param("Caf\u0065\u0301", IdFault.NOT_NFC, id="decomposed letter"),
    *(pytest.param(f"T{c}1", IdFault.RESERVED_CHARACTER, id=f"reserved {c}") for c in "|{}:/\\"),
]


@pytest.mark.parametrize(("text", "fault"), ID_ROWS)
def test_business_ids(text, fault):
    assert id_fault(text) is fault


def test_every_fault_of_an_id_has_a_row():
    assert {row.values[1] for row in ID_ROWS} == {*IdFault, None} - {IdFault.NOT_A_DEPARTMENT}


@settings(deadline=None)
@given(st.text(max_size=ID_MAX))
def test_an_accepted_id_survives_keys_lines_and_paths(text):
    if id_fault(text) is not None:
        return

    assert text == text.strip()
    assert text.encode().decode() == text
    assert len(text.splitlines()) == 1
    assert not set(text) & set("|{}:/\\\0")


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20))
def test_plain_ascii_ids_fall_only_to_reserved_characters_and_edge_spaces(text):
    refused = bool(set(text) & set("|{}:/\\")) or text != text.strip()

    assert (id_fault(text) is not None) is refused


@pytest.mark.parametrize("text", ["WJW-120116", "WJW-120116-KFQ", "REGISTRY", "a_b", "0", "x" * 64])
def test_registry_codes(text):
    assert dept_fault(text) is None


@pytest.mark.parametrize(
    "text", ["", "a.b", "a b", "x" * 65, "卫健委", "a\n", "a/b", "..", "a\0", "ａ", "a:b"]
)
def test_texts_that_are_no_registry_codes(text):
    assert dept_fault(text) is IdFault.NOT_A_DEPARTMENT
