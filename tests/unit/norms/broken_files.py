"""Broken region files: what is wrong, the file (a change of a good one), and the message that it must give."""

from dataclasses import dataclass

GOOD = """\
region: KR
name: South Korea
timezone: Asia/Seoul
currency: KRW
owner: kr-market
defaults:
  free_shipping_threshold: {amount: 50000, currency: KRW}
norms:
  - id: kr-padding
    title: Baskets padded to the free-shipping line
    status: active
    mechanism: >-
      A visible line makes shoppers add an item to a basket that would fall short of it and take it out again soon after.
    explains:
      - {metric: cancel_rate, direction: up}
    when: {after_launch: any, after_days: 30}
    signs:
      - {test: spread, over: customer_id, expect: broad, weight: strong}
      - {test: kept_share, expect: {at_least: 0.5}, weight: strong}
      - {test: delay, from: created_at, to: cancelled_at, expect: {within: 24h}, weight: weak}
    contradicted_by:
      - {test: concentration, over: [device_id, address_id], expect: few, share: 0.5, weight: strong}
    sources:
      - {title: A paper on fee schedules, year: 2006, grade: A}
    reviewed: {by: kr-market, on: 2026-01-20, next: 2099-07-20}
    examples:
      - {name: the practice, data: padding, expect: supported}
"""


@dataclass(frozen=True)
class Broken:
    """One broken file.

    Attributes:
        what: What is wrong, in a few words.
        old: Text of the good file that is replaced, once; a line end stands for all of them.
        new: What stands there instead.
        code: Code of the message.
        place: Line and column of the message.
        sentence: The message itself; YEAR stands for this year.
        severity: error or warning.
    """

    what: str
    old: str
    new: str
    code: str
    place: str
    sentence: str
    severity: str = "error"

    def text(self) -> str:
        assert self.old in GOOD, self.what
        return GOOD.replace(self.old, self.new, -1 if self.old == "\n" else 1)


BROKEN = (
    Broken(
        "a yes-or-no word where a status belongs",
        "status: active",
        "status: ON",
        "KB105",
        "11:13",
        'unknown status "ON"; known are active, draft, retired, trial',
    ),
    Broken(
        "OFF where a switch-off belongs",
        "    title: Baskets padded to the free-shipping line\n",
        "    off: OFF\n",
        "KB103",
        "10:10",
        '"off" must be a mapping (key: value lines)',
    ),
    Broken(
        "NO where a currency belongs",
        "currency: KRW\nowner",
        "currency: NO\nowner",
        "KB105",
        "4:11",
        'currency is "NO", but must be three capital letters such as KRW',
    ),
    Broken(
        "a clock time where a duration belongs",
        "within: 24h",
        "within: 12:30",
        "KB108",
        "20:76",
        'within is "12:30", but must be a duration such as 24h or 14d; write 750m for 12:30',
    ),
    Broken(
        "a leading zero",
        "amount: 50000",
        "amount: 010",
        "KB103",
        "7:37",
        'amount is "010", but must be a number; write 10 without the leading 0',
    ),
    Broken(
        "underscores in a number",
        "amount: 50000",
        "amount: 1_000",
        "KB103",
        "7:37",
        'amount is "1_000", but must be a number; write 1000 without separators',
    ),
    Broken(
        "a thousands separator",
        "amount: 50000",
        'amount: "50,000"',
        "KB103",
        "7:37",
        'amount is "50,000", but must be a number; write 50000 without separators',
    ),
    Broken(
        "a percent sign",
        "at_least: 0.5",
        "at_least: 50%",
        "KB103",
        "19:47",
        'at_least is "50%", but must be a number; write 0.5 for 50%',
    ),
    Broken(
        "percent instead of a share",
        "at_least: 0.5",
        "at_least: 50",
        "KB104",
        "19:47",
        "at_least is 50, but must be from 0 to 1; write 0.5 for 50 percent",
    ),
    Broken(
        "a decimal comma",
        "at_least: 0.5",
        'at_least: "0,5"',
        "KB103",
        "19:47",
        'at_least is "0,5", but must be a number; write 0.5 with a point',
    ),
    Broken(
        "a tab in the indentation",
        "    status: active",
        "\tstatus: active",
        "KB004",
        "11:1",
        "this line is indented with a tab; use spaces; contextcheck norms lint --fix does it",
    ),
    Broken(
        "a tab inside a line",
        "status: active",
        "status:\tactive",
        "KB016",
        "11:12",
        "a tab; YAML wants spaces; contextcheck norms lint --fix does it",
        "warning",
    ),
    Broken(
        "the same key twice",
        "    status: active\n",
        "    status: active\n    status: draft\n",
        "KB009",
        "12:5",
        'the key "status" is already given in line 11; keep one of the two',
    ),
    Broken(
        "a colon in plain text",
        "title: Baskets padded to",
        "title: Baskets: padded to",
        "KB004",
        "10:19",
        'a colon followed by a space inside plain text; put the whole text in "quotes"',
    ),
    Broken(
        "a key without a space after its colon",
        "status: active",
        "status:active",
        "KB004",
        "11:5",
        'a key without a colon; write "status: active" with a space after the colon',
    ),
    Broken(
        "typographic quotes around a value",
        "title: Baskets padded to the free-shipping line",
        "title: “Baskets padded to the line”",
        "KB010",
        "10:12",
        'the value begins with the typographic quote “; write straight quotes ("); contextcheck norms lint --fix does it',
    ),
    Broken(
        "a no-break space before a key",
        "    status: active",
        "    \xa0status: active",
        "KB011",
        "11:5",
        'a non-breaking space stands in or before "status"; delete it and use plain spaces; contextcheck norms lint --fix does it',
    ),
    Broken(
        "a no-break space inside a value",
        "owner: kr-market",
        "owner: kr\xa0market",
        "KB015",
        "5:10",
        "an odd space (U+00A0) that looks like a plain one or like nothing; contextcheck norms lint --fix does it",
        "warning",
    ),
    Broken(
        "line ends of Windows",
        "\n",
        "\r\n",
        "KB013",
        "1:11",
        "27 lines end as on Windows (CR LF); save the file with LF line ends",
        "warning",
    ),
    Broken(
        "a byte-order mark",
        "region: KR",
        "\ufeffregion: KR",
        "KB012",
        "1:1",
        "the file starts with a byte-order mark; save it as plain UTF-8",
        "warning",
    ),
    Broken(
        "spaces at the end of a line",
        "owner: kr-market\n",
        "owner: kr-market  \n",
        "KB014",
        "5:17",
        "spaces at the end of the line; contextcheck norms lint --fix does it",
        "warning",
    ),
    Broken(
        "no line end at the end",
        "data: padding, expect: supported}\n",
        "data: padding, expect: supported}",
        "KB018",
        "27:1",
        "the last line has no line end; end the file with one",
        "warning",
    ),
    Broken(
        "a list item that stands too far left",
        "      - {metric: cancel_rate, direction: up}",
        "   - {metric: cancel_rate, direction: up}",
        "KB004",
        "15:4",
        "this line starts after 3 spaces, which fits none of the lines above; align it with the lines that it belongs to, and close every bracket and quote before it",
    ),
    Broken(
        "a key that stands too far right",
        "    when: {after",
        "      when: {after",
        "KB004",
        "16:7",
        "this line starts after 6 spaces, which fits none of the lines above; align it with the lines that it belongs to, and close every bracket and quote before it",
    ),
    Broken(
        "a quote that is never closed",
        "title: Baskets padded",
        'title: "Baskets padded',
        "KB004",
        "10:12",
        "the quote opened in line 10 is never closed; close it",
    ),
    Broken(
        "a bracket that is never closed",
        "over: [device_id, address_id]",
        "over: [device_id, address_id",
        "KB004",
        "22:100",
        'the bracket "[" is not closed in this line; close it with "]"',
    ),
    Broken(
        "an unknown key",
        "expect: broad",
        "expcts: broad",
        "KB102",
        "18:43",
        'unknown key "expcts"; did you mean "expect"?',
    ),
    Broken(
        "an unknown sign test",
        "test: spread",
        "test: sprad",
        "KB105",
        "18:16",
        'unknown sign test "sprad"; did you mean "spread"?',
    ),
    Broken(
        "an unknown option value",
        "expect: broad",
        "expect: wide",
        "KB105",
        "18:51",
        'unknown expect "wide"; known are broad',
    ),
    Broken(
        "an unknown column",
        "to: cancelled_at",
        "to: canceled_at",
        "KB105",
        "20:45",
        'unknown column "canceled_at"; did you mean "cancelled_at"?',
    ),
    Broken(
        "an unknown metric",
        "metric: cancel_rate",
        "metric: cancels",
        "KB211",
        "9:5",
        '"kr-padding" explains "cancels", no metric; did you mean "cancel_rate"?',
    ),
    Broken(
        "an amount without a currency",
        "{amount: 50000, currency: KRW}",
        "50000",
        "KB107",
        "7:28",
        "free_shipping_threshold 50000 has no currency; write {amount: 50000, currency: KRW} with its currency",
    ),
    Broken(
        "no mechanism",
        "    mechanism: >-\n      A visible line makes shoppers add an item to a basket that would fall short of it and take it out again soon after.\n",
        "",
        "KB201",
        "9:5",
        "mechanism is missing or very short; write in a few sentences who does what and which trace it leaves",
    ),
    Broken(
        "no source",
        "    sources:\n      - {title: A paper on fee schedules, year: 2006, grade: A}\n",
        "",
        "KB202",
        "9:5",
        "no source; name where this is known from, with title, year and grade (D for none yet)",
    ),
    Broken(
        "an empty owner",
        "    status: active\n",
        '    status: active\n    owner: ""\n',
        "KB203",
        "12:12",
        "no owner; set owner to the team that answers for this entry",
    ),
    Broken(
        "no review",
        "    reviewed: {by: kr-market, on: 2026-01-20, next: 2099-07-20}\n",
        "",
        "KB204",
        "9:5",
        "the review is not complete; write reviewed: {by: kr-market, on: 2026-11-20, next: 2027-05-20}",
    ),
    Broken(
        "a review that is overdue",
        "next: 2099-07-20",
        "next: 2026-02-20",
        "KB212",
        "9:5",
        '"kr-padding" was to be reviewed by 2026-02-20; read it again and set reviewed',
        "warning",
    ),
    Broken(
        "a day that does not exist",
        "on: 2026-01-20",
        "on: 2026-02-30",
        "KB106",
        "25:35",
        'on is "2026-02-30", but must be a day such as 2026-03-01',
    ),
    Broken(
        "no sign that can fail",
        "      - {test: spread, over: customer_id, expect: broad, weight: strong}\n      - {test: kept_share, expect: {at_least: 0.5}, weight: strong}\n      - {test: delay, from: created_at, to: cancelled_at, expect: {within: 24h}, weight: weak}\n",
        "      - {test: kept_share, expect: {at_least: 0.0}, weight: strong}\n",
        "KB205",
        "18:7",
        "no sign that could fail; add one about baskets, customers or payment",
    ),
    Broken(
        "nothing but the calendar",
        "      - {test: spread, over: customer_id, expect: broad, weight: strong}\n      - {test: kept_share, expect: {at_least: 0.5}, weight: strong}\n      - {test: delay, from: created_at, to: cancelled_at, expect: {within: 24h}, weight: weak}\n",
        "      - {test: calendar, expect: moved, weight: strong}\n",
        "KB206",
        "18:7",
        'no sign but "calendar", which holds in any busy week; add one about baskets, customers or payment',
    ),
    Broken(
        "an active entry on a press source",
        "grade: A",
        "grade: C",
        "KB208",
        "11:13",
        "status active needs a source of grade B or better for the mechanism, its best source for the mechanism has grade C; set status to trial or add a source",
    ),
    Broken(
        "a window that explains almost anything",
        "when: {after_launch: any, after_days: 30}",
        "when: {holiday: any, before_days: 20, after_days: 40}",
        "KB209",
        "16:11",
        "margins of 60 days around each date explain almost anything; 45 or fewer are sound",
        "warning",
    ),
    Broken(
        "an unknown holiday",
        "when: {after_launch: any, after_days: 30}",
        "when: {holiday: Chusok}",
        "KB218",
        "9:5",
        '"kr-padding": "Chusok" is no public holiday of KR in YEAR; did you mean "Chuseok"?',
    ),
    Broken(
        "people named as the cause",
        "makes shoppers add",
        "makes Koreans cheat and add",
        "KB207",
        "12:16",
        '"Koreans" names people by nationality, origin, language or religion as the cause; name the practice, law, payment method or date instead',
    ),
    Broken(
        "a file that says another region",
        "region: KR",
        "region: JP",
        "KB217",
        "1:9",
        "region is JP, but the file is named KR.yaml; rename one of the two",
    ),
    Broken(
        "an unknown time zone",
        "Asia/Seoul",
        "Asia/Soul",
        "KB105",
        "3:11",
        'unknown time zone "Asia/Soul"; write an IANA name such as Asia/Seoul',
    ),
    Broken(
        "an alias",
        "owner: kr-market",
        "owner: *team",
        "KB005",
        "5:8",
        "the alias *team is not allowed; write the value out",
    ),
    Broken(
        "a tag",
        "owner: kr-market",
        "owner: !!python/name:os.system x",
        "KB005",
        "5:8",
        "the tag tag:yaml.org,2002:python/name:os.system is not allowed; write the plain value",
    ),
    Broken(
        "a typographic quote that is never closed",
        "title: Baskets padded to the free-shipping line",
        "title: “Baskets padded",
        "KB010",
        "10:12",
        'the value begins with the typographic quote “; write straight quotes (")',
    ),
    Broken(
        "single typographic quotes around a value",
        "title: Baskets padded to the free-shipping line",
        "title: ‘Baskets padded’",
        "KB010",
        "10:12",
        'the value begins with the typographic quote ‘; write straight quotes ("); contextcheck norms lint --fix does it',
    ),
    Broken(
        "a no-break space behind a colon",
        "status: active",
        "status:\xa0active",
        "KB004",
        "11:5",
        'a non-breaking space stands behind the colon; write "status: active" with a plain space; contextcheck norms lint --fix does it',
    ),
    Broken(
        "an ideographic space behind a colon",
        "status: active",
        "status:\u3000active",
        "KB004",
        "11:5",
        'an ideographic space stands behind the colon; write "status: active" with a plain space; contextcheck norms lint --fix does it',
    ),
    Broken(
        "a zero-width space inside a word",
        "status: active",
        "status: act\u200bive",
        "KB105",
        "11:13",
        'unknown status "act\u200bive"; did you mean "active"?',
    ),
    Broken(
        "a full-width colon",
        "status: active",
        "status：active",
        "KB004",
        "11:5",
        'a full-width colon stands behind the key; write "status: active" with a plain colon',
    ),
    Broken(
        "an equals sign instead of a colon",
        "status: active",
        "status = active",
        "KB004",
        "11:5",
        'an equals sign stands behind the key; write "status: active" with a plain colon',
    ),
    Broken(
        "a list item that is indented with a tab",
        "      - {test: spread",
        "\t- {test: spread",
        "KB004",
        "18:1",
        "this line is indented with a tab; use spaces; contextcheck norms lint --fix does it",
    ),
    Broken(
        "a list item without a space after its dash",
        "      - {test: spread",
        "      -{test: spread",
        "KB004",
        "18:27",
        'a list item without a space after its dash; write "- {test: spread, over: customer_id, expect: broad, weight: strong}"',
    ),
    Broken(
        "text behind a comment sign",
        "title: Baskets padded to the free-shipping line",
        "title: Baskets #1 of the season, padded",
        "KB019",
        "10:19",
        'YAML takes "#1 of the season, padded" for a comment; put the whole value in "quotes"',
        "warning",
    ),
    Broken(
        "a value that begins with a star",
        "title: Baskets padded to the free-shipping line",
        "title: *Baskets*",
        "KB004",
        "10:20",
        'the value begins with *, which YAML keeps for itself; put the value in "quotes"',
    ),
    Broken(
        "a value that begins with an ampersand",
        "title: Baskets padded to the free-shipping line",
        "title: &new Baskets",
        "KB005",
        "10:12",
        'the anchor &new is not allowed; put the value in "quotes", or delete the anchor',
    ),
    Broken(
        "a value that begins with a percent sign",
        "title: Baskets padded to the free-shipping line",
        "title: %50 of baskets",
        "KB004",
        "10:12",
        'this line starts a value with a character that YAML keeps for itself; put the value in "quotes"',
    ),
    Broken(
        "a value that begins with a bracket",
        "title: Baskets padded to the free-shipping line",
        "title: [new] Baskets",
        "KB004",
        "10:18",
        'text stands behind a closing bracket; put the whole value in "quotes"',
    ),
    Broken(
        "an apostrophe inside single quotes",
        "title: Baskets padded to the free-shipping line",
        "title: 'The shopper's basket'",
        "KB004",
        "10:25",
        'an apostrophe ends the value that begins with \'; put the whole value in "quotes"',
    ),
    Broken(
        "a colon in a question",
        "    sources:",
        "    ask:\n      - Does checkout show: the rest?\n    sources:",
        "KB103",
        "24:9",
        'each item of "ask" must be a single text; put the whole text in "quotes", a colon splits it',
    ),
    Broken(
        "a comma missing between brackets",
        "{metric: cancel_rate, direction: up}",
        "{metric: cancel_rate direction: up}",
        "KB004",
        "15:39",
        'a comma is missing between "metric: cancel_rate" and "direction:"',
    ),
    Broken(
        "a semicolon between brackets",
        "{metric: cancel_rate, direction: up}",
        "{metric: cancel_rate; direction: up}",
        "KB004",
        "15:40",
        "a semicolon stands between brackets; separate with commas, as in {metric: cancel_rate, direction: up}",
    ),
    Broken(
        "a decimal comma between brackets",
        "at_least: 0.5",
        "at_least: 0,5",
        "KB102",
        "19:49",
        '"5" is no key; a comma ends a number here, so write 0.5 with a point',
    ),
    Broken(
        "a thousands point",
        "amount: 50000",
        "amount: 50.000",
        "KB103",
        "7:37",
        'amount is "50.000", which reads as 50; write 50000 without a point, or 50.0',
    ),
    Broken(
        "a hexadecimal number",
        "amount: 50000",
        "amount: 0x10",
        "KB103",
        "7:37",
        'amount is "0x10", but must be a number such as 0.35',
    ),
    Broken(
        "a duration without its unit",
        "within: 24h",
        "within: 24",
        "KB108",
        "20:76",
        'within is "24", but must be a duration such as 24h or 14d; write 24h for hours or 24d for days',
    ),
    Broken(
        "a duration in words",
        "within: 24h",
        "within: 24 hours",
        "KB108",
        "20:76",
        'within is "24 hours", but must be a duration such as 24h or 14d; write 24h',
    ),
    Broken(
        "a clock time where days belong",
        "after_days: 30",
        "after_days: 12:30",
        "KB103",
        "16:43",
        'after_days is "12:30", but must be a number such as 0.35',
    ),
    Broken(
        "a currency in words",
        "currency: KRW}",
        "currency: won}",
        "KB105",
        "7:54",
        'unknown currency "WON"; write its ISO 4217 code such as KRW',
    ),
    Broken(
        "a day written as at home",
        "on: 2026-01-20",
        "on: 20/01/2026",
        "KB106",
        "25:35",
        'on is "20/01/YEAR", but must be a day such as YEAR-03-01',
    ),
    Broken(
        "an anchor for a bomb",
        "owner: kr-market",
        "owner: &a kr-market",
        "KB005",
        "5:8",
        'the anchor &a is not allowed; put the value in "quotes", or delete the anchor',
    ),
    Broken(
        "a second document",
        "    examples:\n",
        "---\n    examples:\n",
        "KB006",
        "26:1",
        "a second document starts here; one file holds one document",
    ),
    Broken(
        "a key of another file kind",
        "owner: kr-market",
        "members: [KR]\nowner: kr-market",
        "KB102",
        "5:1",
        'unknown key "members"; known are currency, defaults, name, norms, owner, region, reviewed, timezone',
    ),
    Broken(
        "a list where one mapping belongs",
        "when: {after_launch: any, after_days: 30}",
        "when: [always]",
        "KB103",
        "16:11",
        '"when" must be a mapping (key: value lines)',
    ),
    Broken(
        "an id that is no id",
        "id: kr-padding",
        "id: KR Padding",
        "KB226",
        "9:9",
        'the id "KR Padding" must be small letters and digits joined by "-", such as kr-padding',
    ),
    Broken(
        "a source of a year to come",
        "year: 2006",
        "year: 2206",
        "KB225",
        "9:5",
        '"kr-padding" names a source of the year "2206"; write the year it was published, or est. 2020',
        "warning",
    ),
    Broken(
        "an address that is none",
        "grade: A",
        "url: shop terms, grade: A",
        "KB224",
        "24:7",
        'the address "shop terms" is no web address; write https://… or leave url out',
        "warning",
    ),
    Broken(
        "the calendar and a broad spread",
        "      - {test: spread, over: customer_id, expect: broad, weight: strong}\n      - {test: kept_share, expect: {at_least: 0.5}, weight: strong}\n      - {test: delay, from: created_at, to: cancelled_at, expect: {within: 24h}, weight: weak}\n",
        "      - {test: spread, over: customer_id, expect: broad, weight: strong}\n      - {test: calendar, expect: moved, weight: strong}\n",
        "KB206",
        "18:7",
        "no sign but the calendar and a broad spread, which any busy week shows; add one about baskets, customers or payment",
    ),
    Broken(
        "nothing but a broad spread",
        "      - {test: spread, over: customer_id, expect: broad, weight: strong}\n      - {test: kept_share, expect: {at_least: 0.5}, weight: strong}\n      - {test: delay, from: created_at, to: cancelled_at, expect: {within: 24h}, weight: weak}\n",
        "      - {test: spread, over: customer_id, expect: broad, weight: strong}\n",
        "KB223",
        "18:7",
        "no strong sign but a broad spread, which every cause shows: this can never be supported; set weight: strong where a failure would refute it",
        "warning",
    ),
    Broken(
        "a season that fills the year",
        "when: {after_launch: any, after_days: 30}",
        'when: {dates: ["05-01..08-31"]}',
        "KB209",
        "16:11",
        "a window of 123 days explains almost anything; 45 or fewer are sound",
        "warning",
    ),
    Broken(
        "a calendar that does not exist",
        "when: {after_launch: any, after_days: 30}",
        "when: {dates: [ramadam]}",
        "KB106",
        "16:19",
        '"ramadam" is no day; write "11-11", "YEAR-02-17", "11-01..11-11", "4th thu of november +1" or a calendar\'s name; did you mean "ramadan"?',
    ),
    Broken(
        "people named in small letters",
        "makes shoppers add",
        "makes korean shoppers add",
        "KB207",
        "12:16",
        '"korean shoppers" names people by nationality, origin, language or religion as the cause; name the practice, law, payment method or date instead',
    ),
    Broken(
        "people named by origin",
        "makes shoppers add",
        "makes people of Turkish origin add",
        "KB207",
        "12:16",
        '"people of Turkish origin" names people by nationality, origin, language or religion as the cause; name the practice, law, payment method or date instead',
    ),
    Broken(
        "people named by language",
        "makes shoppers add",
        "makes Spanish speakers add",
        "KB207",
        "12:16",
        '"Spanish speakers" names people by nationality, origin, language or religion as the cause; name the practice, law, payment method or date instead',
    ),
    Broken(
        "people named by religion",
        "makes shoppers add",
        "makes Muslims add",
        "KB207",
        "12:16",
        '"Muslims" names people by nationality, origin, language or religion as the cause; name the practice, law, payment method or date instead',
    ),
    Broken(
        "people named in a note",
        "    explains:",
        "    note: Koreans are said to do it.\n    explains:",
        "KB207",
        "14:11",
        '"Koreans" names people by nationality, origin, language or religion as the cause; name the practice, law, payment method or date instead',
    ),
    Broken(
        "wording that judges",
        "makes shoppers add",
        "makes greedy shoppers add",
        "KB214",
        "12:16",
        '"greedy" judges; say what is done and which trace it leaves',
        "warning",
    ),
    Broken(
        "the same key twice between brackets",
        "{metric: cancel_rate, direction: up}",
        "{metric: cancel_rate, metric: aov, direction: up}",
        "KB009",
        "15:31",
        'the key "metric" is already given in line 15; keep one of the two',
    ),
    Broken(
        "the same sign for and against",
        "{test: concentration, over: [device_id, address_id], expect: few, share: 0.5, weight: strong}",
        "{test: spread, over: customer_id, expect: broad, weight: strong}",
        "KB215",
        "22:7",
        '"spread" with the same options stands under signs and under contradicted_by; keep one',
    ),
    Broken(
        "a default with a wrong unit",
        "{amount: 50000, currency: KRW}",
        "{amount: 50000, currency: KRW}\n  return_window: {days: 7}",
        "KB101",
        "8:18",
        '"within" is missing',
    ),
    Broken(
        "two examples of one name",
        "expect: supported}\n",
        "expect: supported}\n      - {name: the practice, data: padding take_up=0.5, expect: supported}\n",
        "KB227",
        "28:9",
        'the example "the practice" is already given in line 27; give it another name',
    ),
    Broken(
        "a column of words where an amount belongs",
        "{test: spread, over: customer_id, expect: broad, weight: strong}",
        "{test: bunching, column: status, at: free_shipping_threshold, expect: above}",
        "KB103",
        "18:34",
        'column is "status", no column of amounts; write one of order_total, retained_total, refund_total, discount_total, shipping_fee, shipping_cost, margin, payment_fee, chargeback_total',
    ),
    Broken(
        "an amount where a time belongs",
        "to: cancelled_at",
        "to: order_total",
        "KB103",
        "20:45",
        'to is "order_total", no column of times; write one of created_at, cancelled_at, modified_at, returned_at, account_created_at, chargeback_at',
    ),
    Broken(
        "a time where a key belongs",
        "over: customer_id",
        "over: created_at",
        "KB103",
        "18:30",
        'over is "created_at", no column of keys; write one of customer_id, device_id, address_id, payment_id',
    ),
    Broken(
        "a delay from a moment to itself",
        "to: cancelled_at",
        "to: created_at",
        "KB103",
        "20:45",
        "from and to are both created_at; write another column in one of them",
    ),
    Broken(
        "a delay that ends before it begins",
        "from: created_at, to: cancelled_at",
        "from: cancelled_at, to: created_at",
        "KB103",
        "20:47",
        "created_at comes before cancelled_at; swap from and to",
    ),
    Broken(
        "an empty list of columns",
        "over: [device_id, address_id]",
        "over: []",
        "KB101",
        "22:37",
        "over is an empty list; name at least one, or leave the key out",
    ),
    Broken(
        "a list of movements that is empty",
        "explains:\n      - {metric: cancel_rate, direction: up}\n",
        "explains: []\n",
        "KB101",
        "14:15",
        "explains is an empty list; name at least one movement, such as {metric: cancel_rate, direction: up}",
    ),
    Broken(
        "a list of days that is empty",
        "when: {after_launch: any, after_days: 30}",
        "when: {weekday: []}",
        "KB101",
        "16:21",
        "weekday is an empty list; name at least one, or write when: always",
    ),
    Broken(
        "always that is false",
        "when: {after_launch: any, after_days: 30}",
        "when: {always: false}",
        "KB105",
        "16:20",
        "always is false; write when: always, or name the days instead",
    ),
    Broken(
        "a bound that every share fits",
        "{test: kept_share, expect: {at_least: 0.5}",
        "{test: kept_share, expect: {at_least: 0, at_most: 1}",
        "KB104",
        "19:36",
        "every share fits, so this sign cannot fail; write a bound between 0 and 1",
    ),
    Broken(
        "a delay of no time",
        "within: 24h",
        "within: 0h",
        "KB104",
        "20:76",
        "within is 0 hours, which says nothing; write a duration such as 24h",
    ),
    Broken(
        "the same sign twice",
        "      - {test: kept_share, expect: {at_least: 0.5}, weight: strong}\n",
        "      - {test: kept_share, expect: {at_least: 0.5}, weight: strong}\n      - {test: kept_share, expect: {at_least: 0.5}, weight: weak}\n",
        "KB229",
        "18:7",
        '"kept_share" with the same options stands twice under signs; keep one',
    ),
    Broken(
        "a review on a day to come",
        "on: 2026-01-20",
        "on: 2098-01-20",
        "KB228",
        "9:5",
        '"kr-padding" is said to be reviewed on 2098-01-20, which lies ahead; write the day it was read',
        "warning",
    ),
    Broken(
        "a twin that is the entry itself",
        "    examples:\n",
        "    twins:\n      - {id: kr-padding, separated_by: nothing}\n    examples:\n",
        "KB220",
        "9:5",
        '"kr-padding" names the twin "kr-padding", which is itself; name another entry',
        "warning",
    ),
    Broken(
        "the clock of another country",
        "Asia/Seoul",
        "Europe/Berlin",
        "KB230",
        "3:11",
        "timezone is Europe/Berlin, which is no clock of KR; write Asia/Seoul",
        "warning",
    ),
    Broken(
        "the currency of another country",
        "currency: KRW\nowner",
        "currency: USD\nowner",
        "KB230",
        "4:11",
        "currency is USD, but KR pays in KRW; write that, or leave it if orders are in USD",
        "warning",
    ),
    Broken(
        "a line in another currency",
        "{amount: 50000, currency: KRW}",
        "{amount: 50, currency: USD}",
        "KB231",
        "7:28",
        "free_shipping_threshold is in USD, but KR counts in KRW; write one currency",
        "warning",
    ),
    Broken(
        "a duration beyond all measure",
        "within: 24h",
        "within: 1000000d",
        "KB108",
        "20:76",
        'within is "1000000d", but must be a duration such as 24h or 14d',
    ),
)

HEAD = """\
# Lint messages

What `contextcheck norms lint` says about broken files, each with its remedy. This page is generated from the table
in `tests/unit/norms/broken_files.py`, which is also the test: `python tests/unit/norms/broken_files.py > {page}`.

A line reads `file:line:column: code sentence`. Errors end with exit code 3; warnings do not. `lint --fix` mends
byte-order marks, line ends, tabs, odd spaces, typographic quotes around values and line tails in place.

Words that other YAML readers turn into something else are read as typed: `region: NO` is Norway, `id: on` is a text,
`year: 010` is the text 010. They are refused only where they do not fit, as below.

| what is wrong | code | says | severity |
|---|---|---|---|
"""


def page() -> str:
    """docs/lint-messages.md."""
    rows = []
    for each in BROKEN:
        sentence = each.sentence.replace("|", "\\|").replace("<", "&lt;")
        rows.append(f"| {each.what} | {each.code} | {sentence} | {each.severity} |\n")
    return HEAD.format(page="docs/lint-messages.md") + "".join(rows)


if __name__ == "__main__":
    print(page(), end="")
