"""The panel "By hand": a convolution over one's own digit, with real clicks and keys, checked against Python."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.helpers.accessibility import DESKTOP, PHONE, violations
from tests.helpers.drawings import png_of
from tests.helpers.kernel_panel import (
    KEY,
    choose,
    expect_numbers,
    open_on_three,
    open_panel,
    output,
    place,
    seen,
)
from tests.helpers.pad import draw, expect_digit, rendered, sample, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def panel(page):
    return open_on_three(page)


def test_it_opens_by_click_and_by_key_and_begins_where_there_is_something_to_see(page):
    draw(page, "8")
    expect_digit(page, "8")
    page.get_by_role("tab", name="By hand").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("slides over its pixels")
    expect(page.locator(".kernel .output figcaption")).to_contain_text("Output, 26 × 26")
    assert abs(output(page)) > 1
    page.keyboard.press(KEY)
    expect(page.locator("#panel")).to_be_hidden()
    page.keyboard.press(KEY)
    expect(page.locator(".kernel .work")).to_be_visible()


def test_it_plays_and_pauses_and_begins_nothing_by_itself(panel):
    before = place(panel)
    panel.wait_for_timeout(200)
    assert place(panel) == before
    panel.get_by_label("Speed").fill("6")
    expect(panel.locator(".rate")).to_have_text("64 per second")
    panel.get_by_role("button", name="Play", exact=True).click()
    wait_until(panel, lambda: 26 * (place(panel)[0] - before[0]) + place(panel)[1] - before[1] > 5)
    panel.get_by_role("button", name="Pause").click()
    paused = place(panel)
    panel.wait_for_timeout(100)  # at 64 steps a second
    assert place(panel) == paused
    panel.get_by_role("button", name="To the end").click()
    canvas = panel.get_by_role("application", name="The output")
    canvas.press("Space")  # from the end it begins anew
    wait_until(panel, lambda: 0 < sum(place(panel)) < 20)
    panel.keyboard.press(KEY)  # the panel is closed
    panel.wait_for_timeout(100)
    panel.keyboard.press(KEY)
    expect(panel.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert place(panel)[0] < 20


def test_the_networks_own_kernels_can_be_tried(panel, app):
    recognizer = app.extensions["digitpad"].loaded["digitpad"]
    learned = next(iter(recognizer.kernels().values())).weights
    select = panel.get_by_label("Kernel", exact=True)
    expect(select.locator("optgroup option")).to_have_count(len(learned))
    select.select_option("network-3")
    side = learned.shape[-1]
    expect(panel.locator(".formula")).to_contain_text(f"− {side})")
    shown = [float(field.input_value()) for field in panel.get_by_label("Weight in row").all()]
    assert shown == pytest.approx(learned[3].ravel().tolist(), abs=0.003)


def test_a_server_that_is_away_is_asked_again_for_its_kernels(open_page):
    page = open_page()
    page.route("**/models", lambda route: route.abort())
    draw(page, "4")
    expect_digit(page, "4")
    page.keyboard.press(KEY)
    select = page.get_by_label("Kernel", exact=True)
    select.select_option("blur")
    expect(select.locator("optgroup")).to_have_count(0)
    page.unroute("**/models")
    page.get_by_label("divided by").focus()
    select.focus()
    expect(select.locator("optgroup")).to_have_count(1)


def test_it_follows_the_drawing_and_keeps_the_place(panel):
    before = place(panel)
    panel.keyboard.press("Delete")
    expect(panel.locator(".kernel")).to_contain_text("Draw something first.")
    expect(panel.locator(".kernel .work")).to_be_hidden()
    for label in "17":
        sample(panel, label)
        expect_digit(panel, label)
        expect(panel.locator(".kernel .work")).to_be_visible()
        row, column = place(panel)
        assert (row, column) == before
        expect_numbers(panel, "patch", seen(panel)[row : row + 3, column : column + 3])
        panel.keyboard.press("Delete")


def test_it_says_that_nothing_is_drawn(page):
    page.keyboard.press(KEY)
    expect(page.locator(".kernel")).to_contain_text("Draw something first.")


def test_it_shows_the_digit_that_is_selected_in_a_number(page):
    sample(page, "274")
    expect_digit(page, "274")
    open_panel(page)
    images = []
    for nth in range(3):
        page.locator("#digits button").nth(nth).click()
        row, column = place(page)
        images.append(seen(page))
        expect_numbers(page, "patch", images[-1][row : row + 3, column : column + 3])
    assert not np.array_equal(images[0], images[1])
    assert not np.array_equal(images[1], images[2])


def test_it_looks_at_an_image_that_was_chosen(page):
    page.locator("#file").set_input_files({"name": "six.png", "mimeType": "image/png", "buffer": png_of("6")})
    expect_digit(page, "6")
    open_panel(page)
    row, column = place(page)
    expect_numbers(page, "patch", seen(page)[row : row + 3, column : column + 3])
    assert abs(output(page)) > 1


@pytest.mark.parametrize(
    ("screen", "scheme", "locale"),
    [(DESKTOP, "light", "zh-CN"), (DESKTOP, "dark", "en-GB"), (PHONE, "light", "en-GB"), (PHONE, "dark", "zh-CN")],
)
def test_axe_finds_no_violation(open_page, screen, scheme, locale):
    page = open_page(**screen, color_scheme=scheme, locale=locale)
    page.keyboard.press(KEY)
    assert violations(page) == []
    sample(page, "5")
    expect(page.locator(".kernel .work")).to_be_visible()
    assert violations(page) == []
    page.locator(".kernel input[value=max]").check(force=True)
    assert violations(page) == []
    heading = {"en-GB": "By hand", "zh-CN": "手算卷积"}[locale]
    expect(page.locator("#tab-kernel")).to_have_text(heading)


def test_only_the_arithmetic_scrolls_sideways(page):
    sample(page, "2")
    open_panel(page)
    screens = [(width, view) for width in (320, 360, 768, 1280, 2560) for view in ("Whole", "Close up")]
    for width, view in screens:
        page.set_viewport_size({"width": width, "height": 800})
        choose(page, size="5 × 5" if view == "Close up" else "3 × 3", padding="2", view=view)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = page.evaluate(
            """(width) => [...document.querySelectorAll(".kernel :is(button, input, select, canvas, label)")]
                 .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > width + 1).length""",
            width,
        )
        assert outside == 0
        region = page.get_by_role("region", name="The arithmetic of this step")
        assert region.evaluate("(it) => it.scrollWidth > it.clientWidth") or width > 400


def test_close_up_every_number_is_in_its_cell(open_page):
    """The close-up view has dark pixels where the colours alone have none: the numbers."""
    page = open_page(color_scheme="light")
    draw(page, "1")
    expect_digit(page, "1")
    page.keyboard.press(KEY)
    choose(page, operation="Max pooling")
    page.get_by_role("button", name="Start over").click()  # in the corner there is only paper

    def dark() -> int:
        rendered(page)
        return page.evaluate(
            """(canvas) => {
              const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width / 3, canvas.height / 3);
              let count = 0;
              for (let i = 0; i < data.length; i += 4) count += data[i] + data[i + 1] + data[i + 2] < 200;
              return count;
            }""",
            page.locator(".kernel .input canvas").element_handle(),
        )

    assert dark() == 0
    choose(page, view="Close up")
    assert dark() > 50
