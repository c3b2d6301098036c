"""The report in a real browser: what only layout, colour and script can show."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from reports.html import render
from reports.language import Language
from tests.lanes import lacking
from tests.reports import sample, worlds

pytestmark = pytest.mark.browser

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SAMPLES = ["no_go", "go", "incomplete", "empty", "hostile", "many_hosts"]
LAID_OUT = [*SAMPLES, "german"]

OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"

TOO_WIDE = """() => [...document.body.querySelectorAll('*')]
  .filter(e => !e.closest('.wide, .skip') && getComputedStyle(e.closest('thead') ?? e).position !== 'absolute')
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 60))"""

LOW_CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = color => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
                          return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = color => { const [r, g, b] = rgba(color).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = element => { for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor; if (rgba(color)[3] === 255) return color; } return 'white'; };
  const found = [];
  let measured = 0;
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join('').trim();
    if (!text || element.closest('script, option, .skip, title, desc') || !element.checkVisibility()) continue;
    const inPicture = element instanceof SVGElement;
    const front = inPicture ? getComputedStyle(element).fill : getComputedStyle(element).color;
    const box = inPicture && element.closest('g').querySelector('rect');
    const back = box ? getComputedStyle(box).fill : behind(element);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    measured += 1;
    if ((a + 0.05) / (b + 0.05) < 4.5) found.push([text.slice(0, 40), front, back]);
  }
  return [measured, found];
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("the package playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        lacking("there is no chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield started
        started.close()


def axe() -> str:
    """The script of axe-core, which its package brings."""
    if importlib.util.find_spec("axe_playwright_python") is None:
        lacking("the package axe-playwright-python is not installed")
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples' reports, as files."""
    made = tmp_path_factory.mktemp("reports")
    for name in (*SAMPLES, "thousand_moves"):
        result = sample.many_hosts(12) if name == "many_hosts" else getattr(sample, name)()
        (made / f"{name}.html").write_text(render(result, now=sample.BEFORE_THE_END), encoding="utf-8")
    german = render(worlds.no_go(), now=worlds.AT, language=Language("de"))
    (made / "german.html").write_text(german, encoding="utf-8")
    return made


class Watched:
    """A page of the browser with what it complained about and what it asked for."""

    def __init__(self, browser: Any, *, scripts: bool) -> None:
        self.page = browser.new_context(offline=True, java_script_enabled=scripts).new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, address: str, color_scheme: str) -> Any:
        """Shows a file as a new page would, whatever a test did with the one before."""
        self.complaints.clear()
        self.asked.clear()
        self.page.set_viewport_size({"width": 1280, "height": 720})
        self.page.emulate_media(media="null", color_scheme=color_scheme)
        self.page.goto(address)
        return self.page


@pytest.fixture(scope="module")
def pages(browser: Any) -> dict[bool, Watched]:
    """With and without scripts one page for all tests: making one takes longer than most of them."""
    return {scripts: Watched(browser, scripts=scripts) for scripts in (True, False)}


@pytest.fixture
def opened(browser: Any, pages: dict[bool, Watched], folder: Path) -> Iterator[Any]:
    """Opens a sample's report and, at the end of the test, fails on anything the browser complained about. What stays for as long as a page
    does, as its clock, needs one alone."""
    used: list[Watched] = []

    def open_page(name: str, *, scripts: bool = True, color_scheme: str = "light", alone: bool = False) -> Any:
        used.append(Watched(browser, scripts=scripts) if alone else pages[scripts])
        return used[-1].open((folder / f"{name}.html").as_uri(), color_scheme)

    yield open_page
    for each in used:
        if each not in pages.values():
            each.page.context.close()
        assert each.complaints == []
        assert [url for url in each.asked if not url.startswith("file:")] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_the_report_opens_without_a_complaint_of_the_browser(opened: Any, name: str) -> None:
    page = opened(name)
    assert page.locator("#filter").is_visible(), "the script ran under the policy"
    assert page.evaluate("getComputedStyle(document.querySelector('h2')).fontSize") == "22px", "the style holds under the policy"


def test_a_script_that_is_not_the_reports_own_is_stopped_by_the_policy(browser: Any, folder: Path) -> None:
    changed = folder / "changed.html"
    source = (folder / "go.html").read_text(encoding="utf-8")
    changed.write_text(source.replace("</main>", "<script>document.title = 'owned'</script></main>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(changed.as_uri())
    assert "owned" not in page.title()
    page.close()


@pytest.mark.parametrize("name", SAMPLES)
def test_without_scripts_everything_is_there_but_the_filter(opened: Any, name: str) -> None:
    page = opened(name, scripts=False)
    for section in page.locator("main > section").all():
        assert section.is_visible()
        assert section.locator("h2").is_visible()
    assert not page.locator("#filter").is_visible()
    closed = page.locator("details:not([open]) > summary")
    for _ in range(closed.count()):
        closed.first.click()
    findings = page.locator("#findings .group li")
    assert findings.count() == page.locator("#findings .group li:visible").count()


@pytest.mark.parametrize("name", LAID_OUT)
def test_every_text_stands_out_from_what_is_behind_it(opened: Any, name: str) -> None:
    page = opened(name)
    page.evaluate(OPEN_ALL)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        measured, low = page.evaluate(LOW_CONTRAST)
        assert measured > 40
        assert low == [], scheme


def test_dark_is_dark(opened: Any) -> None:
    page = opened("go", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 28)"


@pytest.mark.parametrize("name", LAID_OUT)
def test_nothing_is_wider_than_the_screen(opened: Any, name: str) -> None:
    page = opened(name)
    page.evaluate(OPEN_ALL)
    for width in (360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(TOO_WIDE) == [], width


@pytest.mark.parametrize("name", LAID_OUT)
def test_nothing_is_clipped_on_paper(opened: Any, name: str) -> None:
    page = opened(name)
    page.emulate_media(media="print")
    page.evaluate(OPEN_ALL)
    for paper, width in (("A4", 687), ("Letter", 710)):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) == [], paper
        assert page.evaluate("[...document.querySelectorAll('.wide')].every(e => e.scrollWidth <= e.clientWidth + 1)"), paper


def printed(page: Any, paper: str, tmp_path: Path) -> str:
    pdftotext = shutil.which("pdftotext")
    if pdftotext is None:
        lacking("there is no pdftotext")
    page.pdf(path=str(tmp_path / "report.pdf"), format=paper)
    done = subprocess.run([pdftotext, "-layout", tmp_path / "report.pdf", "-"], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_printed_report_holds_every_finding_and_repeats_the_heads_of_tables(
    opened: Any, tmp_path: Path, paper: str, scripts: bool
) -> None:
    text = printed(opened("many_hosts", scripts=scripts), paper, tmp_path)
    pages = text.split("\f")
    compact = re.sub(r"\s", "", text)
    for finding in sample.many_hosts(12).findings:
        assert str(finding.subject.vm or finding.subject.source) in compact
    assert re.search(r"vm\.running✓PASS\d+", compact), "a check that passed is told in a line"
    assert "(theotherslikewise)" not in compact, "and no more"
    assert sum(1 for one in pages if re.search(r"(Pair|VM)\s+Verdict|What\s+Actual", one)) >= 2
    assert re.search(rf"1 ?/ ?{len(pages) - 1}\b", pages[0])


def test_a_plan_of_one_vm_is_printed_on_few_pages_with_all_that_fails(opened: Any, tmp_path: Path) -> None:
    assert printed(opened("go"), "A4", tmp_path).count("\f") <= 3
    failing = printed(opened("no_go"), "Letter", tmp_path)
    assert failing.count("\f") <= 5
    for said in ("msDS-AllowedToDelegateTo", "UseAnyNetworkForMigration", "Sign-off", "OperationTimeout"):
        assert said in re.sub(r"(?<=-)\s+", "", failing), said


def choose(page: Any, **wanted: str) -> list[str]:
    """Sets the filter and gives the checks that are left."""
    page.locator("#filter button[type=reset]").click()
    for name, value in wanted.items():
        field = page.locator(f"#filter [name={name}]")
        field.fill(value) if name == "text" else field.select_option(label=value)
    return [str(id).removeprefix("check-") for id in page.locator("details.check:visible").evaluate_all("all => all.map(e => e.id)")]


def test_the_filter_leaves_what_was_asked_for_and_says_how_much_that_is(opened: Any) -> None:
    page = opened("no_go")
    count = page.locator("#filter output")
    assert choose(page, outcome="FAIL") == ["delegation.cifs", "network.isolated"]
    assert count.inner_text() == "4 of 24 findings"
    assert choose(page, outcome="FAIL", severity="RISK") == ["network.isolated"]
    assert choose(page, area="vm") == ["vm.running", "vm.version"]
    assert choose(page, text="sql01") == [
        "delegation.migration_service", "delegation.cifs", "delegation.protocol", "vm.running", "vm.version",
    ]  # fmt: skip
    assert count.inner_text() == "5 of 24 findings"
    assert "migration.enabled" in choose(page, host="TestServer02")
    assert "network.isolated" not in choose(page, host="TestServer02")
    assert choose(page, text="no such thing") == []
    assert len(choose(page)) == 12
    assert count.inner_text() == "24 of 24 findings"


def test_the_filter_counts_what_is_told_of_all_moves_at_once_as_one_finding_each(opened: Any) -> None:
    page = opened("thousand_moves")
    count = page.locator("#filter output")
    assert "vm.requirement_00" in choose(page, text="vm-prod-0003")
    assert count.inner_text() == "28 of 28000 findings"
    choose(page, host="hv001.contoso.test", text="vm-prod")
    assert count.inner_text() == "1400 of 28000 findings"
    assert choose(page, text="no such thing") == []


@pytest.mark.parametrize(("name", "scheme"), [("no_go", "light"), ("no_go", "dark"), ("german", "light"), ("german", "dark")])
def test_axe_finds_nothing_that_keeps_somebody_from_reading(opened: Any, name: str, scheme: str) -> None:
    """With everything unfolded. https://github.com/dequelabs/axe-core has the rules."""
    page = opened(name, color_scheme=scheme)
    page.evaluate(OPEN_ALL)
    page.evaluate(axe())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert len(found["passes"]) > 20
    assert [(each["id"], each["impact"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == []


def test_a_link_opens_the_finding_it_leads_to(opened: Any) -> None:
    page = opened("no_go")
    target = page.locator("details#check-delegation\\.protocol li").first
    assert not target.is_visible()
    page.evaluate("id => { location.hash = id; }", target.get_attribute("id"))
    page.wait_for_function("document.getElementById('check-delegation.protocol').open")
    assert target.is_visible()


def test_a_link_to_a_finding_without_a_place_of_its_own_opens_its_check(opened: Any) -> None:
    page = opened("no_go")
    page.evaluate("() => { location.hash = 'vm.version@0000000000'; }")
    page.wait_for_function("document.getElementById('check-vm.version').open")


def test_the_keyboard_reaches_the_verdict_first_and_shows_where_it_is(opened: Any) -> None:
    page = opened("no_go")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#verdict"


@pytest.mark.parametrize(("moment", "shown"), [("2026-12-06T16:59:00Z", False), ("2026-12-06T17:01:00Z", True)])
def test_a_report_that_is_opened_after_its_time_says_that_it_has_expired(opened: Any, moment: str, shown: bool) -> None:
    page = opened("go", alone=True)
    page.clock.install(time=moment)
    page.reload()
    assert page.locator(".verdict p[data-until]").is_visible() == shown
    assert page.locator(".verdict .word").inner_text().endswith("EXPIRED, was GO" if shown else "✓ GO")
    assert ("open" in (page.locator("#verdict").get_attribute("class") or "")) == shown
