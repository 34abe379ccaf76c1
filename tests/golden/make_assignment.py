"""Makes `assignment.json`, which pins what every unit gets: `python -m tests.golden.make_assignment`.

Run it only when new vectors are added. What is in the file already must never change: people would get other variants.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import mmh3

from experiments.assignment import Flag, Purpose, Why, assign, bucket
from experiments.targeting import Condition, Exclusion
from experiments.targeting_lines import audience_from

GOLDEN = Path(__file__).with_name("assignment.json")
PLAIN = ("key", "workspace", "salt", "serves", "control", "variants", "weights", "exposure", "overrides", "holdout")
COLUMNS = (
    "flag, unit and attributes (places in their lists), hash for exposure, hash for variant, bucket for exposure, "
    "bucket for variant, variant (place in the flag's), why (place in the list), exposed"
)
UNITS = 660
SPECIAL = [
    *("", " ", "0", "a", "\x00", "\t", "a\nb", "user-1", "user-1 ", "User-1", "a/b", "variant/0", '"quoted"', "\\"),
    *("é", "e\u0301", "Å", "A\u030a", "ﬁ", "fi", "İstanbul", "ß", "z\u0335\u0321a\u0334l\u0338g\u0337o"),
    *("👍", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "❤️", "❤", "𝕦𝕤𝕖𝕣", "\U0010ffff"),
    *("مستخدم-٧", "משתמש-1", "\u202euser-1", "\u200fuser-1\u200e", "user\u200b-1", "\ufeffuser-1", "\u00a0", "\u2028"),
    *(
        "用户一二三",
        "ユーザー",
        "사용자",
        "사용자",
        "𠮷野家",
        "ผู้ใช้",
        "उपयोगकर्ता",
        "\ue000",
        "\uffff",
        "\ud800",
        "x\udfffy",
    ),
    *("long " * 2000, "ü" * 1000, "😀" * 1000, "x" * 4096),
]
EDGES: tuple[tuple[Purpose, str, tuple[int, ...]], ...] = (
    ("variant", "almost-nobody", (0, 9998, 9999)),
    ("variant", "halves", (4999, 5000)),
    ("exposure", "raised", (0, 499, 500, 4999, 5000, 9999)),
    ("exposure", "given", (999, 1000, 9499, 9500)),
    ("group", "checkout", (0, 3999, 4000, 9999)),
    ("holdout", "T0LAB", (0, 199, 200)),
)
ATTRIBUTES: list[dict[str, Any]] = [
    {},
    {"country": "DE", "app_version": "2.10.0", "age": 31, "beta": True},
    {"country": "FR", "app_version": "2.9.9", "age": 17, "plan": "free"},
    {"country": "US", "app_version": "3.0.0-rc.1", "age": 18.5, "email": "ada@example.com"},
    {"country": "de", "app_version": "v2.11", "age": "40", "beta": "true", "plan": "team"},
    {"country": ["DE"], "app_version": 3, "age": None, "beta": 1, "plan": {"name": "free"}},
    {"country": "DE", "app_version": "2.10.0-beta", "age": True, "email": "bo@example.org"},
    {"country": "日本", "app_version": "latest", "age": -1, "email": "x@EXAMPLE.com", "zip": "01234"},
    {"country": "DE", "app_version": "2.10", "age": 1e30, "zip": 1234, "plan": ""},
    {"country": "FR", "app_version": "10.0.0+build.7", "age": 17.0, "beta": False, "zip": "1234"},
    {"country": "DE", "app_version": "2.10.1", "age": 99, "email": "eve@example.com", "plan": "pro"},
    {"country": "", "app_version": "", "age": "", "email": "@example.com", "zip": 0.1},
]


def flags() -> Iterator[Flag]:
    """Every kind of flag: shares of nothing and next to nothing, groups, holdouts, rollouts, audiences, testers."""
    two, three = ("control", "treatment"), ("control", "small", "large")
    in_germany = audience_from("country is DE, 日本\napp_version at least 2.10.0")
    grown = audience_from("age greater than 17\nage less than 99.5\nplan is not free, team")
    mailed = audience_from("email ends with @example.com\nbeta is missing")
    texts = (*audience_from("app_version starts with 2., v\napp_version contains 1"), *audience_from("zip exists"))
    odd: tuple[Condition, ...] = audience_from("beta is true\nage at least 18")
    tested = {"user-1": "treatment", "👍": "control", "": "treatment", "\ud800": "treatment"}

    def flag(name: str, variants: tuple[str, ...], weights: tuple[int, ...], **more: Any) -> Flag:
        salt = hashed(more.pop("salt", name))
        given: dict[str, Any] = {
            "workspace": "T0LAB",
            "project": "shop",
            "serves": "split",
            "control": "control",
            **more,
        }
        return Flag(key=name, salt=salt, variants=variants, weights=weights, **given)

    yield flag("halves", two, (5000, 5000))
    yield flag("almost-nobody", two, (9999, 1))
    yield flag("nobody", two, (10000, 0))
    yield flag("one-is-off", three, (5000, 0, 5000))
    yield flag("thirds", three, (3334, 3333, 3333))
    yield flag("exposure-5", three, (2000, 3000, 5000), exposure=500, salt="raised")
    yield flag("exposure-50", three, (2000, 3000, 5000), exposure=5000, salt="raised")
    yield flag("first-in-group", two, (5000, 5000), exclusion=Exclusion(group="checkout", share=4000))
    second = Exclusion(group="checkout", first=4000, share=6000)
    yield flag("second-in-group", two, (5000, 5000), exposure=7000, exclusion=second, holdout=200)
    yield flag("germany", two, (5000, 5000), audience=in_germany, holdout=1000)
    yield flag("grown", two, (5000, 5000), audience=grown)
    yield flag("mailed", two, (5000, 5000), audience=mailed, overrides=tested)
    yield flag("texts", two, (5000, 5000), audience=texts, workspace="T1OTHER", holdout=500)
    yield flag("odd", two, (1, 9999), audience=odd, exposure=9999)
    yield flag("paused", two, (5000, 5000), serves="control", overrides=tested)
    given = {"serves": "rollout", "salt": "given", "exposure": 3000, "overrides": tested}
    yield flag("given-10", ("treatment", "control"), (1000, 9000), **given)
    yield flag("given-95", ("treatment", "control"), (9500, 500), holdout=1000, audience=grown, **given)


def edges() -> Iterator[str]:
    """Ids in the last bucket before a bound and the first after it."""
    for purpose, name, wanted in EDGES:
        salt = name if purpose in ("group", "holdout") else hashed(name)
        for place in wanted:
            yield next(unit for unit in map("user-{}".format, count()) if bucket(purpose, salt, unit) == place)


def units() -> list[str]:
    """Ids as applications have them, and as nobody would expect them; of every length up to 49 bytes."""
    draw = random.Random(20251117)
    found = [*SPECIAL, *edges()]
    found += [("abcdefghijklmnopqrstuvwxyz" * 2)[:length] for length in range(1, 50)]
    blocks = [(0x20, 0x7E), (0xA1, 0x24F), (0x400, 0x4FF), (0x5D0, 0x6FF), (0x4E00, 0x9FFF), (0x1F300, 0x1FAFF)]
    while len(found) < UNITS * 2:
        low, high = draw.choice(blocks)
        found += [
            f"user-{draw.randrange(10**6)}",
            str(draw.randrange(10**12)),
            str(uuid.UUID(int=draw.getrandbits(128), version=4)),
            "".join(chr(draw.randint(low, high)) for _ in range(draw.randint(1, 24))),
        ]
    return list(dict.fromkeys(found))[:UNITS]


def stored(flag: Flag) -> dict[str, Any]:
    """A flag as it stands in the file."""
    exclusion = flag.exclusion.model_dump() if flag.exclusion else None
    audience = [condition.model_dump(mode="json") for condition in flag.audience]
    return {**{name: getattr(flag, name) for name in PLAIN}, "exclusion": exclusion, "audience": audience}


def restored(given: dict[str, Any]) -> Flag:
    """The flag again."""
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    audience = tuple(Condition.model_validate(condition) for condition in given["audience"])
    exclusion = Exclusion.model_validate(given["exclusion"]) if given["exclusion"] else None
    return Flag(project="", **{**plain, "audience": audience, "exclusion": exclusion})


def hashed(text: str) -> str:
    """The first half of the hash in sixteen hexadecimal digits."""
    return f"{mmh3.mmh3_x64_128_utupledigest(text.encode('utf-8', 'surrogatepass'), 0)[0]:016x}"


def golden() -> dict[str, Any]:
    """All that is in the file."""
    every, ids, why = list(flags()), units(), list(Why)
    vectors = []
    for place, flag in enumerate(every):
        for number, unit in enumerate(ids):
            among = (number * 7 + place) % len(ATTRIBUTES)
            given = assign(flag, unit, ATTRIBUTES[among])
            hashes = [hashed(f"{purpose}/{flag.salt}/{unit}") for purpose in ("exposure", "variant")]
            buckets = [bucket("exposure", flag.salt, unit), bucket("variant", flag.salt, unit)]
            outcome = [flag.variants.index(given.variant), why.index(given.why), int(given.exposed)]
            vectors.append([place, number, among, *hashes, *buckets, *outcome])
    places = [
        [purpose, salt, number, hashed(f"{purpose}/{salt}/{unit}"), bucket(purpose, salt, unit)]
        for purpose, salt in (("group", "checkout"), ("holdout", "T0LAB"))
        for number, unit in enumerate(ids)
    ]
    return {
        "about": "What every unit gets; docs/assignment.md says how. Text is UTF-8, a lone surrogate its three bytes.",
        "hashes": {text: hashed(text) for text in ("", "hello", "The quick brown fox jumps over the lazy dog")},
        "why": why,
        "flags": [stored(flag) for flag in every],
        "attributes": ATTRIBUTES,
        "units": ids,
        "places": {"columns": "purpose, salt, unit, hash, bucket", "rows": places},
        "vectors": {"columns": COLUMNS, "rows": vectors},
    }


def main() -> None:
    GOLDEN.write_text(json.dumps(golden(), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
