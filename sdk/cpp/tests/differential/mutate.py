"""Seeded mutations of messages. They work on texts, because much of what can be wrong with a message is no value: members that come twice,
spellings of numbers, bytes that are not UTF-8."""

import copy
import json


class Members:
    """A JSON object as it is written: names may come twice."""

    def __init__(self, pairs):
        self.pairs = pairs


class Token(str):
    """A number or something like it, written as it is."""


def read(text):
    return json.loads(text, object_pairs_hook=Members, parse_int=Token, parse_float=Token)


def write(value, random):
    """With white space and escapes or without."""
    return render(value, random.random() < 0.3, random.choice(("", "", " ", "\n\t")))


def render(value, ascii_only, space):
    if isinstance(value, Token):
        return str(value)
    if isinstance(value, Members):
        members = (json.dumps(name, ensure_ascii=ascii_only) + ":" + space + render(part, ascii_only, space) for name, part in value.pairs)
        return "{" + space + ("," + space).join(members) + space + "}"
    if isinstance(value, list):
        return "[" + space + ("," + space).join(render(v, ascii_only, space) for v in value) + space + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


NUMBERS = [Token(t) for t in (
    "0", "1", "-1", "-0", "-0.0", "1.0", "1e0", "10E-1", "1.5", "0.5", "-0.5", "2", "16", "255", "4294967295", "4294967296", "1e2", "1e20",
    "1e300", "-1e300", "1e-400", "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740991", "9007199254740991.4",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
    "123456789012345678901234567890", "1" + "0" * 308,
)]  # fmt: skip
NO_NUMBERS = [Token(t) for t in (
    "1e999", "-1e400", "1" + "0" * 400, "01", "+1", ".5", "1.", "0x1", "1e", "NaN", "Infinity", "-Infinity", "nul", "True", "'a'", "",
)]  # fmt: skip
TEXTS = [
    "", "x", "a b", "type", "payload", "é", "🎚", "a" * 16, "é" * 128, "a" * 129, "\n", "ab\n", "\n\n", "\u2028", "\x7f", "\x00", "\\", '"',
    "a/b~c", "__proto__", "constructor", "toString", "unknown", "0", "null",
]  # fmt: skip


class Mutator:
    """`texts`: messages to begin with, of any validity. Equal seeds give equal mutations."""

    def __init__(self, texts):
        self.values = [read(text) for text in texts]
        self.parts = []  # sub-values, to be put where they do not belong
        self.words = sorted({word for value in self.values for word in words_of(value)})
        self.names = sorted({name for value in self.values for name in names_of(value)})
        for value in self.values:
            self.parts.extend(part for _, part in places_of(value))

    def mutate(self, index, random):
        """A mutation of text number `index`, as bytes."""
        value = copy.deepcopy(self.values[index])
        for _ in range(random.choice((0, 1, 1, 1, 1, 2, 3))):
            value = self.change(value, random)
        text = write(value, random).encode("utf-8", "surrogatepass")
        return damage(text, random) if random.random() < 0.15 else text

    def any_value(self, random):
        r = random.random()
        if r < 0.25:
            return random.choice(NUMBERS)
        if r < 0.27:
            return random.choice(NO_NUMBERS)
        if r < 0.45:
            return random.choice(TEXTS)
        if r < 0.65:
            return random.choice(self.words)
        if r < 0.80:
            return copy.deepcopy(random.choice(self.parts))
        return copy.deepcopy(random.choice([None, True, False, [], [Token("1")], [[]], Members([]), Members([("type", "x")]), "\ud800"]))

    def change(self, root, random):
        places = places_of(root)
        put, value = random.choice(places)
        if random.random() < 0.35:  # more often near the root
            put, value = random.choice(places[: 1 + len(places) // 4])
        r = random.random()
        if isinstance(value, Members) and value.pairs and r < 0.9:
            change_members(value.pairs, self, random)
            return root
        if isinstance(value, list) and value and r < 0.7:
            change_elements(value, self, random)
            return root
        if isinstance(value, (str, Token)) and r < 0.8:
            return put(nearly(value, self, random))
        return put(self.any_value(random))


def places_of(root):
    """All values in `root`, each with a function that puts another in its place and gives the new root."""
    places = [(lambda new: new, root)]

    def walk(value):
        if isinstance(value, Members):
            for i, (name, part) in enumerate(value.pairs):
                places.append((putter(value.pairs, i, name), part))
                walk(part)
        elif isinstance(value, list):
            for i, part in enumerate(value):
                places.append((putter(value, i, None), part))
                walk(part)

    def putter(container, i, name):
        def put(new):
            container[i] = new if name is None else (name, new)
            return root

        return put

    walk(root)
    return places


def names_of(root):
    return [name for _, value in places_of(root) if isinstance(value, Members) for name, _ in value.pairs]


def words_of(root):
    return [value for _, value in places_of(root) if isinstance(value, str) and not isinstance(value, Token) and len(value) <= 64]


def change_members(pairs, mutator, random):
    i = random.randrange(len(pairs))
    name, value = pairs[i]
    where = random.randint(0, len(pairs))
    r = random.random()
    if r < 0.10:
        del pairs[i]
    elif r < 0.20:  # twice, and only one of them is good
        pairs.insert(where, (name, mutator.any_value(random)))
    elif r < 0.30:  # the last one counts, and it is good
        pairs.insert(random.randint(0, i), (name, mutator.any_value(random)))
    elif r < 0.40:
        pairs.insert(where, (name, copy.deepcopy(value)))
    elif r < 0.60:
        random.shuffle(pairs)
    elif r < 0.85:
        pairs.insert(where, (random.choice(mutator.names + TEXTS), mutator.any_value(random)))
    elif r < 0.95:
        pairs[i] = (random.choice([name + " ", name.upper(), name[:-1], random.choice(mutator.names)]), value)
    else:
        pairs[i] = (name, mutator.any_value(random))


def change_elements(elements, mutator, random):
    i = random.randrange(len(elements))
    r = random.random()
    if r < 0.25:
        del elements[i]
    elif r < 0.5:
        elements.extend(copy.deepcopy(elements[i]) for _ in range(random.choice((1, 2, 16, 33)) if len(str(elements[i])) < 100 else 1))
    elif r < 0.75:
        elements.insert(random.randint(0, len(elements)), mutator.any_value(random))
    else:
        random.shuffle(elements)


def nearly(value, mutator, random):
    """The same text or number, a little different: what sits at a bound crosses it."""
    if isinstance(value, Token):
        try:
            number = int(value)
            return Token(random.choice((number + 1, number - 1, -number, f"{number}.0", f"{number}e0", f"{number}.5", number * 10)))
        except ValueError:
            return Token(random.choice((value + "1", "-" + value, value.split(".")[0], value + "0")))
    another = random.choice(mutator.words)
    return random.choice((value + "a", value + "\n", value[:-1], value + "é", value.upper(), " " + value, value * 2, another))


PIECES = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80",
    b"\xef\xbb\xbf", b"\xc0\x80", b"null", b"1e999", b"-", b" ", b"\x0b", b"\xa0", b"/**/", b"[" * 40, b'{"a":' * 40,
]  # fmt: skip


def damage(text, random):
    """A change that knows nothing of JSON."""
    data = bytearray(text)
    at = random.randrange(len(data) + 1)
    r = random.random()
    if r < 0.2 and at < len(data):
        data[at] = random.randrange(256)
    elif r < 0.4:
        del data[at : at + random.randint(1, 8)]
    elif r < 0.6:
        data[at:at] = random.choice(PIECES)
    elif r < 0.7:
        data[at:at] = data[at : at + random.randint(1, 40)]
    elif r < 0.8:
        del data[at:]
    elif r < 0.9:
        data[0:0] = random.choice(PIECES)
    else:
        data += random.choice(PIECES)
    return bytes(data)
