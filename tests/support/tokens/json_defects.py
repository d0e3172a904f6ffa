"""Objects that some JSON readers take and others refuse, or that two readers take differently."""

from __future__ import annotations


def defective_objects(members: str) -> list[tuple[str, bytes]]:
    """Named defects of an object with these `members` (JSON text without the braces, with a member `"plan":"pro"`)."""
    whole = "{" + members + "}"
    texts = [*_structures(members, whole), *_strings(members), *_numbers(members), *_names_and_levels(members)]
    return [(name, text.encode()) for name, text in texts] + _octets(whole)


def _structures(members: str, whole: str) -> list[tuple[str, str]]:
    return [
        ("null", "null"),
        ("a boolean", "true"),
        ("a number", "1"),
        ("a string", '"alice"'),
        ("an empty list", "[]"),
        ("the object in a list", f"[{whole}]"),
        ("a list of pairs", '[["alg","HS256"],["user_id","alice"]]'),
        ("only blanks", " \n "),
        ("an open brace", "{" + members),
        ("a stray brace", whole + "}"),
        ("two objects", whole + whole),
        ("two lines of objects", whole + "\n" + whole),
        ("text after it", whole + " x"),
        ("a NUL after it", whole + "\0"),
        ("a trailing comma", "{" + members + ",}"),
        ("a leading comma", "{," + members + "}"),
        ("no comma", '{"a":1 ' + members + "}"),
        ("single quotes", whole.replace('"', "'")),
        ("unquoted names", whole.replace('"plan"', "plan")),
        ("curly quotes", whole.replace('"', "\u201d")),
        ("a block comment", "{/* */" + members + "}"),
        ("a line comment", whole + "//"),
        ("a hash comment", whole + "#"),
        ("a form feed between", "{\f" + members + "}"),
        ("a no-break space between", "{\u00a0" + members + "}"),
        ("a byte order mark", "\ufeff" + whole),
    ]


def _strings(members: str) -> list[tuple[str, str]]:
    return [
        ("a raw line break in a string", '{"a":"x\ny",' + members + "}"),
        ("a raw tab in a name", '{"a\tb":1,' + members + "}"),
        ("a raw NUL in a string", '{"a":"x\0y",' + members + "}"),
        ("an escape of two digits", '{"a":"\\x41",' + members + "}"),
        ("an escape cut short", '{"a":"\\u12",' + members + "}"),
        ("an octal escape", '{"a":"\\101",' + members + "}"),
        ("an escaped NUL in a value", '{"a":"x\\u0000y",' + members + "}"),
        ("an escaped NUL in a name", '{"a\\u0000":1,' + members + "}"),
        ("an escaped NUL deep inside", '{"a":[["\\u0000"]],' + members + "}"),
        ("a lone high surrogate", '{"a":"\\ud83d",' + members + "}"),
        ("a lone low surrogate", '{"a":"\\uDE00",' + members + "}"),
        ("surrogates the wrong way round", '{"a":"\\ude00\\ud83d",' + members + "}"),
        ("a lone surrogate in a name", '{"\\uD800":1,' + members + "}"),
        ("two names of lone surrogates", '{"\\ud800":1,"\\ud800":2,' + members + "}"),
    ]


def _numbers(members: str) -> list[tuple[str, str]]:
    return [
        ("NaN", '{"a":NaN,' + members + "}"),
        ("Infinity", '{"a":Infinity,' + members + "}"),
        ("minus Infinity", '{"a":-Infinity,' + members + "}"),
        ("a number that overflows", '{"a":1e400,' + members + "}"),
        ("a negative number that overflows", '{"a":-1E999,' + members + "}"),
        ("an integer of 400 digits", '{"a":' + "9" * 400 + "," + members + "}"),
        ("a fraction of 400 digits", '{"a":0.' + "9" * 400 + "," + members + "}"),
        ("a leading zero", '{"a":01,' + members + "}"),
        ("a plus sign", '{"a":+1,' + members + "}"),
        ("a bare fraction", '{"a":.5,' + members + "}"),
        ("a bare point", '{"a":1.,' + members + "}"),
        ("a hexadecimal number", '{"a":0x1F,' + members + "}"),
        ("digits of another script", '{"a":\u0661\u0662,' + members + "}"),
        ("an underscore in a number", '{"a":1_000,' + members + "}"),
    ]


def _names_and_levels(members: str) -> list[tuple[str, str]]:
    return [
        ("True", '{"a":True,' + members + "}"),
        ("undefined", '{"a":undefined,' + members + "}"),
        ("a name that is a number", "{1:2," + members + "}"),
        ("the same name twice", "{" + members + ',"plan":"pro"}'),
        ("the same name twice, differing", '{"plan":"free",' + members + "}"),
        ("the same name twice, once escaped", "{" + members + ',"pl\\u0061n":"free"}'),
        ("the same name twice, deep inside", '{"a":[{"b":1,"b":2}],' + members + "}"),
        ("the empty name twice", '{"":1,"":2,' + members + "}"),
        ("five levels of lists", '{"a":[[[[1]]]],' + members + "}"),
        ("five levels of objects", '{"a":{"a":{"a":{"a":{}}}},' + members + "}"),
        ("five levels behind brackets in strings", '{"s":"]]]]\\"]","a":[[[[]]]],' + members + "}"),
    ]


def _octets(whole: str) -> list[tuple[str, bytes]]:
    raw = whole.encode()
    return [
        ("UTF-16 with a mark", whole.encode("utf-16")),
        ("UTF-16, little end first", whole.encode("utf-16-le")),
        ("UTF-16, big end first", whole.encode("utf-16-be")),
        ("UTF-32, little end first", whole.encode("utf-32-le")),
        ("UTF-32, big end first", whole.encode("utf-32-be")),
        ("UTF-7", raw.replace(b"pro", b"+AHA-\xff")),
        ("a byte of Latin-1", raw.replace(b"pro", b"pr\xf6")),
        ("an overlong NUL", raw.replace(b"pro", b"p\xc0\x80")),
        ("an overlong quote", raw.replace(b"pro", b"p\xc0\xa2")),
        ("a surrogate in UTF-8", raw.replace(b"pro", b"p\xed\xa0\x80")),
        ("a pair of surrogates in UTF-8", raw.replace(b"pro", b"p\xed\xa0\xbd\xed\xb8\x80")),
        ("a character beyond Unicode", raw.replace(b"pro", b"p\xf4\x90\x80\x80")),
        ("a character cut short", raw.replace(b"pro", b"p\xe2\x82")),
        ("a stray continuation byte", raw.replace(b"pro", b"p\x80")),
    ]
