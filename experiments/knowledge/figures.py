"""Every number in a text, and which of them what is known does not support."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

ROUNDING = 0.2  # a rounded number may be this far from its value, relatively: 0.01 for 0.012, not 1 % for 1.4 %
UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SMALL = {word: value for value, word in enumerate(UNITS)} | {word: 20 + 10 * at for at, word in enumerate(TENS)}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "dozen": 12}
TIMES = {"twice": 2, "double": 2, "doubled": 2, "doubles": 2, "doubling": 2, "triple": 3, "tripled": 3, "triples": 3,
         "thrice": 3, "quadruple": 4, "quadrupled": 4}  # fmt: skip
PARTS = {"half": 0.5, "halved": 0.5, "halves": 0.5, "halving": 0.5, "quarter": 0.25, "quarters": 0.25}
# These stand for no number of their own: “this one”, “the interval covers zero”.
NO_CLAIM = frozenset({"one", "zero"})
# A part of a whole only behind an article: “a third of the users”, but “the third week”, “next quarter”.
ORDINALS = frozenset({"third", "thirds", "quarter", "quarters"})
SUFFIXES = {"k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()

_PERCENT = r"\s*(?:%|percent|per cent|pct|pp\b|ppt\b|percentage points?)"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![,\d])(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)"
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_IS_MULTIPLE = re.compile(r"\s*(?:x\b|×|times\b|-?fold\b)", re.IGNORECASE)
_TOKEN = re.compile(
    r"(?:(?<![^\W_])(?P<lead>[^\W\d_][^\W_]*[-_]?))?(?P<sign>[-−+])?"
    rf"(?P<digits>{_NUMBER})(?P<power>[eE][-−+]?\d{{1,6}})?(?P<tail>[^\W\d_]*)"
)
_IS_PERCENT = re.compile(_PERCENT, re.IGNORECASE)
_RANGE_TO_PERCENT = re.compile(rf"\s*(?:to|and|or|[-–—−…/]|\.\.+)\s*[-−+]?{_NUMBER}{_PERCENT}", re.IGNORECASE)
_ARTICLE = re.compile(r"\ban?\s+$", re.IGNORECASE)
_SCALE_WORD = re.compile(r"\s(thousand|million|bn|billion)\b", re.IGNORECASE)
_P_BEFORE = re.compile(
    r"\bp(?:[- ]?values?)?(?:\s+(?:is|was|of|at))?\s*(<=|>=|[<>≤≥=≈]|below|under|less than|above|over|more than)?\s*$",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|(?-i:May)|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b"
)
_DATE = re.compile(
    r"\b(?P<iso>\d{4}-\d\d-\d\d)\b"
    rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{_MONTH})(?:,?\s+(?P<year>\d{{4}})\b)?"
    rf"|\b(?P<month2>{_MONTH})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year2>\d{{4}})\b)?"
    r"|\b(?P<time>\d{1,2}:\d\d)(?::\d\d)?\b",
    re.IGNORECASE,
)
_WORD = "|".join(sorted([*SMALL, *SCALES, *TIMES, *PARTS], key=len, reverse=True))
_MULTIPLIES = re.compile(rf"fold$|^(?:{'|'.join(TIMES)})$", re.IGNORECASE)
_WORDS = re.compile(rf"\b(?:{_WORD}|\w+fold|thirds?)(?:(?:[\s-]+|\s+and\s+)(?:{_WORD}|thirds?))*\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """What a text may draw its numbers from.

    `amounts` are plain values, `shares` fractions that are shown as percent, `changes` relative changes, `names` are
    shown literally and hold no claim. The numbers in `words` count as typed. Those in `remarks` count only when whole,
    so that a remark cannot smuggle in an effect or a p.
    """

    amounts: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    changes: tuple[float, ...] = ()
    ps: tuple[float, ...] = ()
    moments: tuple[datetime, ...] = ()
    names: tuple[str, ...] = ()
    words: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class _Figure:
    """One number as it stands in a text: `step` is half of what its last digit is worth."""

    shown: str
    value: float
    step: float
    sign: str = ""
    percent: bool = False
    multiple: bool = False
    maybe_percent: bool = False
    p_relation: str | None = None
    label: bool = False


def unsupported(text: str, known: Known) -> list[str]:
    """The numbers of `text`, as they stand in it, that nothing known supports; oldest first, each once."""
    text = _without_names(_plain(text), known.names)
    words, remarks = (_without_names(_plain(each), known.names) for each in (known.words, known.remarks))
    bad, text = _dates(text, known, f"{words} {remarks}")
    typed = [*_figures(words), *_spelled(words)]
    noted = [each for each in (*_figures(remarks), *_spelled(remarks)) if not each.percent and each.value % 1 == 0]
    literal = f"{words} {remarks} {' '.join(known.names)}".lower()
    for figure in (*_figures(text), *_spelled(text)):
        if figure.label:
            supported = re.search(rf"(?<!\w){re.escape(figure.shown.lower())}(?!\w)", literal) is not None
        else:
            supported = _supports(figure, known, typed, noted)
        if not supported:
            bad.append(figure.shown)
    return list(dict.fromkeys(bad))


def _plain(text: str) -> str:
    """Digits of every script as digits, and nothing invisible between them."""
    text = "".join(f" {unicodedata.numeric(each):.4g}" if _is_part(each) else each for each in text)
    text = unicodedata.normalize("NFKC", text)
    text = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return "".join(str(unicodedata.digit(each)) if each.isdigit() else each for each in text)


def _is_part(sign: str) -> bool:
    """Whether one sign stands for a fraction, as ½ does."""
    return unicodedata.numeric(sign, 0.0) % 1 != 0


def _without_names(text: str, names: tuple[str, ...]) -> str:
    """Names with letters in them taken out, so that the digits of `treatment-1` are not read as a claim."""
    for name in sorted((each for each in names if any(map(str.isalpha, each))), key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(_plain(name))}(?![\w-])", " · ", text, flags=re.IGNORECASE)
    return text


def _dates(text: str, known: Known, said: str) -> tuple[list[str], str]:
    """Dates and times that nothing supports, and the text without any date or time."""
    bad = [
        match[0]
        for match in _DATE.finditer(text)
        if not any(_names(match, moment) for moment in known.moments) and match[0].lower() not in said.lower()
    ]
    return bad, _DATE.sub(" · ", text)


def _names(match: re.Match[str], moment: datetime) -> bool:
    if match["iso"]:
        return match["iso"] == f"{moment:%Y-%m-%d}"
    if match["time"]:
        return match["time"].zfill(5) == f"{moment:%H:%M}"
    month, day, year = (match[name] or match[f"{name}2"] for name in ("month", "day", "year"))
    right_day = MONTHS.index(month[:3].lower()) + 1 == moment.month and int(day) == moment.day
    return right_day and (year is None or int(year) == moment.year)


def _figures(text: str) -> Iterator[_Figure]:
    """The numbers written in digits."""
    for match in _TOKEN.finditer(text):
        after = match.end("power") if match["power"] else match.end("digits")
        tail = match["tail"].lower()
        if match["lead"]:
            yield _Figure(match[0], 0, 0, label=True)
            continue
        comma = "" if _THOUSANDS.fullmatch(match["digits"]) else "."
        digits = match["digits"].replace(",", comma)
        scale = SUFFIXES.get(tail or _next_word(text, after), 1)
        power = 10.0 ** max(-400, min(300, int((match["power"] or "e0")[1:].replace("−", "-"))))
        decimals = len(digits.partition(".")[2])
        before = text[match.start() - 1 : match.start()] if match.start() else ""
        dash = bool(before) and (before.isalnum() or before in "%.")
        percent = _IS_PERCENT.match(text, after) is not None
        multiple = _IS_MULTIPLE.match(text, after) is not None
        before_p = _P_BEFORE.search(text[max(0, match.start() - 30) : match.start()])
        yield _Figure(
            shown=(match[0].lstrip("-−+") if dash else match[0]) + (" %" if percent and not tail else ""),
            value=_gain(float(digits)) if multiple else float(digits) * power * scale,
            step=50.0 * 10.0**-decimals if multiple else 0.5 * 10.0**-decimals * power * scale,
            sign="" if dash else (match["sign"] or "").replace("−", "-"),
            percent=percent or multiple,
            multiple=multiple,
            maybe_percent=_RANGE_TO_PERCENT.match(text, after) is not None,
            p_relation=(before_p[1] or "=").lower() if before_p else None,
        )


def _next_word(text: str, after: int) -> str:
    word = _SCALE_WORD.match(text, after)
    return word[1].lower() if word else ""


def _spelled(text: str) -> Iterator[_Figure]:
    """The numbers written in words, but for “one” and “zero” alone."""
    for match in _WORDS.finditer(text):
        words = [word for word in re.split(r"[\s-]+", match[0].lower()) if word != "and"]
        alone = words[0] if len(words) == 1 else ""
        if alone in NO_CLAIM or (alone in ORDINALS and not _ARTICLE.search(text[: match.start()][-8:])):
            continue
        if words[0] in SCALES and text[: match.start()].rstrip()[-1:].isdigit():
            continue
        value, fraction = _worth(words)
        if _MULTIPLIES.search(match[0]) or _IS_MULTIPLE.match(text, match.end()):
            yield _Figure(match[0], _gain(value), 5.0, percent=True, multiple=True)
            continue
        percent = fraction or _IS_PERCENT.match(text, match.end()) is not None
        yield _Figure(match[0], value * 100 if fraction else value, 0.5, percent=percent)


def _gain(times: float) -> float:
    """“Twice as many” as a relative change in percent."""
    return (times - 1) * 100


def _worth(words: list[str]) -> tuple[float, bool]:
    """The value of number words and whether it is a part of a whole."""
    total = group = 0.0
    for word in words:
        if word.startswith("third"):
            return (total + group or 1) / 3, True
        if word in PARTS:
            return (total + group or 1) * PARTS[word], True
        if word.endswith("fold"):
            return float(SMALL.get(word[:-4], SCALES.get(word[:-4], -1))), False
        if word in TIMES:
            group = (group or 1) * TIMES[word]
        elif word in SCALES:
            group = (group or 1) * SCALES[word]
            if SCALES[word] >= 1000:
                total, group = total + group, 0.0
        else:
            group += SMALL[word]
    return total + group, False


def _supports(figure: _Figure, known: Known, typed: list[_Figure], noted: list[_Figure]) -> bool:
    if figure.p_relation is not None and not figure.percent:
        return _p_holds(figure, known.ps) or any(_same(figure, each) for each in typed if each.p_relation is not None)
    if any(_same(figure, each) for each in (*typed, *noted)):
        return True
    if figure.multiple:
        return any(_near(figure, change * 100) for change in known.changes)
    shares = (*known.shares, *known.changes)
    if figure.percent:
        return any(_near(figure, share * 100) for share in shares)
    if figure.maybe_percent and any(_near(figure, share * 100) for share in shares):
        return True
    return any(_near(figure, value) for value in (*known.amounts, *known.ps))


def _same(figure: _Figure, typed: _Figure) -> bool:
    agrees = figure.value == typed.value and figure.percent == typed.percent and figure.sign in ("", typed.sign)
    return agrees and not typed.label


def _near(figure: _Figure, value: float) -> bool:
    """Whether the figure is this value as it would be displayed."""
    if not math.isfinite(value) or (figure.sign == "-" and value >= 0) or (figure.sign == "+" and value < 0):
        return False
    off = abs(abs(value) - figure.value)
    return off <= figure.step * (1 + 1e-9) and off <= ROUNDING * abs(value) + 1e-300


def _p_holds(figure: _Figure, ps: tuple[float, ...]) -> bool:
    if figure.p_relation in {"<", "≤", "<=", "below", "under", "less than"}:
        return any(p <= figure.value for p in ps)
    if figure.p_relation in {">", "≥", ">=", "above", "over", "more than"}:
        return any(p >= figure.value for p in ps)
    return any(_near(figure, p) for p in ps)
