"""Take the image of the first page that the README shows: .github/first_page.png, and first_page_dark.png.

It opens the built book (`make book`) in Chromium, draws a digit and waits for the network's answer. Each file also
contains the words of the page, so that a test notices when the page says something else.
"""

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin
from scipy.interpolate import make_interp_spline

from mnist_tutorial.reference.records import write_atomically
from site_checks.book_in_browser import chromium, new_page, serve, wait_until, wait_until_ready

ROOT = Path(__file__).resolve().parents[1]
FILES = {"light": ROOT / ".github" / "first_page.png", "dark": ROOT / ".github" / "first_page_dark.png"}
SIZE = (1100, 850)  # in the browser's pixels: wide enough for the book's contents on the left
SCALE = 1.5  # pixels of the image for each of the browser's
COLOURS = 64
WORDS = "Words"  # under which a PNG file keeps the words of the page
DIGIT = [  # strokes of points (x, y) from 0 to 1: a 4 that is nearly closed, as a 9 is
    [(0.5, 0.2), (0.39, 0.3), (0.3, 0.46), (0.44, 0.52), (0.64, 0.42)],
    [(0.66, 0.19), (0.64, 0.4), (0.6, 0.62), (0.57, 0.84)],
]
STEPS = 25  # of the mouse along a stroke
ANSWERED = "document.querySelector('.dp-words')?.textContent.startsWith('It looks like a ')"


def draw(page, strokes):
    """Draw curves through points from 0 to 1 on the page's pad with the mouse, one for each stroke."""
    box = page.locator(".dp-pad canvas").first.bounding_box()
    for stroke in strokes:
        curve = make_interp_spline(range(len(stroke)), stroke, k=2)
        points = curve(np.linspace(0, len(stroke) - 1, STEPS))
        screen = points * (box["width"], box["height"]) + (box["x"], box["y"])
        page.mouse.move(*screen[0])
        page.mouse.down()
        for point in screen[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def take(browser, address, scheme):
    """Return the image of the first page with a digit that was drawn and read, and the words of the page.

    scheme: "light" or "dark".
    """
    width, height = SIZE
    page = new_page(
        browser, address, color_scheme=scheme, device_scale_factor=SCALE, viewport={"width": width, "height": height}
    )
    page.goto(f"{address}/index.html")
    wait_until_ready(page)
    draw(page, DIGIT)
    wait_until(page, ANSWERED)
    page.evaluate("document.fonts.ready")
    page.mouse.move(width - 1, 1)  # so that nothing looks as if the mouse were on it
    page.evaluate("() => { document.activeElement.blur(); scrollTo({ top: 0, behavior: 'instant' }) }")
    wait_until_ready(page)
    words = page.locator("article").inner_text()
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    page.context.close()
    return image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE), words


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    html = ROOT / "_build" / "html"
    if not (html / "index.html").is_file():
        raise SystemExit("There is no book yet: make book")
    with serve(html) as address, chromium() as browser:
        for scheme, path in FILES.items():
            image, words = take(browser, address, scheme)
            note = PngImagePlugin.PngInfo()
            note.add_itxt(WORDS, words, zip=True)
            write_atomically(
                path, lambda to, image=image, note=note: image.save(to, "png", optimize=True, pnginfo=note)
            )
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
