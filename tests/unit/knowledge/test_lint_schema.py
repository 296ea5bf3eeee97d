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
]
BUILDERS = {"region": schema.region_schema, "group": schema.group_schema, "explanation": schema.explanation_schema}


class Loader(yaml.SafeLoader):
    """YAML 1.2 as editors read it: only numbers are typed; NO, on and dates stay text."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?\d+$"), list("-0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?\d+\.\d+$"), list("-0123456789"))


def files_of(kind: str) -> list[Path]:
    regions, explanations = shipped_folder("regions"), shipped_folder("rules") / "explanations"
    if kind == "region":
        return sorted(regions.glob("*.yaml"))
    return sorted((regions / "_groups").glob("*.yaml")) if kind == "group" else sorted(explanations.glob("*/*.yaml"))


def schema_path(kind: str) -> Path:
    folder = shipped_folder("rules") / "explanations" if kind == "explanation" else shipped_folder("regions")
    return folder / schema.FILES[kind]


@pytest.mark.parametrize("kind", BUILDERS)
def test_the_shipped_schema_is_the_one_that_the_declarations_give(kind: str) -> None:
    assert json.loads(schema_path(kind).read_text()) == json.loads(json.dumps(BUILDERS[kind](METRICS)))


@pytest.mark.parametrize("kind", BUILDERS)
def test_every_shipped_file_fits_its_schema_and_points_to_it(kind: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema_path(kind).read_text()))
    for path in files_of(kind):
        text = path.read_text(encoding="utf-8")
        faults = [
            f"{path.name} {list(e.path)} {e.message[:200]}" for e in validator.iter_errors(yaml.load(text, Loader))
        ]
        assert faults == []
        target = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
        assert target is not None, path
        assert (path.parent / target[1]).resolve() == schema_path(kind).resolve()


def test_a_slip_is_refused_by_the_schema_too() -> None:
    validator = jsonschema.Draft202012Validator(schema.region_schema(METRICS))
    good = yaml.load(files_of("region")[0].read_text(encoding="utf-8"), Loader)
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
