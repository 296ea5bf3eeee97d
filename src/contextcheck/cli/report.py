"""`contextcheck report`: a findings file becomes text, a page or a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli.options import ShowIds
from contextcheck.cli.output import check_places, give, say, show_options, write_whole
from contextcheck.cli.scan import FailOn, FailOnOption, Format, exit_code_of

if TYPE_CHECKING:
    from contextcheck.records import Investigation
    from contextcheck.report.interface import ShowOptions

FindingsPath = Annotated[Path, typer.Argument(help="Findings file that scan wrote.")]


FindingsPaths = Annotated[
    list[Path] | None,
    typer.Argument(help="Findings file that scan wrote; several for --fairness.", show_default="findings.json"),
]


def report(
    findings: FindingsPaths = None,
    format: Annotated[  # noqa: A002 the option's public name
        Format | None,
        typer.Option("--format", "-f", help="How it is written.", show_default="by the ending of --out, else terminal"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="File to write instead of standard output, such as report.html.", show_default=False
        ),
    ] = None,
    flag: Annotated[
        str, typer.Option("--flag", help="Only this flag, such as KR-cancel_rate-2026-03-03.", show_default=False)
    ] = "",
    executive: Annotated[
        bool, typer.Option("--executive", help="One page for those who decide (terminal, markdown, html).")
    ] = False,
    fairness: Annotated[
        bool,
        typer.Option(
            "--fairness", help="Flags, accounts and actions per market against its losses, over one file or several."
        ),
    ] = False,
    fail_on: FailOnOption = FailOn.never,
    show_ids: ShowIds = False,
) -> None:
    """Show a findings file as terminal text, Markdown, JSON, CSV or a self-contained HTML page.

    The first five lines answer what, how sure, how much per day, what to do and what would change our mind.
    """
    paths = findings or [Path("findings.json")]
    _check(paths, executive=executive, fairness=fairness)
    check_places([out] if out else [], paths)
    investigations = [load_findings(path, flag) for path in paths]
    chosen = format or _format_of(out)
    text = _page(investigations, chosen, show_options(show_ids=show_ids), executive=executive, fairness=fairness)
    if out is None:
        give(text)
    else:
        write_whole(out, text)
        say(f"written to {out}")
    raise typer.Exit(max(exit_code_of(each, fail_on) for each in investigations))


def _format_of(out: Path | None) -> Format:
    """The format that a file's ending asks for; terminal text where there is no file or its ending says nothing."""
    by_ending = {
        ".html": Format.html, ".htm": Format.html, ".md": Format.markdown, ".json": Format.json, ".csv": Format.csv,
    }  # fmt: skip
    return by_ending.get(out.suffix.casefold(), Format.terminal) if out else Format.terminal


def _check(paths: list[Path], *, executive: bool, fairness: bool) -> None:
    """Refuse what does not go together before a file is read."""
    from contextcheck.errors import Problem, SettingsError

    if executive and fairness:
        message = "--executive and --fairness are two pages; ask for them one after the other"
        raise SettingsError(Problem("ST129", "--fairness", message))
    if len(paths) > 1 and not fairness:
        message = f"{len(paths)} findings files; only --fairness reads several, a report is about one"
        raise SettingsError(Problem("ST129", str(paths[1]), message))


def _page(
    investigations: list[Investigation], format: Format, options: ShowOptions, *, executive: bool, fairness: bool
) -> str:
    if fairness:
        from contextcheck.decide.fairness import fairness as judged
        from contextcheck.report.fairness_report import render_fairness

        names = {region: name for each in investigations for region, name in each.region_names.items()}
        return render_fairness(judged(investigations), names, format.value, options)
    if executive:
        from contextcheck.report.executive import render_executive

        return render_executive(investigations[0], format.value, options)
    from contextcheck.report.interface import render

    return render(investigations[0], format.value, options)


def load_findings(path: Path, flag: str = "") -> Investigation:
    """Read a findings file; with `flag`, keep that flag alone.

    Raises:
        InputError: The file is missing or is no findings file.
        SettingsError: There is no such flag.
    """
    from dataclasses import replace
    from difflib import get_close_matches

    from contextcheck.errors import InputError, Problem, SettingsError
    from contextcheck.report.json_report import read_findings

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(
            Problem("IN401", str(path), f"{reason}; run contextcheck scan first, or name its findings file")
        ) from error
    investigation = read_findings(text, str(path))
    if not flag:
        return investigation
    kept = tuple(finding for finding in investigation.findings if finding.flag.id == flag)
    if not kept:
        known = [finding.flag.id for finding in investigation.findings]
        close = get_close_matches(flag, known, n=1) or known[:5]
        raise SettingsError(
            Problem("ST122", "--flag", f'no flag "{flag}" in {path}; known: {", ".join(close) or "none"}')
        )
    return replace(investigation, findings=kept)
