"""`contextcheck norms` and `contextcheck rules`: list, search, show; the other verbs are put in from norms_*.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from contextcheck.cli import norms_lint, norms_new, norms_review, norms_test, rules_new
from contextcheck.cli.norms_read import EntryId, RegionOption, read_base, read_entries, region_hint
from contextcheck.cli.options import SettingsPath
from contextcheck.cli.output import give, say
from contextcheck.errors import Problem, SettingsError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contextcheck.knowledge.catalogue import Catalogue, Listed, Off
    from contextcheck.knowledge.signs import Sign

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="What is normal where: read, write, check and try regions/*.yaml.",
)
rules_app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Abuse patterns, faults, metrics, detection and decision rules.",
)
SearchWords = Annotated[list[str], typer.Argument(help="Words that the entry must contain, in any order and case.")]


@app.command("list")
def list_norms(region: RegionOption = "", settings: SettingsPath = None) -> None:
    """List the norms, those of groups among them: id, status, region, title, and what a team changed."""
    catalogue = read_entries(settings)
    code = _known_region(region, catalogue) if region else ""
    norms = tuple(each for each in catalogue.entries if each.entry.kind == "norm")
    found = catalogue.in_region(code) if code else norms
    give("\n".join([*(_row(each) for each in found), *_off_rows(catalogue, code), *_default_rows(catalogue, code)]))
    say(f"{len(found)} norms; one in full: contextcheck norms show ID")


@rules_app.command("list")
def list_rules(settings: SettingsPath = None) -> None:
    """List abuse patterns, faults, metrics, detection rules and decision rules."""
    base = read_base(settings)
    lines = [_row(each) for each in read_entries(settings).entries if each.entry.kind != "norm"]
    lines += [f"{each.id:36} metric       {each.title}" for each in base.metrics.values()]
    lines += [f"{each.id:36} detection    {each.title}" for each in base.detection_rules]
    lines += [f"{rule.id:36} decision     {rule.action}" for each in base.policies.values() for rule in each.rules]
    give("\n".join(lines))


@app.command("search")
@rules_app.command("search")
def search(words: SearchWords, region: RegionOption = "", settings: SettingsPath = None) -> None:
    """Find entries of every kind by words of their id, titles, mechanism, questions, advice or sources."""
    from contextcheck.knowledge import catalogue as reading

    catalogue = read_entries(settings)
    listed: Iterable[Listed] = catalogue.entries
    if region:
        code = _known_region(region, catalogue)
        listed = [each for each in listed if reading.applies(each.entry, code)]
    found = reading.search(listed, " ".join(words))
    if not found:
        say(f'no entry contains "{" ".join(words)}"; try fewer words, or contextcheck norms list')
        return
    give("\n".join(_row(each) for each in found))


@app.command("show")
@rules_app.command("show")
def show(entry: EntryId, region: RegionOption = "", settings: SettingsPath = None) -> None:
    """Show one entry: mechanism, predictions, questions, sources, where it is written and which version speaks."""
    catalogue = read_entries(settings)
    found, off = catalogue.of_id(entry), catalogue.off(entry)
    if region:
        code = _known_region(region, catalogue)
        found = tuple(each for each in found if code in each.entry.regions or each.entry.regions == ("*",)) or found
    if not found and not off:
        known = {each.entry.id for each in catalogue.entries} | {each.off.id for each in catalogue.switched_off}
        raise SettingsError(Problem("ST125", "show", f'no entry "{entry}"{nearest(entry, known)}'))
    blocks = ["\n".join(_described(each)) for each in found] + ["\n".join(_off_lines(each)) for each in off]
    give("\n\n".join(blocks))


def _known_region(region: str, catalogue: Catalogue) -> str:
    from contextcheck.knowledge.places import resolve_region

    code = region.upper() if region.upper() in catalogue.region_files else resolve_region(region) or region.upper()
    known = set(catalogue.region_files) | {code for each in catalogue.entries for code in each.entry.regions} - {"*"}
    if code not in known and code.partition("-")[0] not in known:
        sentence = f'no norms for "{region}"{region_hint(region, catalogue.region_files)}'
        raise SettingsError(Problem("ST124", "--region", sentence))
    return code


def _row(listed: Listed) -> str:
    entry = listed.entry
    mark = {"shipped": "", "own": "  [own]", "overridden": "  [own, replaces shipped]"}[listed.origin]
    place = listed.group or ",".join(entry.regions)
    return f"{entry.id:36} {entry.status:8} {entry.kind:12} {place[:14]:14} {entry.title}{mark}  {entry.where or ''}"


def _off_rows(catalogue: Catalogue, region: str) -> list[str]:
    """What is switched off: in a region, by its own file, its groups or a rule; everything when none is named."""
    return [
        f"{each.off.id:36} {'off':8} {'':12} {each.place[:14]:14} switched off on {each.off.on}: {each.off.reason}"
        f"  {each.off.where or ''}"
        for each in catalogue.switched_off
        if not region or each.place in ("", region) or each.place not in catalogue.region_files
    ]


def _default_rows(catalogue: Catalogue, region: str) -> list[str]:
    """What holds in a region until the shop's own settings say otherwise."""
    file = catalogue.region_files.get(region)
    return [
        f"{'default':36} {'':8} {'':12} {region:14} {each.name.replace('_', ' ')}: {each.told}; {each.basis}  "
        f"{each.where or ''}"
        for each in (file.defaults.values() if file else ())
    ]


def _described(listed: Listed) -> list[str]:
    entry = listed.entry
    moves = ", ".join(f"{each.metric} {each.direction}" for each in entry.explains)
    inherited = f" from the group {listed.group}" if listed.group else ""
    lines = [
        f"{entry.id}  ({entry.kind}, {entry.status}, {', '.join(entry.regions)}{inherited})",
        f"  {entry.title}",
        *(f"  {language}: {text}" for language, text in entry.text.items()),
        "",
        f"  {entry.mechanism}",
        "",
        *([f"  note       {entry.note}"] if entry.note else []),
        f"  explains   {moves}",
        f"  when       {_when_words(listed)}",
        *(_sign_line("must show", sign) for sign in entry.signs),
        *(_sign_line("speaks against", sign) for sign in entry.contradicted_by),
        *(f"  ask        {question}" for question in entry.ask),
        *(f"  advice     {each}" for each in entry.advice),
        *(f"  twin       {each.id}: {each.separated_by}" for each in entry.twins),
        *(f"  source     [{each.grade}] {each.title} ({each.year}) {each.url}" for each in entry.sources),
        *(f"  example    {each.name}: {each.data} must be {each.expect}" for each in entry.examples),
        f"  owner      {entry.owner or 'none'}; reviewed {entry.reviewed.on or 'never'}, next {entry.reviewed.next}",
        f"  version    {listed.spoken_by}",
        f"  written in {entry.where}",
    ]
    if listed.replaced is not None:
        lines.append(f"  in place of {listed.replaced.where}")
    if entry.not_in:
        lines.append(f"  not in     {', '.join(entry.not_in)} (own entry there, or switched off)")
    return lines


def _when_words(listed: Listed) -> str:
    when = listed.entry.when
    margins = [
        f"{days} days {word}" for days, word in ((when.before_days, "before"), (when.after_days, "after")) if days
    ]
    sure = "" if when.certainty == "observed" else f"; dates {when.certainty}"
    names = ", ".join(when.names[:8]) + (f" and {len(when.names) - 8} more" if len(when.names) > 8 else "")
    margin = f" and {', '.join(margins)}" if margins else ""
    return f"{when.kind.replace('_', ' ')} {names}".rstrip() + margin + sure


def _off_lines(each: Off) -> list[str]:
    lines = [f"{each.off.id}  (switched off)", f"  since {each.off.on}: {each.off.reason}", f"  in {each.off.where}"]
    if each.entry is not None:
        lines += [f"  shipped as {each.entry.title}", f"  written in {each.entry.where}"]
    return lines


def _sign_line(label: str, sign: Sign) -> str:
    options = ", ".join(
        f"{name} {_plain(value)}" for name, value in sign.options.items() if value not in (None, "", ())
    )
    return f"  {label}: {sign.test} ({sign.weight}): {options}"


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(str(each) for each in value)
    if isinstance(value, dict):
        return " ".join(f"{key} {each}" for key, each in value.items())
    return str(value)


for _each in (app, rules_app):
    _each.command("lint")(norms_lint.lint)
    _each.command("schema")(norms_lint.schema)
    _each.command("test")(norms_test.test)
    _each.command("preview")(norms_review.preview)
    _each.command("coverage")(norms_review.coverage)
    _each.command("due")(norms_review.due)
    _each.command("record")(norms_review.record)
app.command("new")(norms_new.new)
rules_app.command("new")(rules_new.new)
