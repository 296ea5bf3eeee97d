"""The fairness page: flags, listed accounts and actions per market beside what each market lost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from contextcheck.errors import Problem, SettingsError
from contextcheck.report import words
from contextcheck.report.features import ACTION_WORDS
from contextcheck.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contextcheck.decide.fairness import Fairness, FairnessRow, Share
    from contextcheck.report.interface import ShowOptions

SCHEMA = "contextcheck/fairness/1"
TITLE = "Are markets looked at more than their losses justify?"
WHAT_WORDS = {
    "flags": "flags",
    "accounts": "flags that list accounts",
    "actions": "flags to act on",
}
BLIND_SPOTS = (
    "The measure is what cancels, returns, refunds and disputes cost in each market on all days, flagged or not.",
    "What the columns do not show is not in it; abuse is in it, so a market with much abuse is flagged often rightly.",
    "Flags answer to changes, losses are levels. All accounts of one incident count once.",
    "Within a market nothing is compared.",
)


def render_fairness(page: Fairness, names: Mapping[str, str], format: str, options: ShowOptions) -> str:
    """Give the fairness page in one of its formats.

    Args:
        page: What was counted and tested.
        names: The team's names of markets.
        format: terminal, markdown, html or json.
        options: How it is shown.

    Raises:
        SettingsError: There is no such format of this page.
    """
    if format not in LAYOUTS:
        message = f'"{format}" has no fairness page; choose one of {", ".join(LAYOUTS)}'
        raise SettingsError(Problem("RP102", f"--fairness --format {format}", message))
    return LAYOUTS[format](page, names, options)


def headline(page: Fairness) -> tuple[str, ...]:
    """What the page says, first: which markets are called out, or that none is."""
    told = [f"{clean(region)} has {_called(page, region, what)}" for region, what in page.called_out]
    if not told:
        told = [
            "no market stands out beyond what its losses justify"
            if page.judged
            else "too little to tell whether a market stands out"
        ]
    told += [clean(each) for each in page.not_judged]
    if page.repeated:
        told.append(f"{words.counted(page.repeated, 'flag')} that several files have counted once")
    return tuple(told)


def _called(page: Fairness, region: str, what: str) -> str:
    row = next(each for each in page.rows if each.region == region)
    share = row.shares[what]  # type: ignore[index]
    return (
        f"more {WHAT_WORDS[what]} than its losses justify: {share.count} of {share.total} "
        f"({words.share(share.share)}, {_limits(share)}) with {words.share(share.expected)} of the losses, "
        f"{_chance(share.p_value)}"
    )


def _limits(share: Share) -> str:
    return f"95 % interval {words.share(share.low)} to {words.share(share.high)}"


def _chance(p_value: float) -> str:
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.2g}"


def cells(row: FairnessRow, names: Mapping[str, str], currency: str) -> dict[str, str]:
    """The words of one market, by column."""
    flags = row.shares["flags"]
    name = words.region_name(row.region, dict(names))
    loss = words.money(Decimal(repr(round(row.loss, 2))), currency)
    actions = [f"{ACTION_WORDS[each].lower()} {count}" for each, count in sorted(row.actions.items())]  # type: ignore[index]
    return {
        "market": clean(row.region) if name == row.region else f"{clean(row.region)} {name}",
        "loss": f"{loss} a day ({words.share(row.loss_share)})",
        "flags": f"{row.flags} ({words.share(flags.share)})" if row.flags else "–",
        "interval": f"{words.share(flags.low)} to {words.share(flags.high)}" if flags.total else "–",
        "no_loss": f"{row.no_loss} of {row.flags}" if row.flags else "–",
        "accounts": f"{words.number(row.accounts)} in {words.counted(row.shares['accounts'].count, 'flag')}"
        if row.accounts
        else "–",
        "actions": ", ".join(actions) or "–",
        "verdict": verdict(row),
    }


def verdict(row: FairnessRow) -> str:
    """Whether the market is called out, and for what."""
    more = [WHAT_WORDS[what] for what, share in row.shares.items() if share.is_more]
    return f"more {words.listed(more)} than its losses justify" if more else ""


HEADERS = {
    "market": "market",
    "loss": "losses (share)",
    "flags": "flags (share)",
    "interval": "95 % interval",
    "no_loss": "flags without a loss",
    "accounts": "accounts listed",
    "actions": "advice",
    "verdict": "",
}


def _terminal(page: Fairness, names: Mapping[str, str], options: ShowOptions) -> str:
    from contextcheck.report.terminal import Page

    out = Page(options)
    out.line(TITLE, style="bold")
    for sentence in headline(page):
        out.line(sentence, indent=2)
    out.line()
    for row in page.rows:
        told = cells(row, names, page.currency)
        parts = [told["market"], f"losses {told['loss']}"]
        parts += [f"flags {told['flags']}, {told['interval']}"] if row.flags else ["no flag"]
        parts += [f"without a loss {told['no_loss']}"] if row.no_loss else []
        parts += [f"accounts {told['accounts']}"] if row.accounts else []
        parts += [told["actions"]] if row.actions else []
        out.line(" · ".join(parts), indent=2)
        if told["verdict"]:
            out.line(told["verdict"], indent=6, style="yellow")
    out.line()
    for sentence in BLIND_SPOTS:
        out.line(sentence, style="dim")
    return out.text()


def _markdown(page: Fairness, names: Mapping[str, str], options: ShowOptions) -> str:  # noqa: ARG001
    from contextcheck.report.markdown import markdown_text

    lines = [f"# {TITLE}", "", *(f"- {markdown_text(each)}" for each in headline(page)), ""]
    lines += [f"| {' | '.join(HEADERS.values())} |", "|---|---|---|---|---|---|---|---|"]
    for row in page.rows:
        told = cells(row, names, page.currency)
        lines.append(f"| {' | '.join(markdown_text(told[each]) for each in HEADERS)} |")
    return "\n".join([*lines, "", *(f"{markdown_text(each)}  " for each in BLIND_SPOTS)]) + "\n"


def _html(page: Fairness, names: Mapping[str, str], options: ShowOptions) -> str:  # noqa: ARG001
    from contextcheck.report.html import environment

    rows = [(cells(each, names, page.currency), each) for each in page.rows]
    template = environment().get_template("fairness.html.j2")
    return template.render(title=TITLE, told=headline(page), rows=rows, headers=HEADERS, blind_spots=BLIND_SPOTS)


def _json(page: Fairness, names: Mapping[str, str], options: ShowOptions) -> str:  # noqa: ARG001
    from contextcheck.report.plain import to_json

    return to_json(
        {
            "schema": SCHEMA,
            "currency": page.currency,
            "files": page.files,
            "repeated_flags": page.repeated,
            "called_out": [{"region": region, "what": what} for region, what in page.called_out],
            "not_judged": list(page.not_judged),
            "markets": [
                {
                    "region": row.region,
                    "orders": row.orders,
                    "loss_per_day": Decimal(repr(round(row.loss, 2))),
                    "loss_share": row.loss_share,
                    "flags": row.flags,
                    "flags_without_loss": row.no_loss,
                    "accounts": row.accounts,
                    "recommended": dict(sorted(row.actions.items())),
                    "shares": {
                        what: {
                            "count": share.count,
                            "total": share.total,
                            "share": share.share,
                            "low": share.low,
                            "high": share.high,
                            "expected": share.expected,
                            "p_value": share.p_value,
                            "is_more": share.is_more,
                        }
                        for what, share in row.shares.items()
                    },
                }
                for row in page.rows
            ],
        }
    )


LAYOUTS: dict[str, Callable[[Fairness, Mapping[str, str], ShowOptions], str]] = {
    "terminal": _terminal,
    "markdown": _markdown,
    "html": _html,
    "json": _json,
}
