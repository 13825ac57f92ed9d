"""The numbers of the panel "By hand", step by step, checked against Python."""

import numpy as np
import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional as F

from model.explain.convolution import KERNELS, convolve
from tests.helpers.kernel_panel import (
    choose,
    corner,
    expect_numbers,
    inked,
    numbers,
    open_on_three,
    output,
    place,
    seen,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def panel(page):
    return open_on_three(page)


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
