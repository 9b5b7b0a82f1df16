"""Photos for tests of DigitPad, and ways to hand them to it."""

import base64
import io

import numpy as np
from digit_pad_page import open_more, settle
from PIL import Image, ImageDraw

BOXES = {7: (45, 35, 106, 125), 0: (185, 38, 236, 123)}  # of the ink on seven_and_nought(): left, top, right, bottom


def seven(size=(160, 200)):
    """Return a photo of a 7, in grey levels: dark ink, light from the right."""
    image = Image.new("L", size, 220)
    ImageDraw.Draw(image).line([(50, 50), (115, 50), (75, 150)], fill=40, width=12, joint="curve")
    return Image.fromarray(np.uint8(np.asarray(image) * np.linspace(0.6, 1, size[0])))


def saved(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def choose(page, content, name="digit.png"):
    """Give a file to the button, as the browser's own dialogue does."""
    open_more(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a photo").click()
    chooser.value.set_files({"name": name, "mimeType": "image/png", "buffer": content})
    come_to_rest(page)


def come_to_rest(page):
    page.wait_for_function("() => !document.querySelector('.dp-trouble').textContent.includes(' …')")
    settle(page)


def hand_over(page, kind, content, name="digit.png", index=0):
    """Drop or paste a file."""
    default_prevented = page.evaluate(
        """([kind, text, name, index]) => {
          const data = new DataTransfer();
          if (name) data.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name,
            { type: "image/png" }));
          else data.setData("text/plain", "words");
          const pad = document.querySelectorAll(".dp-pad")[index];
          const options = { bubbles: true, cancelable: true };
          const paste = new ClipboardEvent("paste", { ...options, clipboardData: data });
          if (kind === "paste") return !pad.dispatchEvent(paste);
          const over = pad.dispatchEvent(new DragEvent("dragover", { ...options, dataTransfer: data }));
          const marked = document.querySelectorAll(".dp-over").length;
          pad.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: data }));
          return [!over, marked, document.querySelectorAll(".dp-over").length];
        }""",
        [kind, base64.b64encode(content).decode(), name, index],
    )
    come_to_rest(page)
    return default_prevented


def seven_and_nought():
    """Return a photo of a 7 and, to the right of it, a 0: 160 rows of 280 pixels, dark ink on grey paper."""
    image = Image.new("L", (280, 160), 215)
    pen = ImageDraw.Draw(image)
    pen.line([(50, 40), (100, 40), (70, 120)], fill=40, width=11, joint="curve")
    pen.ellipse([185, 38, 235, 122], outline=40, width=11)
    return image


def ask(page):
    """Have the network answer about the photo that is there."""
    page.locator(".dp-photo button:visible").first.focus()
    settle(page)


def doubts(page):
    return page.locator(".dp-doubts p").all_inner_texts()


def shown_frame(page, selector=".dp-outline", side=280, photo=(160, 280)):
    """Return where a frame stands on the photo, in the photo's pixels: x, y, width, height."""
    pad, box = page.locator(".dp-pad canvas").bounding_box(), page.locator(selector).bounding_box()
    pixel = 0.86 * pad["width"] / side
    left, top = (pad["width"] - photo[1] * pixel) / 2, (pad["height"] - photo[0] * pixel) / 2
    x, y = box["x"] - pad["x"] - left, box["y"] - pad["y"] - top
    return np.array([x, y, box["width"], box["height"]]) / pixel


def on_screen(page, x, y):
    """Return where a place on the photo is on the screen."""
    pad = page.locator(".dp-pad canvas").bounding_box()
    pixel = 0.86 * pad["width"] / 280
    return pad["x"] + 0.07 * pad["width"] + x * pixel, pad["y"] + (pad["height"] - 160 * pixel) / 2 + y * pixel


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*(np.add(start, end) / 2))
    page.mouse.move(*end)
    page.mouse.up()
    settle(page)


def assert_holds(frame, digit):
    """Check that a frame goes around the ink of a digit, with at most as much paper at each side as it is high."""
    x, y, width, height = frame
    left, top, right, bottom = BOXES[digit]
    assert max(0, top - 45) <= y <= top - 5
    assert left - 45 <= x <= left - 5
    assert right + 5 <= x + width <= right + 45
    assert bottom + 5 <= y + height <= min(160, bottom + 45)
