"""Cases as an analyst uses them."""

from __future__ import annotations

import json

PADDING = "kr-free-shipping-padding"


def test_a_flag_becomes_a_case_is_decided_and_is_out_of_the_way(contextcheck, padding_findings) -> None:
    taken = contextcheck("cases", "take", padding_findings, "--by", "mina")
    assert (taken.code, taken.files) == (0, frozenset({"cases.sqlite"}))
    listed = contextcheck("cases", "list")
    name = listed.out.split()[0]
    assert name.startswith("KR-")
    assert f"{PADDING} supported" in listed.out and "recommended keep" in listed.out
    assert contextcheck("cases", "note", name, "asked \x1b[31mkr-market", "--by", "mina").code == 0
    decided = contextcheck("cases", "decide", name, "--cause", "norm", "--action", "keep", "--entry", PADDING)
    assert decided.code == 0
    assert contextcheck("cases", "list").out == ""
    shown = contextcheck("cases", "show", name).out
    assert f"decided: norm ({PADDING}), keep" in shown
    assert "mina" in shown and "asked kr-market" in shown and "\x1b" not in shown
    assert "0 new, 0 seen again" in contextcheck("cases", "take", padding_findings).err
    tree = json.loads(contextcheck("cases", "export").out)
    assert tree["schema"] == "contextcheck/cases/1"
    assert [event["kind"] for event in tree["cases"][0]["history"]] == ["seen", "note", "decided"]


def test_a_slip_of_the_pen_is_refused_with_the_nearest_entry(contextcheck, padding_findings) -> None:
    contextcheck("cases", "take", padding_findings)
    name = contextcheck("cases", "list").out.split()[0]
    told = contextcheck(
        "cases", "decide", name, "--cause", "norm", "--action", "keep", "--entry", "kr-free-shiping-padding"
    )
    assert told.code == 2
    assert f'did you mean "{PADDING}"?' in told.err
    assert contextcheck("cases", "note", name, "   ").code == 2


def test_the_track_record_of_an_entry_says_what_analysts_decided(contextcheck, padding_findings) -> None:
    without = contextcheck("norms", "record", padding_findings, "--id", PADDING)
    assert "confirmed" not in without.out
    assert "no case store" in without.err
    contextcheck("cases", "take", padding_findings)
    name = contextcheck("cases", "list").out.split()[0]
    contextcheck("cases", "decide", name, "--cause", "abuse", "--action", "act-on-accounts")
    head, row = contextcheck("norms", "record", padding_findings, "--id", PADDING).out.splitlines()
    assert head.split()[-2:] == ["confirmed", "overruled"]
    assert row.split()[-2:] == ["0", "1"]
