# ruff: noqa: E501
"""A team's own folders lie over the shipped ones by id: add, override, switch off."""

from pathlib import Path

import pytest

from contextcheck.errors import DefinitionError, Problem, SettingsError
from contextcheck.knowledge import metrics, overlay, policies
from contextcheck.knowledge.overlay import Explanations, read_explanations, read_knowledge
from contextcheck.knowledge.source_files import layers_of
from contextcheck.settings import Settings

ENTRY = """\
    title: {title}
    status: active
    mechanism: Somebody does something at the checkout that leaves the trace below in the orders, and many people do it.
    explains: [{{metric: cancel_rate, direction: up}}]
    when: always
    signs: [{{test: {test}}}]
    contradicted_by: [{{test: concentration, share: 0.9}}]
    ask: [Is it so?]
    sources: [{{title: A law, year: 2020, grade: A}}]
    reviewed: {{by: us, on: 2026-11-20, next: 2027-05-20}}
"""


def norm(identity: str, title: str = "A practice", test: str = "concentration, share: 0.4") -> str:
    return f"  - id: {identity}\n" + ENTRY.format(title=title, test=test)


def region(code: str, *norms: str) -> str:
    head = f"region: {code}\nname: {code}\ntimezone: Europe/Oslo\ncurrency: NOK\nowner: team\nnorms:\n"
    return head + ("".join(norms) or "  []\n")


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small shipped layer instead of the real one."""
    folder = tmp_path / "shipped"
    write(
        folder,
        {
            "regions/NO.yaml": region(
                "NO", norm("no-a"), norm("no-b", test="bunching, at: coupon_minimum, expect: above")
            ),
            "regions/_groups/NORDICS.yaml": "group: NORDICS\nname: Nordics\nowner: n\nmembers: [NO, SE]\nnorms:\n"
            + norm("nordic-law", test="peers, expect: together"),
            "rules/explanations/abuse/abuse-x.yaml": "id: abuse-x\nowner: fraud\n"
            + "\n".join(line[4:] for line in ENTRY.format(title="Ring", test="concentration").splitlines()),
        },
    )
    monkeypatch.setattr("contextcheck.knowledge.source_files.shipped_folder", lambda name: folder / name)
    return folder


def read(tmp_path: Path, own: dict[str, str]) -> tuple[Explanations, list[Problem]]:
    team = tmp_path / "team"
    for folder in ("regions", "rules"):
        (team / folder).mkdir(parents=True, exist_ok=True)
    write(team, own)
    problems: list[Problem] = []
    settings = Settings(regions_folder="regions", rules_folder="rules", folder=team)
    return read_explanations(layers_of(settings), problems), problems


def ids(explanations: Explanations, region_code: str) -> set[str]:
    return {e.id for e in explanations.entries if region_code in e.regions or "*" in e.regions}


def test_groups_reach_their_members_and_shipped_entries_stand_alone(shipped: Path, tmp_path: Path) -> None:
    explanations, problems = read(tmp_path, {})
    assert problems == []
    assert ids(explanations, "NO") == {"no-a", "no-b", "nordic-law", "abuse-x"}
    assert ids(explanations, "SE") == {"nordic-law", "abuse-x"}


def test_a_team_adds_overrides_and_switches_off_by_id(shipped: Path, tmp_path: Path) -> None:
    off = "  - {id: no-b, off: {reason: no coupons here, on: 2026-11-01}}\n"
    explanations, problems = read(
        tmp_path, {"regions/NO.yaml": region("NO", norm("no-a", "Our own words"), norm("no-c", test="peers, expect: alone"), off)}
    )  # fmt: skip
    assert problems == []
    assert ids(explanations, "NO") == {"no-a", "no-c", "nordic-law", "abuse-x"}
    assert {e.title for e in explanations.entries if e.id == "no-a"} == {"Our own words"}
    assert [(each.id, each.reason) for each in explanations.switched_off] == [("no-b", "no coupons here")]


def test_a_regions_own_entry_overrides_the_groups_there_only(shipped: Path, tmp_path: Path) -> None:
    explanations, problems = read(
        tmp_path, {"regions/NO.yaml": region("NO", norm("nordic-law", "As practised here", "peers, expect: alone"))}
    )
    assert problems == []
    titles = {(e.title, e.regions) for e in explanations.entries if e.id == "nordic-law"}
    assert titles == {("As practised here", ("NO",)), ("A practice", ("SE",))}


def test_a_region_can_switch_off_a_groups_norm_for_itself(shipped: Path, tmp_path: Path) -> None:
    off = "  - {id: nordic-law, off: {reason: does not bind us, on: 2026-11-01}}\n"
    explanations, problems = read(tmp_path, {"regions/NO.yaml": region("NO", off)})
    assert problems == []
    assert "nordic-law" not in ids(explanations, "NO")
    assert "nordic-law" in ids(explanations, "SE")


def test_an_abuse_pattern_is_switched_off_by_a_file_of_its_name(shipped: Path, tmp_path: Path) -> None:
    own = {"rules/explanations/abuse/abuse-x.yaml": "id: abuse-x\noff: {reason: no device data, on: 2026-11-01}\n"}
    explanations, problems = read(tmp_path, own)
    assert problems == []
    assert "abuse-x" not in ids(explanations, "NO")


def test_switching_off_what_does_not_exist_is_an_error_with_the_nearest_name(shipped: Path, tmp_path: Path) -> None:
    off = "  - {id: no-bb, off: {reason: r, on: 2026-11-01}}\n"
    _, problems = read(tmp_path, {"regions/NO.yaml": region("NO", off)})
    assert [problem.code for problem in problems] == ["KB219"]
    assert 'did you mean "no-a"?' in problems[0].message or 'did you mean "no-b"?' in problems[0].message
    assert problems[0].where == (tmp_path / "team/regions/NO.yaml").as_posix() + ":7:5"


def test_retired_entries_are_read_but_not_used(shipped: Path, tmp_path: Path) -> None:
    text = region("NO", norm("no-a").replace("status: active", "status: retired"))
    explanations, _ = read(tmp_path, {"regions/NO.yaml": text})
    assert "no-a" not in ids(explanations, "NO")


def test_an_id_names_one_entry_whatever_its_kind(shipped: Path, tmp_path: Path) -> None:
    group = "group: G\nname: g\nowner: o\nmembers: [NO]\nnorms:\n" + norm("abuse-y", test="peers, expect: alone")
    abuse = "id: abuse-y\nowner: x\nregions: [NO]\n"
    abuse += "\n".join(line[4:] for line in ENTRY.format(title="Ring", test="concentration").splitlines())
    own = {"rules/explanations/abuse/abuse-y.yaml": abuse, "regions/_groups/G.yaml": group}
    _, problems = read(tmp_path, own)
    assert [problem.code for problem in problems] == ["KB210"]


def test_a_folder_that_the_settings_name_must_exist(shipped: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match='names the folder "regionen", which does not exist'):
        layers_of(Settings(regions_folder="regionen", folder=tmp_path))


def stand_in_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "read_metrics", lambda paths, problems: {"cancel_rate": object()}, raising=False)
    monkeypatch.setattr(metrics, "read_detection_rules", lambda paths, problems: [], raising=False)
    monkeypatch.setattr(policies, "read_policies", lambda paths, problems: {"default": object()}, raising=False)


def test_the_base_carries_every_file_with_its_hash(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in_readers(monkeypatch)
    base = read_knowledge(Settings())
    assert [file.path for file in base.files] == [
        "regions/_groups/NORDICS.yaml",
        "regions/NO.yaml",
        "rules/explanations/abuse/abuse-x.yaml",
    ]
    assert all(len(file.sha256) == 64 for file in base.files)
    assert set(base.region_files) == {"NO"}


def test_problems_of_all_files_are_raised_once_in_the_order_of_the_lines(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in_readers(monkeypatch)
    path = shipped / "regions/NO.yaml"
    path.write_text(path.read_text().replace("cancel_rate", "cancel_rates").replace("currency: NOK", "currency: nok"))
    with pytest.raises(DefinitionError) as raised:
        read_knowledge(Settings())
    assert raised.value.exit_code == 3
    places = [problem.where for problem in raised.value.problems]
    assert places == ["regions/NO.yaml:4:11", "regions/NO.yaml:7:5", "regions/NO.yaml:18:5"]
    assert 'no metric; did you mean "cancel_rate"?' in raised.value.problems[1].message


def test_a_teams_folder_of_the_same_name_does_not_hide_the_shipped_one(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "team", {"regions/SE.yaml": region("SE", norm("se-a"))})
    monkeypatch.chdir(tmp_path / "team")
    layers = layers_of(Settings(regions_folder="regions"))
    shown = [source.shown for layer in layers for source in layer.region_files()]
    assert shown == ["shipped/regions/NO.yaml", "regions/SE.yaml"]
    assert overlay.EXPLANATION_KINDS == ("abuse", "operational", "measurement")
