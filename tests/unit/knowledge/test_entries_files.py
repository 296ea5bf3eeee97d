# ruff: noqa: E501
"""Reading region, group and explanation files: what is right is read as typed, what is wrong is said at its place."""

import textwrap
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from contextcheck.errors import Problem
from contextcheck.knowledge.entries import Entry, SwitchedOff
from contextcheck.knowledge.entry_files import read_explanation_file, read_group_file, read_region_file
from contextcheck.knowledge.source_files import SourceFile
from contextcheck.records import Money

GOOD = """\
region: NO
name: Norway
timezone: Europe/Oslo
currency: NOK
owner: no-market
defaults:
  free_shipping_threshold: {amount: 500, currency: NOK}
norms:
  - id: no-returns
    title: Returns in January
    status: active
    mechanism: >-
      Gifts bought in December come back in the first weeks of January, spread over many customers.
    explains:
      - {metric: return_rate, direction: up}
    when: {dates: ["01-02..01-20"], before_days: 1, certainty: estimated}
    signs:
      - {test: spread}
      - {test: delay, to: returned_at, among: returned, expect: {within: 45d}}
    contradicted_by:
      - {test: concentration, share: 0.3}
    ask: Do they belong to December orders?
    advice: [Compare per order day.]
    sources:
      - {title: A law, year: est. 2020, grade: A, for: mechanism}
      - {title: A shop, grade: C, for: local}
    reviewed: {by: no-market, on: 2026-11-20, next: 2027-05-20}
    text: {no: Returer i januar}
"""


def read(text: str, folder: Path, stem: str = "NO") -> tuple[object, list[Problem]]:
    path = folder / f"{stem}.yaml"
    path.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    found = read_region_file(SourceFile(path, f"regions/{stem}.yaml", "ab" * 32), problems, calendars={"x": ("05-05",)})
    return found, problems


def test_a_region_file_is_read_as_typed_and_norway_stays_norway(tmp_path: Path) -> None:
    found, problems = read(GOOD, tmp_path)
    assert problems == []
    region = found.file  # type: ignore[attr-defined]
    assert (region.region, region.currency, region.timezone) == ("NO", "NOK", "Europe/Oslo")
    (line,) = region.defaults.values()
    assert (line.name, line.money) == ("free_shipping_threshold", Money(Decimal(500), "NOK"))
    norm = region.norms[0]
    assert (norm.kind, norm.regions, norm.owner, norm.version) == ("norm", ("NO",), "no-market", "2026-11-20")
    assert (norm.mechanism_grade, norm.local_grade) == ("A", "C")
    assert norm.sources[0].year == "est. 2020"
    assert norm.reviewed.next == date(2027, 5, 20)
    assert norm.needs == ("customer_id", "returned_at")
    assert norm.signs[1].bounds() == {"within": 45 * 24.0}
    assert norm.signs[1].text("from") == "created_at"
    assert norm.contradicted_by[0].texts("over") == ("device_id", "address_id", "payment_id")
    assert (norm.when.names, norm.when.certainty) == (("01-02..01-20 ±1",), "estimated")


def change(old: str, new: str) -> str:
    assert old in GOOD, old
    return GOOD.replace(old, new, 1)


# what is changed in the good file · what the one message must say, place first
BROKEN = {
    "unknown key": (change("title: Ret", "titel: Ret"), 'NO.yaml:10:5: KB102 unknown key "titel"; did you mean "title"?'),
    "unknown test": (change("test: spread", "test: spraed"), '18:16: KB105 unknown sign test "spraed"; did you mean "spread"?'),
    "unknown option": (change("among: returned", "amung: returned"), 'KB102 unknown key "amung"; did you mean "among"?'),
    "unknown choice": (change("among: returned", "among: retuned"), 'KB105 unknown among "retuned"; did you mean "returned"?'),
    "unknown column": (change("to: returned_at", "to: return_at"), 'KB105 unknown column "return_at"; did you mean "returned_at"?'),
    "bound without a value": (change("{within: 45d}", "{}"), "KB101 expect sets no bound; write {within: 24h}"),
    "bound misspelt": (change("within: 45d", "witin: 45d"), 'KB102 unknown key "witin"; did you mean "within"?'),
    "not a duration": (change("45d", "45 days"), 'KB108 within is "45 days", but must be a duration such as 24h'),
    "missing required option": (change(", expect: {within: 45d}", ""), 'KB101 sign "delay" needs "expect"'),
    "threshold without currency": (
        change("{amount: 500, currency: NOK}", "50000"),
        "7:28: KB107 free_shipping_threshold 50000 has no currency; write {amount: 50000, currency: KRW}",
    ),
    "currency of four letters": (change("currency: NOK}", "currency: KRON}"), 'KB107 the currency is "KRON"'),
    "thousands separator": (change("amount: 500", "amount: 50_000"), 'amount is "50_000", but must be a number; write 50000'),
    "leading zero": (change("amount: 500", "amount: 0500"), "write 500 without the leading 0"),
    "percent": (change("share: 0.3", "share: 30%"), 'share is "30%", but must be a number; write 0.3 for 30%'),
    "share over one": (change("share: 0.3", "share: 30"), "KB104 share is 30, but must be from 0 to 1; write 0.3 for 30 percent"),
    "decimal comma": (change("share: 0.3", 'share: "0,3"'), "write 0.3 with a point"),
    "unknown default": (change("free_shipping_threshold", "free_shiping"), '"free_shiping"; did you mean "free_shipping_threshold"?'),
    "unknown zone": (change("Europe/Oslo", "Europe/Olso"), 'KB105 unknown time zone "Europe/Olso"'),
    "file and region disagree": (change("region: NO", "region: SE"), "1:9: KB217 region is SE, but the file is named NO.yaml"),
    "no mechanism": (change("      Gifts bought in December come back in the first weeks of January, spread over many customers.\n", "      Gifts.\n"), "KB201 mechanism is missing or very short"),
    "no source": (GOOD[: GOOD.index("    sources")] + GOOD[GOOD.index("    reviewed") :], "KB202 no source"),
    "no owner": (change("owner: no-market\n", ""), "KB203 no owner"),
    "no review": (change("    reviewed: {by: no-market, on: 2026-11-20, next: 2027-05-20}\n", ""), "KB204 the review is not complete"),
    "review backwards": (change("next: 2027-05-20", "next: 2026-05-20"), "KB204 the next review 2026-05-20 is not after"),
    "not a day": (change("on: 2026-11-20", "on: 20.11.2026"), 'KB106 on is "20.11.2026", but must be a day such as'),
    "no sign": (change("    signs:\n      - {test: spread}\n      - {test: delay, to: returned_at, among: returned, expect: {within: 45d}}\n", ""), "KB205 no sign that could fail"),
    "calendar alone": (change("{test: spread}\n      - {test: delay, to: returned_at, among: returned, expect: {within: 45d}}", "{test: calendar}"), 'KB206 no sign but "calendar"'),
    "people as the cause": (change("Gifts bought", "Norwegians send gifts. Gifts bought"), 'KB207 "Norwegians" names people'),
    "nationality with an actor": (change("Returns in January", "Norwegian customers return"), 'KB207 "Norwegian customers" names people'),
    "religion as the cause": (change("Do they", "Do Muslim families"), 'KB207 "Muslim families" names people'),
    "active on a weak source": (change("grade: A, for: mechanism", "grade: C, for: mechanism"), "KB208 status active needs a source of grade B or better"),
    "unknown status": (change("status: active", "status: activ"), '11:13: KB105 unknown status "activ"; did you mean "active"?'),
    "unknown grade": (change("grade: A", "grade: E"), 'KB105 unknown grade "E"; known are A, B, C, D'),
    "day that does not exist": (change("01-02..01-20", "02-30"), '"02-30" is no day; write "11-11"'),
    "unknown calendar": (change('"01-02..01-20"', "blackfriday"), '"blackfriday" is no day'),
    "two kinds of when": (change("before_days: 1", "holiday: any"), "KB103 when must name one of"),
    "sign on both sides": (change("{test: concentration, share: 0.3}", "{test: spread}"), 'KB215 "spread" with the same options stands under'),
    "tab": (change("    title:", "\ttitle:"), "10:"),
    "colon in plain text": (change("ask: Do they", "ask: Tell us: do they"), 'a colon followed by a space inside plain text; put the whole text in "quotes"'),
    "duplicate key": (change("    status: active\n", "    status: active\n    status: draft\n"), '12:5: KB009 the key "status" is already given in line 11'),
    "smart quotes": (change("title: Returns in January", "title: “Returns in January”"), "KB010 the value begins with the typographic quote “"),
    "non-breaking space": (change("    title:", "    \u00a0title:"), "KB011 a non-breaking space stands in or before"),
    "wrong indentation": (change("    title:", "   title:"), "10:4: KB004 this line starts after 3 spaces"),
    "no space after the colon": (change("  - id: no-returns\n", "  - id:no-returns\n"), 'write "id: no-returns" with a space after the colon'),
    "an alias": (change("title: Returns in January", "title: *name"), "KB005 the alias *name is not allowed"),
    "a tag": (change("title: Returns", "title: !!python/name:os Returns"), "KB005 the tag"),
    "same id twice": (GOOD + GOOD[GOOD.index("  - id") :], 'KB210 the id "no-returns" is already given in line 9'),
    "empty file": ("", "regions/NO.yaml: KB101 the file is empty"),
    "a list": ("- a\n- b\n", 'KB103 the file must be "key: value" lines'),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_answered_with_place_and_remedy(name: str, tmp_path: Path) -> None:
    text, expected = BROKEN[name]
    _, problems = read(text, tmp_path)
    assert any(expected in str(problem) for problem in problems), [str(problem) for problem in problems]


def test_every_problem_of_a_file_is_reported_at_once(tmp_path: Path) -> None:
    text = change("status: active", "status: activ").replace("45d", "45 days").replace("owner: no-market", "ownr: x", 1)
    _, problems = read(text, tmp_path)
    assert {problem.code for problem in problems} >= {"KB102", "KB105", "KB108", "KB203"}


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "NO.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    problems: list[Problem] = []
    found = read_region_file(SourceFile(path, "regions/NO.yaml", ""), problems, calendars={})
    assert problems == []
    assert found is not None
    assert found.file.norms[0].title == "Returns in January"


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "NO.yaml"
    path.write_bytes(GOOD.replace("Returns in January", "Returer på nyåret").encode("latin-1"))
    problems: list[Problem] = []
    assert read_region_file(SourceFile(path, "regions/NO.yaml", ""), problems, calendars={}) is None
    assert [str(problem)[:23] for problem in problems] == ["regions/NO.yaml:10:1: K"]


def test_a_teams_region_file_takes_over_what_it_leaves_out(tmp_path: Path) -> None:
    shipped, _ = read(GOOD, tmp_path)
    own = "region: NO\ndefaults:\n  coupon_minimum: {amount: 900, currency: NOK}\nnorms: []\n"
    path = tmp_path / "own.yaml"
    path.write_text(own)
    problems: list[Problem] = []
    found = read_region_file(SourceFile(path, "own/NO.yaml", ""), problems, calendars={}, base=shipped.file)  # type: ignore[attr-defined]
    assert problems == []
    assert found is not None
    assert (found.file.name, found.file.timezone, found.file.owner) == ("Norway", "Europe/Oslo", "no-market")
    assert set(found.file.defaults) == {"free_shipping_threshold", "coupon_minimum"}


def test_a_named_calendar_is_replaced_by_its_days(tmp_path: Path) -> None:
    found, problems = read(change('"01-02..01-20"', "x"), tmp_path)
    assert problems == []
    assert found.file.norms[0].when.names == ("05-05",)  # type: ignore[attr-defined]


def test_a_switch_off_needs_a_reason_and_a_day(tmp_path: Path) -> None:
    text = "region: NO\nname: N\ntimezone: Europe/Oslo\ncurrency: NOK\nnorms:\n  - {id: a, off: {reason: other checkout, on: 2026-11-01}}\n"
    found, problems = read(text, tmp_path)
    assert problems == []
    assert found.switched_off == (SwitchedOff("a", "other checkout", date(2026, 11, 1)),)  # type: ignore[attr-defined]
    _, problems = read(text.replace("reason: other checkout, ", ""), tmp_path)
    assert [str(problem) for problem in problems] == ['regions/NO.yaml:6:18: KB101 "reason" is missing']


def test_a_group_file_gives_its_norms_to_every_member(tmp_path: Path) -> None:
    norms = GOOD[GOOD.index("norms:") :]
    path = tmp_path / "NORDICS.yaml"
    path.write_text("group: NORDICS\nname: Nordic markets\nowner: nordics\nmembers: [DK, NO, SE]\n" + norms)
    problems: list[Problem] = []
    found = read_group_file(SourceFile(path, "regions/_groups/NORDICS.yaml", ""), problems, calendars={})
    assert problems == []
    assert found is not None
    assert found[0].norms[0].regions == ("DK", "NO", "SE")


def test_an_explanation_file_holds_one_entry_named_for_its_id(tmp_path: Path) -> None:
    entry = textwrap.dedent(GOOD[GOOD.index("    title") :])
    path = tmp_path / "abuse-x.yaml"
    path.write_text("id: abuse-x\nowner: fraud\nregions: [NO, SE]\n" + entry)
    problems: list[Problem] = []
    source = SourceFile(path, "rules/explanations/abuse/abuse-x.yaml", "")
    found = read_explanation_file(source, "abuse", problems, calendars={})
    assert problems == []
    assert isinstance(found, Entry)
    assert (found.kind, found.regions) == ("abuse", ("NO", "SE"))
    misnamed = SourceFile(path, "rules/explanations/abuse/abuse-y.yaml", "")
    read_explanation_file(misnamed, "abuse", problems, calendars={})
    assert "KB217 id is abuse-x, but the file is named abuse-y.yaml" in str(problems[0])


def test_without_a_review_date_the_version_is_the_files_hash(tmp_path: Path) -> None:
    found, _ = read(change("on: 2026-11-20, ", ""), tmp_path)
    assert found.file.norms[0].version == "abababababab"  # type: ignore[attr-defined]
