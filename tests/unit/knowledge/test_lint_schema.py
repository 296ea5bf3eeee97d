"""The schemas for editors say what the readers accept."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from contextcheck.knowledge import entry_fields, schema
from contextcheck.knowledge.shipped import shipped_folder

KINDS = [("region", "regions"), ("group", "regions"), ("explanation", "rules")]
METRICS = [
    *("orders", "aov", "cancel_rate", "rapid_cancel_rate", "modify_rate", "return_rate", "refund_share"),
    *("unpaid_rate", "refused_rate", "discount_rate", "items_per_order", "chargeback_rate"),
    "new_account_discount_rate",
]
FOLDERS = {
    "regions": "regions/_schema/region.json",
    "regions/_groups": "regions/_schema/group.json",
    "regions/_calendars": "regions/_schema/calendar.json",
    "rules/explanations/abuse": "rules/explanations/_schema.json",
    "rules/explanations/operational": "rules/explanations/_schema.json",
    "rules/explanations/measurement": "rules/explanations/_schema.json",
    "rules/metrics": "rules/metrics/_schema.json",
    "rules/detection": "rules/detection/_schema.json",
    "rules/decisions": "rules/decisions/_schema.json",
    "rules/gates": "rules/gates/_schema.json",
}
"""Folder of shipped files to the schema that editors read for them."""


class Loader(yaml.SafeLoader):
    """YAML 1.2 as editors read it: only numbers, true and false are typed; NO, on and dates stay text."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?\d+$"), list("-0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?\d+\.\d+$"), list("-0123456789"))


ROOT = shipped_folder("regions").parent


def test_the_shipped_schemas_are_the_ones_that_the_declarations_give() -> None:
    built = schema.schema_files(METRICS)
    assert set(built) == set(FOLDERS.values())
    for name, content in built.items():
        assert json.loads((ROOT / name).read_text()) == json.loads(json.dumps(content)), name


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_shipped_file_fits_its_schema_and_points_to_it(folder: str) -> None:
    path_of_schema = ROOT / FOLDERS[folder]
    validator = jsonschema.Draft202012Validator(json.loads(path_of_schema.read_text()))
    files = sorted((ROOT / folder).glob("*.yaml"))
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        faults = [
            f"{path.name} {list(e.path)} {e.message[:200]}" for e in validator.iter_errors(yaml.load(text, Loader))
        ]
        assert faults == []
        target = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
        assert target is not None, path
        assert (path.parent / target[1]).resolve() == path_of_schema.resolve()


def test_no_shipped_definition_is_without_a_schema() -> None:
    found = {
        path.parent.relative_to(ROOT).as_posix()
        for name in ("regions", "rules")
        for path in (ROOT / name).rglob("*.yaml")
    }
    assert found <= set(FOLDERS)


def test_a_slip_is_refused_by_the_schema_too() -> None:
    validator = jsonschema.Draft202012Validator(schema.region_schema(METRICS))
    good = yaml.load(sorted((ROOT / "regions").glob("*.yaml"))[0].read_text(encoding="utf-8"), Loader)
    assert validator.is_valid(good)
    good["norms"][0]["explains"][0]["metric"] = "cancel_rates"
    assert not validator.is_valid(good)


def test_the_reader_asks_for_exactly_the_keys_of_the_schema() -> None:
    source = Path(entry_fields.__file__).read_text()
    body = source[source.index("def read_entry") : source.index("def _explains")] + source[source.index("def _needs") :]
    asked = set(re.findall(r'(?<!inner)(?:fields)\.(?:text|texts|choice|mapping|mappings|child|has)\("(\w+)"', body))
    asked |= {"signs", "contradicted_by"}
    not_of_entries = {"off", "title", "url", "year", "grade", "for", "name", "data", "expect", "separated_by"}
    assert asked - not_of_entries == schema.entry_keys() - not_of_entries
