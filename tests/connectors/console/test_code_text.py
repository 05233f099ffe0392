"""The command line reads codes as the rules write them: written twice, compared here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.console.terminal.code_text import read_code
from schemas.signing import CROCKFORD
from streams.rules.entry.codes import ParsedCode, parse_code, write_code

codes = st.builds(
    write_code,
    st.integers(0, 999),
    st.text(CROCKFORD, min_size=2, max_size=2),
    st.integers(0, 2**100 - 1),
)


@given(code=codes)
def test_a_code_is_read_back_with_its_partition(code):
    assert read_code(code) == (code, parse_code(code).shard)


@given(code=codes)
def test_the_ways_people_write_are_understood(code):
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)
    said = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")

    assert read_code(said)[0] == read_code(wide)[0] == read_code(code.replace("-", ""))[0] == code


@given(code=codes, at=st.integers(0, 40), symbol=st.sampled_from(CROCKFORD))
def test_one_wrong_symbol_is_found_as_the_rules_find_it(code, at, symbol):
    at %= len(code)
    wrong = code[:at] + symbol + code[at + 1 :]
    expected = isinstance(parse_code(wrong), ParsedCode)

    try:
        read_code(wrong)
        found = True
    except ValueError:
        found = False

    assert found == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "not written like"), ("07-A03K", "not written like"), ("x" * 10_000, "not written like"),
     ("00-A0B1-RKC9-ZV49-F8PS-TWW0-AS1Y", "misread")],
)  # fmt: skip
def test_what_is_no_code_says_why(text, said):
    with pytest.raises(ValueError, match=said):
        read_code(text)
