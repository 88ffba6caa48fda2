"""Tests the report as people use it: in a browser, light and dark, narrow, printed, with keyboard and screen reader."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import astuple
from playwright.sync_api import Browser, Page, expect

from runner.report.gather import Summary
from runner.report.page import render

from .conftest import FIRST, states_of

pytestmark = pytest.mark.slow

#: Where the screenshots are written; by default a temporary folder.
SHOTS = os.environ.get("REPORT_SCREENSHOTS")


class Report:
    """The report of a lake as a file, open in a browser that records all errors."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self.problems: list[str] = []

    def open(
        self,
        summary: Summary,
        *,
        width: int = 1100,
        scheme: Literal["light", "dark"] = "light",
        script: bool = True,
    ) -> Page:
        file = self._folder / "report.html"
        file.write_text(
            render(summary, "a-bucket", made_at=datetime(2025, 8, 11, 5, tzinfo=UTC)), encoding="utf-8"
        )
        context = self._browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
        )
        page = context.new_page()
        page.on("console", lambda message: self.problems.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on(
            "request",
            lambda request: (
                request.url.startswith(("file:", "data:")) or self.problems.append(f"asks for {request.url}")
            ),
        )
        page.goto(file.as_uri())
        return page

    def shoot(self, page: Page, name: str) -> None:
        folder = Path(SHOTS) if SHOTS else self._folder
        page.screenshot(path=folder / f"{name}.png", full_page=True)
        assert (folder / f"{name}.png").stat().st_size > 10_000


@pytest.fixture
def report(browser: Browser, tmp_path: Path) -> Iterator[Report]:
    made = Report(browser, tmp_path)
    yield made
    assert made.problems == []


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_new_lake_says_what_to_do(report: Report, summary_of: Callable[[int], Summary]) -> None:
    page = report.open(summary_of(0))
    expect(page.get_by_text("No snapshot has been built yet")).to_be_visible()
    expect(page.get_by_text("Stage 2 has not run yet").first).to_be_visible()
    assert_accessible(page)
    report.shoot(page, "0-snapshots")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_snapshot(
    report: Report, summary_of: Callable[[int], Summary], scheme: Literal["light", "dark"]
) -> None:
    page = report.open(summary_of(1), scheme=scheme)
    states = states_of(FIRST, 1200)
    accredited = sum(one for one, _ in states.values())
    expect(page.get_by_text(f"{accredited:,}").first).to_be_visible()
    assert page.locator("#map li").count() == 56
    for state, (some, every) in states.items():
        tile = page.locator(f"#map li[data-state={state}]")
        assert f"{some} of {every} accredited" in (tile.get_attribute("title") or "")
    assert_accessible(page)
    report.shoot(page, f"1-snapshot-{scheme}")


def test_the_list_is_searched_and_sorted_by_keyboard(
    report: Report, summary_of: Callable[[int], Summary]
) -> None:
    summary = summary_of(1)
    assert summary.expirations is not None
    page = report.open(summary)
    rows = page.locator("#expirations tbody tr")
    shown = rows.filter(visible=True)
    listed = summary.expirations.next
    assert rows.count() == len(listed)
    page.get_by_label("Search").focus()
    page.keyboard.type("community tx")
    texts = [" ".join(map(str, astuple(one))).lower() for one in listed]
    wanted = [one for one in texts if "community" in one and "tx" in one]
    assert shown.count() == len(wanted) > 0
    expect(page.get_by_role("status")).to_have_text(f"{len(wanted)} of {len(listed)} shown")
    page.get_by_label("Search").fill("")
    assert shown.count() == len(listed)

    page.get_by_role("button", name="Facility", exact=True).focus()
    page.keyboard.press("Enter")
    names = page.locator("#expirations tbody th").all_inner_texts()
    assert names[0][0].lower() <= names[len(names) // 2][0].lower() <= names[-1][0].lower()
    expect(page.locator("#expirations th[aria-sort]")).to_have_text("Facility")
    page.keyboard.press("Enter")
    assert page.locator("#expirations tbody th").first.inner_text() == names[-1]


def test_the_keyboard_reaches_everything(report: Report, summary_of: Callable[[int], Summary]) -> None:
    page = report.open(summary_of(1))
    reached: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "() => { const e = document.activeElement; return e.id || e.getAttribute('aria-label') || e.textContent.trim() }"
            )
        )
    assert reached[0] == "Skip to the content"
    for wanted in (
        "States",
        "date",
        "search",
        "Facility",
        "Weeks as a table",
        "Rejects by file",
        "Data tests of the last run",
    ):
        assert wanted in reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_four_hundred_snapshots(
    report: Report, summary_of: Callable[[int], Summary], scheme: Literal["light", "dark"]
) -> None:
    summary = summary_of(400)
    page = report.open(summary, scheme=scheme)
    assert page.locator("#date option").count() == 400
    page.get_by_label("Snapshot", exact=True).select_option("2025-08-10")
    for state, (some, every) in states_of(FIRST, 80).items():
        tile = page.locator(f"#map li[data-state={state}]")
        assert (
            tile.get_attribute("title") == f"{tile.get_attribute('data-name')}: {some} of {every} accredited"
        )
    most = max(some for some, _ in states_of(FIRST, 80).values())
    legend = page.locator("#legend li").filter(visible=True).all_inner_texts()
    assert legend[-1].strip().split(" to ")[-1] == str(most)
    drawn = page.locator("#rejects svg rect").count()
    assert drawn == sum(len(one.reasons) for one in summary.snapshots.values())
    assert_accessible(page)
    size = page.evaluate("() => document.documentElement.outerHTML.length")
    assert size < 1_500_000
    page.get_by_label("Snapshot", exact=True).select_option(index=0)
    report.shoot(page, f"400-snapshots-{scheme}")


def test_a_narrow_window_does_not_scroll_sideways(
    report: Report, summary_of: Callable[[int], Summary]
) -> None:
    page = report.open(summary_of(1), width=380)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    right_of_text = (
        "(e) => { const r = new Range(); r.selectNodeContents(e); return r.getBoundingClientRect().right }"
    )
    captions = page.locator("caption:not(.heard)").filter(visible=True).all()
    assert captions
    assert all(caption.evaluate(right_of_text) <= 380 for caption in captions)
    assert_accessible(page)
    report.shoot(page, "1-snapshot-narrow")


def test_it_is_whole_without_the_script_and_on_paper(
    report: Report, summary_of: Callable[[int], Summary], tmp_path: Path
) -> None:
    summary = summary_of(1)
    page = report.open(summary, script=False)
    assert summary.expirations is not None
    assert page.locator("#expirations tbody tr").count() == len(summary.expirations.next)
    expect(page.locator("#search")).to_be_hidden()
    expect(page.locator("#date-shown")).to_have_text("2025-08-10")
    page = report.open(summary, scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator("#date-shown")).to_be_visible()
    expect(page.locator("#expirations button").first).to_be_hidden()
    title = page.locator("#expirations th").first.evaluate("(e) => getComputedStyle(e, '::before').content")
    assert title == '"Valid until"'
    paper = (Path(SHOTS) if SHOTS else tmp_path) / "report.pdf"
    page.pdf(path=paper, format="A4")
    assert paper.read_bytes().startswith(b"%PDF")
    # As wide as an A4 page without its margins.
    page.set_viewport_size({"width": 688, "height": 1000})
    for table in page.locator("table").filter(visible=True).all():
        assert table.evaluate("(e) => e.scrollWidth <= e.parentElement.clientWidth"), table.inner_text()[:80]
