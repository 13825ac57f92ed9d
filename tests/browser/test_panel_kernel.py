"""The panel "By hand": a convolution over one's own digit, with real clicks and keys, checked against Python."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect
from torch.nn import functional as F

from model.convolution import KERNELS, convolve
from tests.browser.pad import draw, expect_digit
from tests.browser.test_manners import DESKTOP, PHONE, violations
from tests.conftest import png_of
from web.words import PANELS

pytestmark = pytest.mark.browser

KEY = str(PANELS.index("kernel") + 1)


@pytest.fixture
def panel(page):
    sample(page, 3)  # one change, one answer: nothing moves any more
    open_panel(page)
    expect_digit(page, "3")
    return page


def sample(page, digit: int) -> None:
    page.locator("#samples button").nth(digit).click()


def open_panel(page) -> None:
    page.keyboard.press(KEY)
    expect(page.locator(".kernel .work")).to_be_visible(timeout=20_000)


def choose(page, **choices: str) -> None:
    groups = {"operation": "Operation", "size": "Window", "stride": "Stride", "padding": "Padding", "view": "View"}
    for name, value in choices.items():
        group = page.get_by_role("radiogroup", name=groups[name])
        group.locator("label:visible").filter(has_text=value).first.click()


def numbers(page, part: str) -> list[float]:
    texts = page.locator(f".kernel .{part} td").all_text_contents()
    return [float(text.replace("−", "-").replace("–", "0")) for text in texts]


def place(page) -> tuple[int, int]:
    """Read which output pixel is looked at, counted from 0."""
    words = page.locator(".kernel .place").text_content().replace(",", "").split()
    return int(words[words.index("row") + 1]) - 1, int(words[words.index("column") + 1]) - 1


def output(page) -> float:
    (value,) = numbers(page, "made")
    return value


def seen(page) -> np.ndarray:
    """Decode the image that the network saw: (28, 28), from 0 to 1."""
    data = base64.b64decode(page.locator("#seen").get_attribute("src").split(",")[1])
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("L")) / 255


def corner(page, part: str) -> dict[str, float]:
    canvas = page.locator(f".kernel .{part} canvas")
    canvas.evaluate("(it) => it.scrollIntoView({ block: 'center' })")
    return canvas.bounding_box()


def inked(page, part: str) -> int:
    """Count the pixels of a canvas that have another colour than its paper, the lines and the frames left out."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate(
        """(canvas) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 0; i < data.length; i += 4) count += Math.abs(data[i] - data[i + 2]) > 60;
          return count;
        }""",
        page.locator(f".kernel .{part} canvas").element_handle(),
    )


def expect_numbers(page, part: str, values: np.ndarray) -> None:
    """Expect numbers of two digits, as soon as the page has caught up."""
    wanted = [f"{value:.2f}" for value in np.ravel(values)]
    cells = page.locator(f".kernel .{part} td")
    expect(cells).to_have_count(len(wanted))
    for _ in range(50):
        if np.allclose(numbers(page, part), np.ravel(values), atol=0.00501):
            return
        page.wait_for_timeout(100)
    assert numbers(page, part) == wanted


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


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 2), (3, 1)])
def test_every_number_is_pythons(panel, stride, padding):
    choose(panel, stride=str(stride), padding=str(padding))
    image = seen(panel)
    framed = np.pad(image, padding)
    canvas = panel.get_by_role("application", name="The output")
    ways = ["ArrowUp", "ArrowDown ArrowDown ArrowRight", "ArrowLeft", "ArrowUp", "End", "ArrowUp Home", "ArrowRight"]
    for (kernel, weights), keys in zip(KERNELS.items(), ways, strict=True):
        panel.get_by_label("Kernel", exact=True).select_option(kernel)
        right = convolve(image[None, None], np.array(weights)[None, None], stride, padding)[0, 0]
        side = len(right)
        expect(panel.locator(".kernel .output figcaption")).to_contain_text(f"Output, {side} × {side}")
        expect(panel.locator(".formula")).to_have_text(f"⌊(28 + 2 × {padding} − 3) ÷ {stride}⌋ + 1 = {side}")
        for key in keys.split():
            canvas.press(key)
        row, column = place(panel)
        patch = framed[row * stride :, column * stride :][:3, :3]
        expect_numbers(panel, "patch", patch)
        divisor = float(panel.get_by_label("divided by").input_value())
        expect_numbers(panel, "products", patch * weights * divisor)
        assert output(panel) == pytest.approx(right[row, column], abs=0.00501)
        expect(panel.locator(".sum strong")).to_have_text(panel.locator(".made td").text_content())


@pytest.mark.parametrize("operation", ["Max pooling", "Average pooling"])
def test_pooling_is_torchs(panel, operation):
    pool = F.max_pool2d if operation.startswith("Max") else F.avg_pool2d
    canvas = panel.get_by_role("application", name="The output")
    choose(panel, operation=operation)
    expect(panel.locator(".editor")).to_be_hidden()
    for size, stride, padding in ((2, 2, 0), (2, 1, 1), (3, 3, 1), (5, 2, 2)):
        choose(panel, size=f"{size} × {size}", stride=str(stride), padding=str(padding))
        right = pool(torch.tensor(seen(panel))[None, None], size, stride, padding)[0, 0].numpy()
        expect(panel.locator(".kernel .output figcaption")).to_contain_text(f"Output, {len(right)} × {len(right)}")
        for key in ("ArrowUp", "End", "ArrowLeft"):
            canvas.press(key)
            assert output(panel) == pytest.approx(right[place(panel)], abs=0.00501)
        chosen = panel.locator(".patch td.chosen")
        if operation.startswith("Max"):
            expect(chosen).to_have_count(1)
            assert float(chosen.text_content()) == max(numbers(panel, "patch"))
        else:
            expect(chosen).to_have_count(0)
            expect(panel.locator(".sum")).to_contain_text(f"÷ {size * size} = ")


def test_the_frame_is_no_wider_than_half_a_window_in_pooling(panel):
    choose(panel, padding="2", operation="Max pooling", size="5 × 5")
    choose(panel, padding="2", size="3 × 3")
    expect(panel.get_by_role("radiogroup", name="Padding").locator("label:visible")).to_have_count(2)
    expect(panel.locator(".formula")).to_contain_text("2 × 1 − 3")
    choose(panel, operation="Convolution")  # each keeps its own
    expect(panel.locator(".formula")).to_contain_text("2 × 2 − 3")


def test_the_output_fills_as_one_steps(panel):
    step, back, end, restart = (
        panel.get_by_role("button", name=name, exact=True) for name in ("Step", "Back", "To the end", "Start over")
    )
    half = inked(panel, "output")
    end.click()
    expect(panel.locator(".place")).to_contain_text("Step 676 of 676")
    full = inked(panel, "output")
    assert full > 1.3 * half > 0
    step.click(force=True)  # there is no further step
    expect(panel.locator(".place")).to_contain_text("Step 676")
    back.click()
    expect(panel.locator(".place")).to_contain_text("Step 675 of 676: row 26, column 25")
    restart.click()
    expect(panel.locator(".place")).to_contain_text("Step 1 of 676: row 1, column 1")
    assert inked(panel, "output") < 0.2 * half
    back.click(force=True)
    for _ in range(3):
        step.click()
    assert place(panel) == (0, 3)


def test_it_plays_and_pauses_and_begins_nothing_by_itself(panel):
    before = place(panel)
    panel.wait_for_timeout(500)
    assert place(panel) == before
    panel.get_by_label("Speed").fill("6")
    expect(panel.locator(".rate")).to_have_text("64 per second")
    panel.get_by_role("button", name="Play", exact=True).click()
    panel.wait_for_timeout(600)
    panel.get_by_role("button", name="Pause").click()
    paused = place(panel)
    assert 26 * (paused[0] - before[0]) + paused[1] - before[1] > 5
    panel.wait_for_timeout(300)
    assert place(panel) == paused
    panel.get_by_role("button", name="To the end").click()
    canvas = panel.get_by_role("application", name="The output")
    canvas.press("Space")  # from the end it begins anew
    panel.wait_for_timeout(300)
    panel.keyboard.press(KEY)  # and nobody looks on
    panel.wait_for_timeout(200)
    panel.keyboard.press(KEY)
    expect(panel.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert place(panel)[0] < 20


def test_a_click_chooses_a_pixel_of_the_output_and_of_the_input(panel):
    box = corner(panel, "output")
    cell = box["width"] / 26
    panel.mouse.click(box["x"] + 20.5 * cell, box["y"] + 17.5 * cell)
    assert place(panel) == (17, 20)
    panel.mouse.move(box["x"] + 2.5 * cell, box["y"] + 3.5 * cell)
    panel.mouse.down()
    panel.mouse.move(box["x"] + 5.5 * cell, box["y"] + 7.5 * cell)
    assert place(panel) == (7, 5)
    panel.mouse.up()
    box = corner(panel, "input")
    cell = box["width"] / 28
    panel.mouse.click(box["x"] + 20.5 * cell, box["y"] + 17.5 * cell)
    assert place(panel) == (16, 19)  # the window lies around it
    panel.mouse.click(box["x"] + 27.5 * cell, box["y"] + 0.5 * cell)
    assert place(panel) == (0, 25)
    choose(panel, view="Close up")
    here = output(panel)
    box = corner(panel, "output")
    panel.mouse.click(
        box["x"] + box["width"] - 5, box["y"] + 5
    )  # nine by nine pixels are seen, and this one is in a corner
    assert (place(panel), output(panel)) == ((0, 25), here)
    panel.mouse.click(box["x"] + 5, box["y"] + box["height"] - 5)
    assert place(panel) == (8, 17)


def test_the_place_is_told_to_who_cannot_see_it(panel):
    canvas = panel.get_by_role("application", name="The output")
    canvas.press("ArrowRight")
    row, column = place(panel)
    told = f"Row {row + 1}, column {column + 1}: {panel.locator('.sum strong').text_content()}"
    expect(panel.locator(".kernel [aria-live]")).to_have_text(told)
    assert told in canvas.get_attribute("aria-label")
    expect(panel.get_by_role("img", name=f"covers rows {row + 1} and columns {column + 1} onwards")).to_be_visible()


def test_numbers_are_typed_and_no_key_of_the_page_fires(panel):
    drawn = seen(panel)
    centre = panel.get_by_label("Weight in row 2, column 2")
    centre.click()
    centre.press("Control+a")
    centre.press("Delete")  # which elsewhere clears the pad
    expect(centre).to_have_attribute("aria-invalid", "true")
    centre.press_sequentially("-2.5")  # and digits elsewhere open panels
    expect(panel.get_by_label("Kernel", exact=True)).to_have_value("typed")
    panel.get_by_label("divided by").fill("4")
    row, column = place(panel)
    weights = -np.ones((3, 3))
    weights[1, 1] = -2.5
    right = (drawn[row : row + 3, column : column + 3] * weights).sum() / 4
    expect(panel.locator(".sum strong")).to_have_text(f"{right:.2f}".replace("-", "−"))
    for wrong in ("", "0"):
        panel.get_by_label("divided by").fill(wrong)
        expect(panel.get_by_label("divided by")).to_have_attribute("aria-invalid", "true")
    centre.fill("1e9")
    centre.press("Tab")
    expect(centre).to_have_value("-2.5")
    expect(panel.get_by_label("divided by")).to_have_value("4")
    choose(panel, size="5 × 5")  # what was typed stays, in a frame of zeros
    expect(panel.get_by_label("Weight in row 3, column 3")).to_have_value("-2.5")
    expect(panel.get_by_label("Weight in row 1, column 3")).to_have_value("0")
    choose(panel, size="3 × 3")
    expect(centre).to_have_value("-2.5")
    assert np.array_equal(seen(panel), drawn)


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
        draw(panel, label)
        expect_digit(panel, label)
        expect(panel.locator(".kernel .work")).to_be_visible()
        row, column = place(panel)
        assert (row, column) == before
        for _ in range(50):  # answers to the last points of the stroke may still come
            patch = seen(panel)[row : row + 3, column : column + 3].ravel()
            if np.allclose(numbers(panel, "patch"), patch, atol=0.00501):
                break
            panel.wait_for_timeout(100)
        assert numbers(panel, "patch") == pytest.approx(patch.tolist(), abs=0.00501)
        panel.keyboard.press("Delete")


def test_it_says_that_nothing_is_drawn(page):
    page.keyboard.press(KEY)
    expect(page.locator(".kernel")).to_contain_text("Draw something first.")


def test_it_shows_the_digit_that_is_selected_in_a_number(page):
    for digit in (2, 7, 4):
        sample(page, digit)
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
    sample(page, 5)
    expect(page.locator(".kernel .work")).to_be_visible(timeout=20_000)
    assert violations(page) == []
    page.locator(".kernel input[value=max]").check(force=True)
    assert violations(page) == []
    heading = {"en-GB": "By hand", "zh-CN": "手算卷积"}[locale]
    expect(page.locator("#tab-kernel")).to_have_text(heading)


def test_only_the_arithmetic_scrolls_sideways(page):
    sample(page, 2)
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
    """What is drawn close up has far more ink than colours alone: that of the numbers."""
    page = open_page(color_scheme="light")
    draw(page, "1")
    expect_digit(page, "1")
    page.keyboard.press(KEY)
    choose(page, operation="Max pooling")
    page.get_by_role("button", name="Start over").click()  # there is paper only, so far

    def dark() -> int:
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
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
