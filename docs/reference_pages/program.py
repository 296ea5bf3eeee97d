"""Pages from the program: commands, settings, columns, column maps, problem codes and formats."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from reference_pages import source_facts
from reference_pages.layout import attributes, code, table

HELP_WIDTH = 100
ROOT = source_facts.SOURCE.parents[1]


def commands_page() -> list[str]:
    from typer.main import get_command

    from contextcheck.cli.app import app

    said = "The help of every command, as `contextcheck COMMAND --help` prints it. Results go to standard output, "
    lines = ["# Commands", "", said + "progress and advice to standard error.", ""]
    for path, command in _walk("contextcheck", get_command(app)):
        context = command.make_context(path, [], resilient_parsing=True, terminal_width=HELP_WIDTH)
        context.max_content_width = HELP_WIDTH
        help_text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        lines += [f"## {path}", "", "```text", help_text, "```", ""]
    return lines


def _walk(path: str, command: Any) -> Iterable[tuple[str, Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _walk(f"{path} {name}", below)


_MEANINGS = {
    "orders": "where the orders are and how to read them",
    "orders.path": "file or glob; relative to the settings file; - is standard input",
    "costs": "unit costs in the reporting currency; what is left out is assumed and shown as assumed",
    "decision": "what finance sets; the third number is costs.roll_back",
    "decision.horizon_days": "days over which a loss or gain is added up",
    "decision.alpha": "accepted chance of ever rolling back a harmless feature",
    "privacy": "pseudonyms and stories",
    "privacy.pseudonym_key_env": "environment variable that holds the key of the pseudonyms",
    "privacy.story_k": "fewest customers that may share a story",
    "launches": "features that went live",
    "launches[].exposed_share": "planned share of customers who see it, where orders say so in feature_exposed; left out: the nearest usual share",
    "launches[].feature": "name of the feature, as `gate --feature` takes it; required",
    "launches[].regions": "region codes it was launched in; required",
    "launches[].start": "first local day; required",
    "launches[].end": "last local day; left out while it is live",
    "rates.‹currency›": "one unit of that currency in the reporting currency: a number, or a mapping with rate and on",
    "rates.‹currency›.rate": "one unit in the reporting currency, more than 0; the same rate is used for every period",
    "rates.‹currency›.on": "day of the rate",
    "thresholds.‹line›.‹region›": "amount of the line in a region, or under `default` everywhere else; "
    "{amount: 50000, currency: KRW}, or a bare number in the reporting currency",
    "zones.‹region›": "IANA zone of a region",
    "region_names.‹name›": "region code whose norms apply to a market name of your own",
    "knowledge": "your own definitions, laid over the shipped ones by id",
    "knowledge.regions": "folder with your regions/ files",
    "knowledge.rules": "folder with your rules/ files",
}
"""What the docstrings of `contextcheck.settings` do not say; the test asks for a meaning of every key."""


def settings_page() -> list[str]:
    from contextcheck import settings
    from contextcheck.knowledge.lines import LINE_KEYS

    said = attributes(settings.Settings)
    said |= {f"orders.{name}": text for name, text in attributes(settings.OrdersSource).items()} | _MEANINGS
    keys = {key.name: key for key in source_facts.settings_keys()}
    for name in (*_MEANINGS, *(f"costs.{cost}" for cost in settings.COST_DEFAULTS)):
        keys.setdefault(
            name, source_facts.SettingsKey(name, "number" if name.startswith(("costs.", "rates.")) else "text")
        )
    rows = []
    for name in sorted(keys, key=lambda each: [part.strip("‹›") for part in each.split(".")]):
        key = keys[name]
        if name.startswith("costs."):
            cost = settings.COST_DEFAULTS[name.removeprefix("costs.")]
            values = f"{cost.low:g} to {cost.high:g}" if cost.high is not None else f"{cost.low:g} or more"
            rows.append((code(name), "number", code(cost.value), cost.unit, values, cost.basis))
        else:
            rows.append((code(name), key.kind, code(key.default), _unit(name), key.values, said[name].rstrip(".")))
    intro = [
        "# Settings",
        "",
        "Every key of `contextcheck.yaml`. All are optional. The reading order is: the default here, then the file,",
        "then `--set key=value` on the command line. `contextcheck init` writes a commented file from a look at the",
        "data.",
        "",
        f"Lines that `thresholds` may name: {', '.join(code(name) for name in LINE_KEYS.values())}.",
        "",
    ]
    page = [*intro, *table(("Key", "Kind", "Default", "Unit", "Range or choices", "Meaning or basis"), rows)]
    return [*page, *_tables_section()]


def _tables_section() -> list[str]:
    """The keys of the tables beside the orders, and the maps that ship for each."""
    from contextcheck.load.tablemaps import shipped_table_maps
    from contextcheck.table_settings import TABLE_COLUMNS, TABLES, TableSource

    said = attributes(TableSource)
    rows = [(code(f"‹table›.{'path' if name == 'paths' else name}"), text.rstrip(".")) for name, text in said.items()]
    maps = [f"{code(kind)}: {', '.join(code(name) for name in shipped_table_maps(kind))}" for kind in TABLES]
    intro = [
        "",
        "## Contacts, surveys and disputes",
        "",
        f"‹table› is one of {', '.join(code(name) for name in TABLES)}. Columns that a table may have:",
        f"{', '.join(code(name) for name in TABLE_COLUMNS)}; only `created_at` and one of `region`, `customer_id` and",
        "`order_id` must be there. Texts of messages are never read. Maps that ship: " + "; ".join(maps) + ".",
        "",
    ]
    return [*intro, *table(("Key", "Meaning"), rows)]


def _unit(name: str) -> str:
    units = {"decision.horizon_days": "days", "decision.alpha": "probability", "orders.max_bad_share": "share of rows"}
    units |= {"privacy.story_k": "customers", "rates.‹currency›.rate": "reporting currency per unit"}
    return units.get(name, "")


def columns_page() -> list[str]:
    from contextcheck.knowledge.columns import COLUMNS, STATUSES

    rows = [
        (code(each.name), each.type, "required" if each.is_required else "", each.meaning) for each in COLUMNS.values()
    ]
    intro = "One row per order. Only the required columns must be there; what a missing one leaves untested is named."
    statuses = ", ".join(code(each) for each in STATUSES)
    return [
        "# Columns of the orders",
        "",
        intro,
        "",
        *table(("Column", "Type", "", "Meaning"), rows),
        f"Statuses: {statuses}.",
    ]


def maps_page() -> list[str]:
    from contextcheck.load.columnmaps import shipped_maps

    lines = [
        "# Column maps",
        "",
        "How an export format becomes the columns of the orders. `--map NAME` picks one, a path",
        "names your own.",
    ]
    for each in shipped_maps():
        rows = [(code(column), _rule_words(rule)) for column, rule in each.columns.items()]
        rows.append((code("status"), _status_words(each.status)))
        facts = [f"Grain: {each.grain.replace('_', ' ')}" + (f", joined by `{each.key}`" if each.key else "")]
        facts += [f"times without a zone: {each.timezone}"] if each.timezone else []
        facts += [f"currency: {each.currency}"] if each.currency else []
        lines += ["", f"## {each.id}", "", f"{each.title}. {'; '.join(facts)}.", "", *table(("Column", "From"), rows)]
        lines += [f"- {note}" for note in each.notes]
        lines += [f"- left out: {rule.title}" for rule in each.leave_out]
    return lines


def _rule_words(rule: Any) -> str:
    sources = ", ".join(code(source) for source in rule.sources)
    words = {
        "copy": sources,
        "product": f"product of {sources}",
        "sum_of": f"sum of {sources}",
        "date_of": f"date of {sources}",
        "row_number": "the number of the row",
        "constant": f"always {code(rule.constant)}",
    }[rule.kind]
    more = [f"{rule.take} of the lines"] if rule.take != "first" else []
    more += [f"times {rule.factor:g}"] if rule.factor != 1 else []
    more += [f"{code(rule.days_before)} days earlier"] if rule.days_before else []
    more += ["only a digest is kept"] if rule.is_key else []
    more += [f"only when {_condition_words(rule.only_when)}"] if rule.only_when else []
    more += [f"empty when {_condition_words(rule.unless)}"] if rule.unless else []
    return "; ".join((words, *more))


def _condition_words(condition: Any) -> str:
    return " and ".join(f"{code(header)} is {' or '.join(code(each) for each in texts)}" for header, texts in condition)


def _status_words(status: Any) -> str:
    parts = [f"{code(rule.status)} when {_condition_words(rule.when)}" for rule in status.rules]
    if status.source:
        parts.append(
            f"{code(status.source)}: " + ", ".join(f"{code(word)} is {code(to)}" for word, to in status.words.items())
        )
    return "; ".join((*parts, *([f"otherwise {code(status.otherwise)}"] if status.otherwise else [])))


_FAMILIES = {
    source_facts.ANY: "Any YAML file; the letters are those of the file kind (ST settings, KB regions and "
    "explanations, RL metrics, detection and decisions, MP column maps)",
    "BT": "The backtest",
    "CS": "Cases",
    "DT": "Detection and the days it looks at",
    "EX": "Explanations and their sign tests",
    "GB": "The gate: baselines and verdicts read back",
    "GF": "The gate: what was fixed at a launch",
    "GX": "The gate: exceptions",
    "IN": "Orders and other input",
    "KB": "regions/ and rules/explanations/",
    "MP": "Column maps",
    "PN": "The panel: days and metrics",
    "RL": "rules/metrics, rules/detection, rules/decisions and rules/gates",
    "RP": "Reports, findings files and privacy",
    "ST": "Settings and the command line",
    "TM": "Maps of contacts, surveys and disputes",
}


def problem_codes_page() -> list[str]:
    lines = [
        "# Problem codes",
        "",
        "Every problem is one line: where, code, what was found, what to do. `‹…›` stands for what is filled in.",
    ]
    lines += ["The severity is left empty where another place in the program decides it.", ""]
    grouped: dict[str, list[source_facts.CodeUse]] = {}
    for use in source_facts.problem_codes():
        grouped.setdefault(use.code[:2], []).append(use)
    for letters in sorted(grouped, key=lambda each: (each == source_facts.ANY, each)):
        rows = [
            (code(use.code), use.sentence.replace("*or*", "**or**"), use.severity, code(use.file))
            for use in grouped[letters]
        ]
        name = letters if letters != source_facts.ANY else f"{letters} (every YAML file)"
        lines += [
            f"## {name}",
            "",
            f"{_FAMILIES[letters]}.",
            "",
            *table(("Code", "Sentence", "Severity", "Reported in"), rows),
        ]
    return lines


def format_page(name: str) -> list[str]:
    path = source_facts.SOURCE / "report" / "schemas" / f"{name}.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    place = path.relative_to(ROOT).as_posix()
    lines = [
        f"# {schema['title']}",
        "",
        schema.get("description", ""),
        f"The JSON Schema is `{place}`.",
        "",
        "## Top level",
        "",
    ]
    lines += _fields(schema)
    for part, below in schema.get("$defs", {}).items():
        lines += [f"## {part}", "", *([below["description"], ""] if "description" in below else []), *_fields(below)]
    return lines


def _fields(schema: Mapping[str, Any]) -> list[str]:
    required = set(schema.get("required", ()))
    rows = [
        (
            code(name),
            _type(each),
            "required" if name.split(".")[0].split("[")[0] in required else "",
            each.get("description", ""),
        )
        for name, each in _flat(schema)
    ]
    return table(("Field", "Type", "", "Meaning"), rows) if rows else [f"{_type(schema)}.", ""]


def _flat(schema: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, Mapping[str, Any]]]:
    for name, each in schema.get("properties", {}).items():
        yield before + name, each
        items = each.get("items", {})
        yield from _flat(each, f"{before}{name}.")
        if isinstance(items, Mapping):
            yield from _flat(items, f"{before}{name}[].")


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        part = schema["$ref"].rsplit("/", 1)[1]
        return f"[{part}](#{part})"
    if "const" in schema or "enum" in schema:
        return ", ".join(code(json.dumps(value).strip('"')) for value in schema.get("enum", [schema.get("const")]))
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return " or ".join(_type(each) for each in schema[key])
    kinds = schema.get("type", "any")
    text = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if "items" in schema and isinstance(schema["items"], Mapping) and "properties" not in schema["items"]:
        return f"{text} of {_type(schema['items'])}"
    return str(text)
