#!/usr/bin/env python3
"""Compares the decoder with the acceptance checkers' idea of a valid record, on generated and on mutated lines.

Usage: compare_decode.py DECODE_LINES [--acceptance DIR] [--seed N] [--mutants 200000]
DECODE_LINES is the program built from decode_lines.cc. Good or bad must agree for every line, and of a good line the
fields' values too. One difference is meant: a lone surrogate is bad even in a value that a repeated name replaces,
since such a line is no valid Unicode. Exit 0: they agree. 1: they differ. 77: there is no acceptance folder.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

Line = tuple[str, bytes]
INT64 = 2 ** 63
SHOWN = 15

# ---- lines ------------------------------------------------------------------------------------

NUMBERS = (
    b"0", b"-0", b"-0.0", b"1", b"1.5", b"1.50000000", b"15e-1", b"5.0", b"1e2", b"1E+2", b"1e400", b"1e-400",
    b"0e999", b"0.000001", b"0.0000010", b"0.0000001", b"999999999999.999999", b"1000000000000", b"1e12",
    b"9e11", b"-1", b"-1e-9", b"999999999.999", b"1000000000", b"0.001", b"0.0005", b"253402300799999",
    b"253402300800000", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"1" * 40,
    b"1" * 4300, b"-" + b"1" * 4300, b"1" * 4301, b"1" * 5000 + b".0", b"1." + b"0" * 300,
    b"0." + b"0" * 50 + b"1", b"1e999999999999999999", b"1e1000000000000000000", b"0.0e1000000000000000000",
    b"1e-1999999999999999997", b"1e-1999999999999999998", b"10e-1999999999999999998",
    b"0e-9999999999999999999999", b"1e+0000000000000000000000002", b"01", b"1.", b".5", b"+1", b"--1", b"1e",
    b"1e+", b"0x10", b"1_0", b"NaN", b"Infinity", b"-Infinity", b"nan", b"123456789012345678901234567890e-20",
    b"12345678901234567890e-10", b"1.0e0", b"100000e-5"
)
STRINGS = (
    b'""', b'"a"', b'"0"', b'"-0"', b'"-0.00"', b'"1.5"', b'"1.50000000"', b'"1e2"', b'"-1"', b'"+1"', b'" 1"',
    b'"1 "', b'"1."', b'".5"', b'"007.5"', b'"1_0"', b'"999999999999.999999"', b'"1000000000000"',
    b'"0.0000001"', b'"1,50"', b'"\\u0031"', '"١"'.encode(), b'"' + b"0" * 50 + b'1.5"',
    b'"1.' + b"0" * 60 + b'"', b'"1.' + b"0" * 60 + b'1"', b'"sale"', b'"s\\u0061le"', b'"Sale"', b'"sale "',
    b'"return"', b'"cancel"', b'"email"', b'"granted"', b'"view"', b'"cart_remove"', b'"cart_removed"',
    b'"sent"', b'"complaint"', b'"treatment"', b'"online"', b'"\\ud83d\\ude00"', b'"\\ud83d"',
    b'"\\ude00\\ud83d"', b'"\\ud83dx"', b'"\\ud83d\\u0041"', b'"\\u00e4\\n\\/\\b\\f\\r\\t\\"\\\\"',
    b'"\\u0000"', b'"\\x41"', b'"\\u12"', b'"\\u 123"', b'"\\u+123"', b'"\\uFFff"', b'"a\tb"', b'"a\x00b"',
    b'"a\x1fb"', b'"a\x7fb"', b'"\\', '"ä"'.encode(),
    '"日本語テキスト、とても長い文字列です"'.encode(), "\"😀\"".encode(), b'"\xff"',
    b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"', b'"abcdefghijklmno\xe2\x82\xac"',
    b'"' + b"x" * 15 + b'"', b'"' + b"x" * 16 + b'"', b'"' + b"x" * 300 + b'"', b'"' + b"x" * 14 + b'\\"y"',
    b'"' + b"x" * 16 + b'\\n"', b'"open', b"'a'"
)
TIMES = (
    "2024-03-01T10:11:12.123Z", "2024-03-01T10:11:12Z", "2024-03-01t10:11:12z", "2024-03-01T10:11:12.1+02:00",
    "2024-03-01T10:11:12.123456789-23:59", "2024-03-01T10:11:12+24:00", "2024-03-01T10:11:12+01:60",
    "2024-03-01T10:11:12+0100", "2024-03-01T10:11:12", "2024-03-01 10:11:12Z", "2024-03-01T10:11:60Z",
    "2024-03-01T24:00:00Z", "2024-03-01T23:59:59.9999Z", "2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-00-01T00:00:00Z",
    "2024-13-01T00:00:00Z", "2024-04-31T00:00:00Z", "2024-04-00T00:00:00Z", "1970-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999Z", "1970-01-01T00:30:00+01:00", "1969-12-31T23:30:00-01:00",
    "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999-00:01", "9999-12-31T23:59:59.999+00:01",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "2024-03-01T10:11:12.Z", "2024-03-01T10:11:12,5Z",
    "2024-03-01T10:11:12.5", "2024-03-01T10:11:12Z ", " 2024-03-01T10:11:12Z", "2024-03-01T10:11:12ZZ",
    "٢024-03-01T10:11:12Z", "2024-3-01T10:11:12Z", "2024-03-01T10:11:12\u2212" "01:00", "20240301T101112Z",
    "2024-03-01T10:11:12.00000000000000000000000000000001Z", "2024-03-01T10:11Z", "+2024-03-01T10:11:12Z",
    "2024-03-01T1a:11:12Z"
)
OTHERS = (
    b"null", b"true", b"false", b"True", b"nul", b"truex", b"[]", b"{}", b"[null]", b"[1,]", b"[,]", b"{,}",
    b'{"a":1,}', b'{"a"}', b"{1:2}", b'{"a" 1}', b'["a" "b"]', b'["a","b"]', b'["a",1]',
    b'[{"a":[1,2,{"b":null}]}]', b'{"a":{"a":1,"a":2}}', b"", b"[", b"]", b"{", b"}",
    b'[{"product_id":"p","quantity":1,"unit_price":2}]',
    b'[{"product_id":"p","quantity":"x","unit_price":2,"quantity":1}]',
    b'[{"product_id":"p","quantity":1,"unit_price":2,"quantity":null}]', b'[{"product_id":"p","quantity":1}]',
    b"[[]]", b'[{"type":"visitor","value":"v1"}]', b'[{"type":"","value":""}]',
    b'[{"type":"","value":"x","y":[1.5e3]}]', b'[{"channel":"email","status":"granted","at":1}]',
    b'[{"channel":"email","status":"granted","at":null}]', b'[{"channel":"e-mail","status":"granted"}]',
    b'[{"channel":"email","status":"revoked","at":"x"}]'
)
LINE_NAMES = ("product_id", "quantity", "unit_price", "list_price", "discount", "unit_cost", "return_reason", "x")
LINE = b'"product_id":"p","quantity":1,"unit_price":2.5'
CONSENT = b'"channel":"sms","status":"denied"'
IDENTITY = b'"type":"visitor","value":"v"'
SPACES = (b" ", b"\t", b"\r", b"\n", b"\x0b", b"\x0c", b"\xc2\xa0", b"\xef\xbb\xbf", b"\x00", b"//x", b"  \n ")
EDGES = b'"\\{}[],:0123456789.-+eE tfnu\x00\x1f\x7f\x80\xc3\xff'


def nested(rng: random.Random) -> bytes:
    """Around the limit of 64, which counts the record itself; brackets in strings do not count."""
    depth = rng.choice((1, 2, 30, 61, 62, 63, 64, 65, 70))
    opening = [rng.choice((b"[", b'{"a":')) for _ in range(depth)]
    core = rng.choice((b"1", b'"[[[[{{{{"', b"[]", b"{}", b'"\\"[["'))
    return b"".join(opening) + core + b"".join(b"]" if opened == b"[" else b"}" for opened in reversed(opening))


def value(rng: random.Random) -> bytes:
    kind = rng.randrange(10)
    if kind == 0:
        return nested(rng)
    if kind == 1:
        return json.dumps(rng.choice(TIMES), ensure_ascii=rng.random() < 0.3).encode()
    return rng.choice(rng.choice((NUMBERS, STRINGS, OTHERS)))


def string(rng: random.Random, text: str) -> bytes:
    """The same text, now and then with characters written as escapes."""
    if rng.random() < 0.9:
        return json.dumps(text, ensure_ascii=False).encode()
    return b'"' + b"".join(character(rng, one) for one in text) + b'"'


def character(rng: random.Random, one: str) -> bytes:
    must = one in '"\\' or one < " "
    return b"\\u%04x" % ord(one) if one < "\uffff" and (must or rng.random() < 0.3) else one.encode()


def any_json(rng: random.Random, item: Any) -> bytes:
    """JSON of a value with odd spacing."""
    gap = (lambda: b"") if rng.random() < 0.7 else (lambda: rng.choice((b"", b"", b" ", b"\t", b"\r\n")))
    if isinstance(item, dict):
        members = [string(rng, key) + gap() + b":" + gap() + any_json(rng, inner) for key, inner in item.items()]
        return b"{" + gap() + (gap() + b"," + gap()).join(members) + gap() + b"}"
    if isinstance(item, list):
        return b"[" + gap() + (gap() + b"," + gap()).join(any_json(rng, inner) for inner in item) + gap() + b"]"
    return string(rng, item) if isinstance(item, str) else json.dumps(item).encode()


class Mutator:
    def __init__(self, rng: random.Random, names: dict[str, list[str]]) -> None:
        self.rng, self.names = rng, names

    def mutant(self, topic: str, raw: bytes) -> Line:
        """A record with up to three things changed."""
        rng = self.rng
        try:
            record = json.loads(raw)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            return topic, self.hurt(raw)
        members = [(key.encode(), any_json(rng, item)) for key, item in record.items()]
        for _ in range(rng.randrange(4)):
            self.change(topic, members)
        if rng.random() < 0.3:
            rng.shuffle(members)
        raw = b"{" + b",".join(string(rng, key.decode()) + b":" + item for key, item in members) + b"}"
        if rng.random() < 0.15:
            raw = self.around(raw)
        if rng.random() < 0.15:
            raw = self.hurt(raw)
        return (topic if rng.random() < 0.9 else rng.choice(list(self.names))), raw

    def change(self, topic: str, members: list[tuple[bytes, bytes]]) -> None:
        rng = self.rng
        what = rng.randrange(6)
        unknown = (b"x", b"extra", b"", b"tombstone", b"event_idx", b"event_i")
        name = rng.choice(self.names[topic]).encode() if rng.random() < 0.8 else rng.choice(unknown)
        place = rng.randrange(len(members) + 1)
        if what == 0 and members:
            del members[min(place, len(members) - 1)]
        elif what == 1 and members:
            at = min(place, len(members) - 1)
            members[at] = (members[at][0], value(rng))
        elif what == 2 and members:
            members.insert(place, (rng.choice(members)[0], value(rng)))  # a repeated key
        elif what == 3 and topic == "transactions":
            members.append((b"lines", self.list_with(value(rng), LINE_NAMES, LINE)))
        elif what == 3 and topic == "customers" and rng.random() < 0.5:
            members.append((b"consents", self.list_with(value(rng), ("channel", "status", "at", "x"), CONSENT)))
        elif what == 3 and topic == "customers":
            members.append((b"identities", self.list_with(value(rng), ("type", "value", "x"), IDENTITY)))
        else:
            members.insert(place, (name, value(rng)))

    def list_with(self, odd: bytes, names: tuple[str, ...], core: bytes) -> bytes:
        rng = self.rng
        plain, item = b"{%s}" % core, b'{%s,"%s":%s}' % (core, rng.choice(names).encode(), odd)
        return b"[" + b",".join([plain] * rng.randrange(3) + [item] + [plain] * rng.randrange(2)) + b"]"

    def around(self, raw: bytes) -> bytes:
        rng = self.rng
        space = rng.choice(SPACES)
        return rng.choice((space + raw, raw + space, raw + space + b"}", raw + b"{}", b"[" + raw + b"]",
                           raw[:1] + space + raw[1:], raw[:-1] + space + raw[-1:]))

    def hurt(self, raw: bytes) -> bytes:
        """Damage to bytes."""
        rng = self.rng
        at = rng.randrange(len(raw) + 1)
        until = min(len(raw), at + rng.randrange(1, 12))
        byte = bytes([rng.choice(EDGES)])
        return rng.choice((raw[:at], raw[:at] + byte + raw[at:], raw[:at] + byte + raw[at + 1:],
                           raw[:at] + raw[until:], raw[:at] + rng.choice(SPACES) + raw[at:],
                           raw[:at] + value(rng) + raw[until:]))


def generated(acceptance: Path, seed: int) -> list[Line]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, acceptance / "generate_events.py", "--customers", "120", "--days", "60",
                        "--seed", str(seed), "--malformed", "0.2", "--plain", "--out", folder], check=True)
        return [(path.name.split(".")[0].split("-")[0], line) for path in sorted(Path(folder).glob("*.jsonl"))
                for line in path.read_bytes().split(b"\n") if line]


# ---- comparing --------------------------------------------------------------------------------

def answers(program: str, lines: list[Line]) -> list[bytes]:
    stdin = b"".join(b"%s %d\n%s\n" % (topic.encode(), len(raw), raw) for topic, raw in lines)
    run = subprocess.run([program], input=stdin, stdout=subprocess.PIPE, check=False)
    found = run.stdout.split(b"\n")[:-1]
    if run.returncode != 0 or len(found) != len(lines):
        at = min(len(found), len(lines) - 1)
        sys.exit(f"{program} ended with {run.returncode} near line {at}: {lines[at][0]} {lines[at][1][:300]!r}")
    return found


def normalize(schema: Any, topic: str, record: dict[str, Any]) -> dict[str, Any]:
    """Values of known fields as what they mean; empty stands for missing where the event makes no difference."""
    money, time_ms = schema.money, schema.time_ms
    clamp = lambda number: max(-INT64, min(INT64 - 1, number))
    line = {"product_id": str, "quantity": Decimal, "unit_price": money, "list_price": money, "discount": money,
            "unit_cost": money, "return_reason": lambda reason: reason or None}
    consent = {"channel": str, "status": str, "at": time_ms}
    meaning: dict[str, Callable[[Any], Any]] = {
        "event_time": time_ms, "launched_at": time_ms, "joined_at": time_ms, "version": clamp, "birth_year": clamp,
        "lines": lambda items: [pick(item, line) for item in items],
        "identities": lambda items: [pick(item, {"type": str, "value": str}) for item in items],
        "consents": lambda items: [pick(item, consent) for item in items]}
    own = {"page_views": {"price": money, "quantity": Decimal}, "campaign_events": {"cost": money, "value": money},
           "products": {"list_price": money, "unit_cost": money}}.get(topic, {})
    known = FIELDS[topic]
    return {name: ({**meaning, **own}.get(name, lambda kept: kept)(item) if name in known else item)
            for name, item in record.items() if item is not None}


def pick(item: dict[str, Any], fields: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    picked = {name: reader(item[name]) for name, reader in fields.items() if item.get(name) is not None}
    return {name: found for name, found in picked.items() if found is not None}


FIELDS: dict[str, set[str]] = {}


def field_names(schema: Any) -> dict[str, list[str]]:
    """The fields of each topic, out of the closures of the checks."""
    names = {}
    for topic, check in schema.SHAPES.items():
        place = check.__code__.co_freevars.index("fields")
        names[topic] = list(check.__closure__[place].cell_contents)
    return names


def has_lone_surrogate(raw: bytes) -> bool:
    every_member = json.loads(raw, object_pairs_hook=lambda pairs: pairs)
    try:
        json.dumps(every_member, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def compare(schema: Any, lines: list[Line], found: list[bytes], count: Counter) -> list[str]:
    wrong = []
    for (topic, raw), answer in zip(lines, found):
        try:
            expected, reason = schema.parse_record(topic, raw), ""
        except schema.BadRecord as error:
            expected, reason = None, str(error)
        count["good" if answer.startswith(b"ok ") else answer.split(b" ")[1].decode()] += 1
        if expected is not None and answer.startswith(b"bad encoding ") and has_lone_surrogate(raw):
            count["replaced lone surrogates"] += 1
        elif (expected is not None) != answer.startswith(b"ok "):
            wrong.append(f"{topic} {raw[:400]!r}\n  schema.py: {reason or 'good'}\n  decoder: {answer[:200]!r}")
        elif expected is not None:
            again = schema.parse_record(topic, answer[3:])
            before, after = normalize(schema, topic, expected), normalize(schema, topic, again)
            if before != after:
                wrong.append(f"{topic} {raw[:400]!r}\n  schema.py: {before}\n  decoder: {after}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--acceptance", type=Path, default=root.parent / "shared" / "acceptance")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--mutants", type=int, default=200_000)
    options = parser.parse_args()
    if not (options.acceptance / "schema.py").exists():
        print(f"no {options.acceptance}: nothing to compare with")
        return 77
    sys.path.insert(0, str(options.acceptance))
    sys.dont_write_bytecode = True
    import schema

    print(f"seed {options.seed}")
    rng = random.Random(options.seed)
    names = field_names(schema)
    FIELDS.update({topic: set(fields) for topic, fields in names.items()})
    base = generated(options.acceptance, options.seed)
    by_topic = {topic: [line for line in base if line[0] == topic] for topic in names}
    mutator = Mutator(rng, names)
    count: Counter = Counter()
    wrong: list[str] = []
    lines = base
    left = options.mutants
    while lines:
        wrong += compare(schema, lines, answers(options.program, lines), count)
        size = min(left, 20_000)
        left -= size
        lines = [mutator.mutant(*rng.choice(by_topic[rng.choice(list(names))])) for _ in range(size)]
    for difference in wrong[:SHOWN]:
        print(difference)
    kinds = ", ".join(f"{kind} {n}" for kind, n in count.most_common())
    print(f"compare_decode: {sum(count.values())} lines ({kinds}); "
          f"differences: {len(wrong)}; {'FAILED' if wrong else 'ok'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
