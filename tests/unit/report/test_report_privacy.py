"""Account ids are pseudonyms in every format, unless they were asked for."""

import hashlib
import hmac
import json
from dataclasses import replace

import pytest
from unit.report import report_cases as cases

from contextcheck.records import Driver
from contextcheck.report.gate_report import render_gate
from contextcheck.report.interface import FORMATS, ShowOptions, render
from contextcheck.report.json_report import read_findings
from contextcheck.report.privacy import WITHOUT_KEY, shown_investigation

KEYED = ShowOptions(pseudonym_key="secret")


@pytest.mark.parametrize("format", FORMATS)
def test_no_format_shows_an_account_or_a_device(format: str) -> None:
    page = render(cases.ring_investigation(), format, KEYED)
    assert "customer-0" not in page
    assert "device-77f1" not in page and "address-2c" not in page


def test_a_pseudonym_is_the_keyed_digest_of_the_id() -> None:
    # By hand: the first 8 hex digits of HMAC-SHA256("secret", "customer-0000").
    digest = hmac.new(b"secret", b"customer-0000", hashlib.sha256).hexdigest()
    shown = shown_investigation(cases.ring_investigation(), KEYED)
    assert shown.findings[0].explained.accounts.review[0].account == f"acct-{digest[:8]}"


def test_the_same_key_gives_the_same_pseudonym_in_another_run_and_another_key_does_not() -> None:
    first = cases.ring_investigation()
    second = replace(first, run=replace(first.run, id="another run"))

    def names(investigation, key: str) -> list[str]:
        shown = shown_investigation(investigation, ShowOptions(pseudonym_key=key))
        return [each.account for each in shown.findings[0].explained.accounts.review]

    assert names(first, "secret") == names(second, "secret")
    assert set(names(first, "secret")).isdisjoint(names(first, "other"))
    assert names(first, "") != names(second, "")


def test_without_a_key_the_report_says_what_the_pseudonyms_are_worth() -> None:
    assert WITHOUT_KEY in shown_investigation(cases.ring_investigation(), ShowOptions()).problems
    assert WITHOUT_KEY not in shown_investigation(cases.ring_investigation(), KEYED).problems
    # Nothing to say when no account is shown.
    assert shown_investigation(cases.padding_investigation(), ShowOptions()).problems == ()


def test_sentences_that_quote_an_account_quote_its_pseudonym() -> None:
    review = shown_investigation(cases.ring_investigation(), KEYED).findings[0].explained.accounts.review
    assert review[0].reasons[1] == f"shares a device with {review[1].account}"


def test_linked_groups_are_numbered_in_their_order() -> None:
    review = shown_investigation(cases.ring_investigation(), KEYED).findings[0].explained.accounts.review
    assert [each.group for each in review] == ["group 1"] * 6 + ["group 2"] * 2


def test_a_segment_that_is_a_person_is_shown_as_a_pseudonym_and_others_as_they_are() -> None:
    base = cases.ring_investigation()
    drivers = (Driver("customer_id", "kim@example.org", 0.4), Driver("channel", "app", 0.3))
    finding = base.findings[0]
    base = replace(base, findings=(replace(finding, explained=replace(finding.explained, drivers=drivers)),))
    shown = shown_investigation(base, KEYED).findings[0].explained.drivers
    assert shown[0].value.startswith("acct-")
    assert shown[1].value == "app"


def test_ids_are_shown_when_they_are_asked_for() -> None:
    tree = json.loads(render(cases.ring_investigation(), "json", ShowOptions(show_ids=True)))
    assert tree["account_ids"] == "plain"
    assert tree["flags"][0]["accounts"]["review"][0]["account"] == "customer-0000"


def test_pseudonyms_from_a_file_stay_and_plain_ids_from_a_file_are_hidden() -> None:
    keyed = render(cases.ring_investigation(), "json", KEYED)
    other_key = ShowOptions(pseudonym_key="another key")
    assert render(read_findings(keyed, "f"), "json", other_key) == keyed
    plain = render(cases.ring_investigation(), "json", ShowOptions(show_ids=True))
    assert "customer-0" not in render(read_findings(plain, "f"), "terminal", KEYED)


def test_an_id_that_looks_like_a_pseudonym_is_hidden_as_well() -> None:
    base = cases.ring_investigation()
    finding = base.findings[0]
    review = (replace(finding.explained.accounts.review[0], account="acct-12345678"),)
    accounts = replace(finding.explained.accounts, review=review)
    base = replace(base, findings=(replace(finding, explained=replace(finding.explained, accounts=accounts)),))
    assert "acct-12345678" not in render(base, "json", KEYED)


@pytest.mark.parametrize("format", ["text", "json", "junit", "markdown"])
def test_the_gate_shows_no_account_either(format: str) -> None:
    assert "customer-0001" not in render_gate(cases.gate_verdict(), format, KEYED)
    assert "customer-0001" in render_gate(cases.gate_verdict(), "json", ShowOptions(show_ids=True))
