"""How is a message read from Avro and written to it quickly? By code made for its shape, once.

fastavro needs 27 microseconds to write a journal record and 18 to read one into a dict; straight
lines of Python that know the shape need a third. fastavro stays the judge: the tests hold every
byte and every value made here against it, and it reads the schemas of former days.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from schemas import avro_bytes
from schemas.avro_shape import UNKNOWN, Many, Maybe, Record, Scalar, Shape, Word

Reader = Callable[[bytes, int], Any]
Writer = Callable[[BaseModel, bytes], bytes]
Unknown = Callable[[str, Record], dict[str, Any]]

_READ_SLOWLY = {
    Scalar.TEXT: "text",
    Scalar.WHOLE: "number",
    Scalar.DAY: "day",
    Scalar.INSTANT: "instant",
}
# What `model_construct` sets; a test holds a built model against a validated one.
_SLOTS = ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__")


def compile_plain_reader(record: Record) -> Reader:
    """Make a function that reads bytes from a position into dicts and lists, for validation."""
    return _Reading(record, None).function()


def compile_model_reader(record: Record, unknown: Unknown) -> Reader:
    """Make a function that reads bytes from a position straight into a model.

    Types and closed lists are checked; lengths and patterns are not: this is for what the hub
    itself wrote after it had checked them. `unknown` reads the text that keeps unknown fields.
    """
    return _Reading(record, unknown).function()


def compile_writer(record: Record) -> Writer:
    """Make a function that writes a model after the given first bytes."""
    return _Writing(record).function()


class _Source:
    """Lines of Python in the making, and the objects they name."""

    def __init__(self, record: Record, head: str, names: dict[str, Any]) -> None:
        self.record = record
        self.names = names
        self.lines = [head]
        self.depth = 1
        self.used = 0

    def add(self, *lines: str, deeper: int = 0) -> None:
        pad = " " * (self.depth + deeper)
        self.lines.extend(pad + line for line in lines)

    def fresh(self, letter: str) -> str:
        self.used += 1
        return f"{letter}{self.used}"

    def bind(self, letter: str, value: object) -> str:
        name = self.fresh(letter)
        self.names[name] = value
        return name

    def run(self) -> Callable[..., Any]:
        code = compile("\n".join(self.lines), f"<avro {self.record.name}>", "exec")
        exec(code, self.names)  # noqa: S102 - made from our own models only, never from input
        made: Callable[..., Any] = self.names["made"]
        return made


class _Reading(_Source):
    def __init__(self, record: Record, unknown: Unknown | None) -> None:
        names: dict[str, Any] = {
            "STEP": avro_bytes.TEXT_STEP,
            "FLAGS": avro_bytes.FLAGS,
            "number": avro_bytes.read_number,
            "text": avro_bytes.read_text,
            "count": avro_bytes.read_count,
            "usual_day": avro_bytes.usual_day,
            "usual_instant": avro_bytes.usual_instant,
            "day": avro_bytes.read_day,
            "instant": avro_bytes.read_instant,
            "new": object.__new__,
            "unknown": unknown,
        }
        names |= {f"set{i}": BaseModel.__dict__[slot].__set__ for i, slot in enumerate(_SLOTS)}
        super().__init__(record, "def made(b, p):", names)
        self.builds = unknown is not None

    def function(self) -> Reader:
        result = self.read(self.record)
        self.add(
            "if p != len(b): raise ValueError(f'{len(b) - p} bytes after the end')",
            f"return {result}",
        )
        return self.run()

    def read(self, shape: Shape) -> str:
        """Add the lines that read a value; returns the variable that then holds it."""
        if isinstance(shape, Record):
            return self.read_record(shape)
        result = self.fresh("v")
        if isinstance(shape, Maybe):
            self.read_maybe(shape, result)
        elif isinstance(shape, Many):
            self.read_many(shape, result)
        elif isinstance(shape, Word):
            self.read_word(shape, result)
        else:
            self.read_scalar(shape, result)
        return result

    def read_scalar(self, shape: Scalar, result: str) -> None:
        slowly = f"{result}, p = {_READ_SLOWLY.get(shape)}(b, p)"
        if shape is Scalar.FLAG:
            self.add(f"{result} = FLAGS[b[p]]; p += 1")
        elif shape is Scalar.TEXT:
            self.add("h = STEP[b[p]]", f"if h: q = p + h; {result} = b[p+1:q].decode(); p = q")
            self.add(f"else: {slowly}")
        elif shape is Scalar.WHOLE:
            self.add("n = b[p]", f"if n < 128: {result} = (n >> 1) ^ -(n & 1); p += 1")
            self.add(f"else: {slowly}")
        else:
            usual = "usual_day(b[p:p+3])" if shape is Scalar.DAY else "usual_instant(b[p:p+6])"
            self.add(f"{result} = {usual}", f"if {result} is None: {slowly}")
            self.add(f"else: p += {3 if shape is Scalar.DAY else 6}")

    def read_word(self, shape: Word, result: str) -> None:
        if not self.builds:
            self.read_scalar(Scalar.TEXT, result)
            return
        words = self.bind("w", {word.value.encode(): word for word in shape.words})
        self.add("q = p + STEP[b[p]]", f"{result} = {words}[b[p+1:q]]; p = q")

    def read_maybe(self, shape: Maybe, result: str) -> None:
        self.add("u = b[p]; p += 1", f"if u == 0: {result} = None", "elif u == 2:")
        self.depth += 1
        self.add(f"{result} = {self.read(shape.item)}")
        self.depth -= 1
        self.add("else: raise ValueError('a branch that the union does not have')")

    def read_many(self, shape: Many, result: str) -> None:
        loop = self.fresh("c")
        self.add(f"{result} = ()", "while b[p]:")
        self.depth += 1
        # A list may come in several blocks; nearly always it is one.
        self.add(f"{loop}, p = count(b, p)", f"{result} = [*{result}]", f"for _ in range({loop}):")
        self.depth += 1
        self.add(f"{result}.append({self.read(shape.item)})")
        self.depth -= 1
        self.add(f"{result} = tuple({result})")
        self.depth -= 1
        self.add("p += 1")

    def read_record(self, shape: Record) -> str:
        members = [(member, self.read(member.shape)) for member in shape.members]
        unknown = self.read(Maybe(Scalar.TEXT)) if shape.keeps_unknown else None
        result = self.fresh("m")
        if not self.builds:
            pairs = [f"{member.wire!r}: {variable}" for member, variable in members]
            pairs += [f"{UNKNOWN!r}: {unknown}"] if unknown else []
            self.add(f"{result} = {{{', '.join(pairs)}}}")
            return result
        pairs = [f"{member.attribute!r}: {variable}" for member, variable in members]
        model = self.bind("M", shape.model)
        fields_set = self.bind("S", {member.attribute for member in shape.members})
        kept = "None"
        if unknown:
            kept = f"{{}} if {unknown} is None else unknown({unknown}, {self.bind('R', shape)})"
        self.add(
            f"{result} = new({model}); set0({result}, {{{', '.join(pairs)}}})",
            f"set1({result}, {fields_set}); set2({result}, {kept}); set3({result}, None)",
        )
        return result


class _Writing(_Source):
    def __init__(self, record: Record) -> None:
        names: dict[str, Any] = {
            "SHORT": avro_bytes.SHORT,
            "PRESENT_SHORT": avro_bytes.PRESENT_SHORT,
            "number": avro_bytes.write_number,
            "text": avro_bytes.write_text,
            "day": avro_bytes.write_day,
            "instant": avro_bytes.write_instant,
            "unknown": _unknown_text,
        }
        super().__init__(record, "def made(m, first):", names)

    def function(self) -> Writer:
        self.add("o = bytearray(first)")
        self.write(self.record, "m")
        self.add("return bytes(o)")
        return self.run()

    def write(self, shape: Shape, value: str) -> None:
        """Add the lines that write the value a Python expression stands for."""
        if isinstance(shape, Record):
            self.write_record(shape, value)
        elif isinstance(shape, Maybe):
            self.write_maybe(shape, value)
        elif isinstance(shape, Many):
            self.write_many(shape, value)
        elif isinstance(shape, Word):
            words = {word: avro_bytes.write_text(word.value) for word in shape.words}
            self.add(f"o += {self.bind('w', words)}[{value}]")
        elif shape is Scalar.TEXT:
            self.write_text(value, "SHORT[n]", "number(n)")
        elif shape is Scalar.FLAG:
            self.add(f"o += b'\\1' if {value} else b'\\0'")
        else:
            self.add(f"o += {_READ_SLOWLY[shape]}({value})")

    def write_text(self, value: str, short: str, long: str) -> None:
        limit = avro_bytes.SHORT_MAX
        self.add(f"s = {value}.encode(); n = len(s)", f"o += {short} if n < {limit} else {long}")
        self.add("o += s")

    def write_maybe(self, shape: Maybe, value: str) -> None:
        held = self.fresh("v")
        self.add(f"{held} = {value}", f"if {held} is None: o += b'\\0'", "else:")
        self.depth += 1
        if shape.item is Scalar.TEXT:
            self.write_text(held, "PRESENT_SHORT[n]", "b'\\2' + number(n)")
        else:
            self.add("o += b'\\2'")
            self.write(shape.item, held)
        self.depth -= 1

    def write_many(self, shape: Many, value: str) -> None:
        held, item = self.fresh("v"), self.fresh("i")
        self.add(f"{held} = {value}", f"if {held}:")
        self.add(f"o += number(len({held}))", f"for {item} in {held}:", deeper=1)
        self.depth += 2
        self.write(shape.item, item)
        self.depth -= 2
        self.add("o += b'\\0'")

    def write_record(self, shape: Record, value: str) -> None:
        fields = self.fresh("d")
        self.add(f"{fields} = {value}.__dict__")
        for member in shape.members:
            self.write(member.shape, f"{fields}[{member.attribute!r}]")
        if shape.keeps_unknown:
            kept = self.fresh("x")
            self.add(f"{kept} = {value}.__pydantic_extra__")
            self.add(f"o += unknown({kept}) if {kept} else b'\\0'")


def _unknown_text(kept: dict[str, Any]) -> bytes:
    text = json.dumps(kept, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return b"\x02" + avro_bytes.write_text(text)
