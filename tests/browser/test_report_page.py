"""The page in a real browser: it opens from a file, asks the network for nothing, and shows what it must.

Needs Chromium (Debian: apt-get install chromium). Without it these tests fail; they are never skipped.
"""

import html
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from unit.report import report_cases as cases

from contextcheck.report.executive import render_executive
from contextcheck.report.interface import ShowOptions, render

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
OPTIONS = ShowOptions(pseudonym_key="a key of the tests")


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "no Chromium on this machine; install it (Debian: apt-get install chromium)"
    return found


def run(folder: Path, page: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    profile = folder / "profile"
    command = [chromium(), *FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    written = {}
    for name in ("padding", "ring", "hostile"):
        written[name] = folder / f"{name}.html"
        investigation = getattr(cases, f"{name}_investigation")()
        written[name].write_text(render(investigation, "html", OPTIONS), encoding="utf-8")
    return written


@cache
def visible(dom: str) -> str:
    text = re.sub(r"<(style|title)>.*?</\1>|<[^>]+>", " ", dom, flags=re.DOTALL)
    return re.sub(r"[\s\xa0]+", " ", text.replace("&nbsp;", " "))


def test_the_page_opens_from_a_file_and_shows_the_story(pages: dict[str, Path], tmp_path: Path) -> None:
    done = run(tmp_path, pages["padding"], "--dump-dom", "--enable-logging=stderr", "--v=0")
    words = visible(done.stdout)
    for expected in (
        "South Korea: 18.4 % of orders cancelled, 6.1 % expected",
        "18.4 % of orders cancelled, 6.1 % (5.4 to 6.9) expected",
        "Baskets padded to the free-shipping line, then trimmed",
        "contribution +$4,120",
        "not measured",
        "Keep: free-shipping-bar in KR",
    ):
        assert expected in words
    assert done.stdout.count("<svg") == 2
    assert "CONSOLE" not in done.stderr, done.stderr


@pytest.mark.parametrize("name", ["padding", "ring", "hostile"])
def test_the_page_asks_the_network_for_nothing(name: str, pages: dict[str, Path], tmp_path: Path) -> None:
    assert measured(tmp_path, pages[name].read_text(encoding="utf-8"), RESOURCES) == "[]"


def test_the_measure_of_the_network_sees_a_request(tmp_path: Path) -> None:
    page = '<!DOCTYPE html><img src="http://127.0.0.1:9/picture.png">'
    assert "http://127.0.0.1:9/picture.png" in measured(tmp_path, page, RESOURCES)


def test_no_text_on_the_page_runs(pages: dict[str, Path], tmp_path: Path) -> None:
    done = run(tmp_path, pages["hostile"], "--dump-dom", "--enable-logging=stderr", "--v=0")
    assert "<script" not in done.stdout
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in done.stdout
    assert "CONSOLE" not in done.stderr


def test_the_page_prints_on_two_sheets(pages: dict[str, Path], tmp_path: Path) -> None:
    paper = tmp_path / "page.pdf"
    run(tmp_path, pages["padding"], f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper.read_bytes())) == 2


@pytest.mark.parametrize("name", ["opposite", "ring", "hostile", "quiet"])
def test_the_page_for_those_who_decide_prints_on_one_sheet(name: str, tmp_path: Path) -> None:
    page, paper = tmp_path / "page.html", tmp_path / "page.pdf"
    investigation = getattr(cases, f"{name}_investigation")()
    page.write_text(render_executive(investigation, "html", OPTIONS), encoding="utf-8")
    run(tmp_path, page, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper.read_bytes())) == 1


def test_the_page_does_not_scroll_sideways_on_a_phone(pages: dict[str, Path], tmp_path: Path) -> None:
    for name in ("padding", "ring", "hostile"):
        found = measured(tmp_path, pages[name].read_text(encoding="utf-8"), WIDTHS)
        content, window = json.loads(found)
        assert 0 < content <= window == 390, name


RESOURCES = "JSON.stringify(page.performance.getEntriesByType('resource').map(each => each.name))"
WIDTHS = "JSON.stringify([page.document.documentElement.scrollWidth, page.innerWidth])"


def measured(folder: Path, inner: str, expression: str) -> str:
    """What an outer page sees of the page inside it, which is as wide as a phone."""
    outer = folder / "outer.html"
    escaped = inner.replace("&", "&amp;").replace('"', "&quot;")
    outer.write_text(
        f'<!DOCTYPE html><iframe id="phone" width="390" height="800" style="border:0" srcdoc="{escaped}"></iframe>'
        '<p id="found"></p><script>onload = () => { const page = document.getElementById("phone").contentWindow;'
        f'document.getElementById("found").textContent = {expression}; }}</script>',
        encoding="utf-8",
    )
    done = run(folder, outer, "--dump-dom", "--virtual-time-budget=3000")
    found = re.search(r'<p id="found">([^<]+)</p>', done.stdout)
    assert found, "nothing was measured"
    return html.unescape(found[1])
