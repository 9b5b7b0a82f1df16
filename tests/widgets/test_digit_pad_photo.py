"""DigitPad with a photo: opened, dropped, pasted, or set in Python; its steps; and files that are no good."""

import base64
import functools
import gzip
import io
import re
import struct
import zlib

import numpy as np
import pytest
import traitlets
from canvas import greys
from digit_pad_page import DIGITS, draw, image_shown, open_more, press, settle, shares, words
from digit_pad_photos import choose, come_to_rest, hand_over, saved, seven
from PIL import Image

from mnist_tutorial import handwriting
from mnist_tutorial.handwriting import HandwritingError, preparation
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.digit_pad import STEPS, DigitPad

LABELS = dict(
    zip(
        STEPS,
        (
            "Even out the paper",
            "Light ink on black",
            "Keep only the digit",
            "Crop to the ink",
            "Widen thin strokes",
            "Scale to 20 × 20",
            "Centre by weight",
        ),
        strict=True,
    )
)


def header_of(width, height):
    """Return a PNG of a few bytes that claims to be of some size."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


@pytest.fixture
def page(open_page):
    page = open_page(DigitPad(), has_touch=True)
    open_more(page)
    return page


def trouble(page):
    return page.locator(".dp-trouble").inner_text()


def assert_answers(page, photo, skip=()):
    """Compare with what Python makes of the same photo."""
    photo = np.asarray(photo)
    image, probabilities = answer_in_python(photo.tobytes(), photo.shape, photo.dtype.str, tuple(skip))
    assert np.abs(image_shown(page) - image).max() <= 1
    np.testing.assert_allclose(shares(page), probabilities, atol=0.002)


@functools.cache
def answer_in_python(content, shape, dtype, skip):
    """Return the image and the probabilities of a pad in Python; the same photo is asked for many times."""
    pad = DigitPad(photo=np.frombuffer(content, dtype).reshape(shape), skip=list(skip))
    return pad.image.astype(int), pad.probabilities


@pytest.mark.parametrize("way", ["button", "drop", "paste", "key", "tap"])
def test_a_photo_is_opened_and_answered(way, page):
    content = saved(seven())
    if way == "button":
        choose(page, content)
    elif way in ("key", "tap"):
        button = page.get_by_role("button", name="Open a photo")
        with page.expect_file_chooser() as chooser:
            button.press("Enter") if way == "key" else button.tap()
        chooser.value.set_files({"name": "7.png", "mimeType": "image/png", "buffer": content})
        come_to_rest(page)
    else:
        assert hand_over(page, way, content) == ([True, 1, 0] if way == "drop" else True)
    assert_answers(page, seven())
    assert "looks like a 7" in words(page)
    assert not page.get_by_text("Draw here").is_visible()
    page.locator(".bw-live").filter(has_text="The network says 7,").wait_for(state="attached")
    assert page.get_by_role("application", name="pad with a photo").count() == 1
    assert page.get_by_text("It does not leave this computer.").is_visible()
    assert trouble(page) == ""


@pytest.mark.parametrize("use", ["click", "tap", "press"])
def test_every_step_has_a_switch(use, page):
    assert page.get_by_role("checkbox").count() == 3  # a drawing needs no even paper
    choose(page, saved(seven()))
    assert page.get_by_role("group", name="Steps").get_by_role("checkbox").count() == 7
    for name, label in LABELS.items():
        box = page.get_by_label(label)
        for skip in ([name], []):
            box.press("Space") if use == "press" else getattr(box, use)()
            settle(page)
            assert box.is_checked() == (not skip)
            assert_answers(page, seven(), skip)
            steps = handwriting.prepare(seven(), skip=skip).steps if use == "click" else {}
            for other, canvas in zip(STEPS, page.locator(".dp-step canvas").all(), strict=True):
                assert canvas.is_visible() == (other not in skip)
                if other not in skip and use == "click":
                    found, expected = greys(canvas), steps[other].astype(int)
                    assert found.shape == expected.shape
                    assert np.abs(found - expected).max() <= 1


def test_a_drawing_or_clear_takes_the_photos_place_and_a_photo_the_drawings(page):
    draw(page, DIGITS[1][0])
    drawing = image_shown(page)
    choose(page, saved(seven()))
    assert_answers(page, seven())
    draw(page, DIGITS[1][0])
    np.testing.assert_array_equal(image_shown(page), drawing)
    assert page.get_by_role("checkbox").count() == 3
    choose(page, saved(seven()))
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert not image_shown(page).any()
    assert shares(page) is None
    assert words(page) == "Nothing is drawn yet."
    choose(page, saved(seven()))  # the same file again
    page.locator(".dp-pad").focus()
    press(page, "Delete")
    assert shares(page) is None
    choose(page, saved(seven()))
    page.locator(".dp-pad").focus()
    press(page, "Space", "Space")
    assert page.get_by_role("application", name="pad to draw a digit on").count() == 1


def test_odd_images_are_read_right(page):
    grey = seven()
    values = np.asarray(grey)
    clear = Image.new("RGBA", grey.size, "black")
    clear.putalpha(Image.fromarray(255 - values))
    turned = Image.Exif()
    turned[0x0112] = 6
    odd = {
        "animated": saved(grey, "GIF", save_all=True, append_images=[Image.new("L", grey.size, 9)]),
        "CMYK": saved(grey.convert("CMYK"), "JPEG"),
        "16 bit": saved(Image.fromarray(values.astype(np.uint16) * 257)),
        "palette": saved(grey.convert("P", palette=Image.Palette.ADAPTIVE, colors=16)),
        "transparent": saved(clear),
        "turned": saved(grey.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=turned),
        "large": saved(grey.resize((1600, 2000), Image.Resampling.NEAREST)),
        "long": saved(seven((960, 200)), "BMP"),
        "WebP": saved(grey, "WEBP"),
        "WebP without loss": saved(grey, "WEBP", lossless=True),
        "WebP, transparent": saved(clear, "WEBP"),
    }
    for name, content in odd.items():
        hand_over(page, "drop", content)
        assert trouble(page) == "", name
        expected = handwriting.prepare(Image.open(io.BytesIO(content))).image
        found = image_shown(page)
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.98, name
        assert np.argmax(shares(page)) == 7, name


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty. The pad takes PNG"),
        (b"three plain words", "is not an image that can be read here. The pad takes PNG, JPEG, GIF, BMP and WebP"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is not an image that can be read here"),
        (saved(seven())[:-200], "is damaged or not complete"),
        (saved(seven(), "JPEG")[:-200], "is damaged or not complete"),
        (saved(seven(), "JPEG")[:30], "is damaged or not complete"),
        (header_of(10_000, 5_001), "10,000 × 5,001 pixels: the pad takes up to 50 million"),
        (header_of(0, 9), "is damaged or not complete"),
        (saved(Image.new("L", (7, 90))), "7 × 90 pixels: too few"),
        (saved(Image.new("RGB", (90, 90), "blue")), "No ink was found"),
        (None, ""),
    ],
)
def test_what_is_no_good_is_told_and_changes_nothing(content, message, page):
    choose(page, saved(seven()))
    before = image_shown(page), shares(page), words(page)
    if content is None:  # words are dropped and pasted: not for us
        assert hand_over(page, "drop", b"", name="") == [False, 0, 0]
        assert not hand_over(page, "paste", b"", name="")
    else:
        hand_over(page, "drop", content)
        page.locator(".bw-live").filter(has_text=message).wait_for(state="attached")
    assert message in trouble(page)
    np.testing.assert_array_equal(image_shown(page), before[0])
    assert (shares(page), words(page)) == before[1:]
    choose(page, saved(seven()))
    assert trouble(page) == ""


def test_headers_tell_the_size_before_anything_is_decoded(chromium):
    page = chromium.new_context(offline=True).new_page()
    source = bundle.front_end(bundle.FOLDER / "digit_pad" / "photo_file.js")
    page.evaluate(
        "async (source) => { window.module = await import(URL.createObjectURL("
        "new Blob([source], { type: 'text/javascript' }))); }",
        source,
    )
    image = Image.new("RGB", (300, 70), "red")
    clear = Image.new("RGBA", (300, 70))
    files = {kind: saved(image, kind) for kind in ("PNG", "GIF", "BMP", "WEBP", "JPEG")}
    files["lossless"] = saved(image, "WEBP", lossless=True)
    files["extended"] = saved(clear, "WEBP", save_all=True, append_images=[image.convert("RGBA")])
    files["progressive"] = saved(image, "JPEG", progressive=True, exif=b"Exif\0\0" + bytes(5000))
    for name, content in files.items():
        script = (
            "(text) => module.sizeInHeader(new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer))"
        )
        assert page.evaluate(script, base64.b64encode(content).decode()) == [300, 70], name
    assert page.evaluate(script, base64.b64encode(b"RIFF....WEBPVP8?" + bytes(20)).decode()) is None
    page.context.close()


def test_a_photo_set_in_python_stands_in_the_page(open_page):
    pad = DigitPad(photo=seven(), skip=["centre"])
    html = pad.page_html()
    assert len(gzip.compress(html.encode())) < 90_000
    page = open_page(pad)
    np.testing.assert_array_equal(image_shown(page), pad.image)
    assert not page.get_by_label("Centre by weight").is_checked()
    page.get_by_label("Centre by weight").click()
    settle(page)
    assert_answers(page, seven())
    plain = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert "step by step (the photo, even paper, light on dark, only the digit, cropped, widened, scaled)" in plain
    assert f"7: {100 * pad.probabilities[7]:.1f}%" in plain


def test_two_on_a_page_do_not_disturb_each_other(open_page):
    page = open_page(DigitPad(), DigitPad(), viewport={"width": 1280, "height": 1800})
    hand_over(page, "drop", saved(seven()), index=1)
    page.locator(".dp-words").nth(1).filter(has_text="looks like a 7").wait_for()
    assert shares(page, 0) is None
    assert page.locator(".dp-words").nth(0).inner_text() == "Nothing is drawn yet."


def test_narrow_screens_need_no_scrolling_sideways(open_page):
    page = open_page(DigitPad(photo=seven()), viewport={"width": 320, "height": 700})
    hand_over(page, "drop", b"not an image", name=f"{'long' * 30}.png")
    assert page.evaluate("() => document.documentElement.scrollWidth") == 320


# In Python.


def test_python_reads_sets_and_follows_the_photo(tmp_path):
    pad = DigitPad(strokes=DIGITS[1])
    heard = []
    pad.observe(lambda change: heard.append(change.name), ["photo", "strokes"])
    path = tmp_path / "7.png"
    seven().save(path)
    pad.photo = path
    assert heard == ["strokes", "photo"]
    assert pad.strokes == []
    np.testing.assert_array_equal(pad.photo, seven())
    np.testing.assert_array_equal(pad.image, handwriting.prepare(path).image)
    assert np.argmax(pad.probabilities) == 7
    with pytest.raises(ValueError, match="read-only"):
        pad.photo[0, 0] = 0
    pad.photo = np.asarray(seven())  # the same
    assert len(heard) == 2
    pad.skip = ["centre", "background"]
    assert pad.skip == ["background", "centre"]
    np.testing.assert_array_equal(pad.image, handwriting.prepare(path, skip=pad.skip).image)
    pad.strokes = DIGITS[1]
    assert pad.photo is None
    assert pad.get_state("photo") == {"photo": b""}
    pad.photo = np.asarray(seven().resize((640, 800)))
    assert pad.photo.shape == (267, 214)
    pad.photo = None
    assert pad.probabilities == []
    assert not pad.image.any()


def test_what_the_front_end_sends_is_taken_over():
    pad = DigitPad()
    sent = DigitPad(photo=seven()).get_state("photo")["photo"]
    pad.set_state({"photo": memoryview(sent), "strokes": []})
    np.testing.assert_array_equal(pad.photo, seven())
    pad.set_state({"photo": memoryview(b""), "strokes": DIGITS[1]})
    assert pad.photo is None
    assert pad.strokes == DIGITS[1]
    for wrong in (sent[:-1], sent[:3], sent + b"0"):
        with pytest.raises(traitlets.TraitError, match="4 for height and width"):
            pad.set_state({"photo": memoryview(wrong)})


def test_the_ink_of_a_photo_is_found_once(monkeypatch):
    calls = []
    find_ink = preparation.find_ink
    monkeypatch.setattr(preparation, "find_ink", lambda grey: calls.append(grey.shape) or find_ink(grey))
    photo = np.asarray(seven().rotate(3, fillcolor=200))
    pad = DigitPad(photo=photo)
    pad.page_html()
    pad.skip = ["thicken"]
    assert calls == [photo.shape]
    np.testing.assert_array_equal(pad.image, handwriting.prepare_grey(pad.photo, ["thicken"]).image)
    assert len(calls) == 2  # prepare_grey() looks itself
    pad.frame = [0, 0, 150, 190]
    pad.skip = []
    assert calls[2:] == [(190, 150)]
    np.testing.assert_array_equal(pad.image, handwriting.prepare(pad.photo, frame=pad.frame).image)


def test_photos_that_cannot_be_used_are_refused(tmp_path):
    pad = DigitPad(photo=seven())
    for wrong in (np.zeros((50, 50)), np.zeros((3, 3)), np.full((9, 9), np.nan), 7, "\0"):
        with pytest.raises(HandwritingError):
            pad.photo = wrong
    with pytest.raises(FileNotFoundError):
        pad.photo = tmp_path / "none.png"
    np.testing.assert_array_equal(pad.photo, seven())
    with pytest.raises(ValueError, match="one of the two"):
        DigitPad(photo=seven(), strokes=DIGITS[1])


# While it is read.


def test_what_is_done_with_a_large_photo_is_on_the_screen_before_it_is_done(page):
    """Each frame that the browser draws is noted: a line that is written and replaced in between is seen by nobody."""
    page.evaluate(
        """() => {
          window.seen = [];
          const note = () => {
            const text = document.querySelector(".dp-trouble").textContent;
            if (seen[seen.length - 1] !== text) seen.push(text);
            requestAnimationFrame(note);
          };
          note();
        }"""
    )
    content = saved(seven().resize((3200, 4000)))
    hand_over(page, "drop", content)
    seen = page.evaluate("seen")
    assert seen[:2] == ["", "Reading the photo …"]
    assert seen[-2:] == ["Looking for the digit …", ""]
    parts = [int(text.split()[-1].rstrip("%")) for text in seen[2:-2]]
    assert parts == sorted(parts)
    assert "It looks like a 7" in words(page)
    page.locator(".bw-live").filter(has_text="The network says 7").wait_for(state="attached")


@pytest.mark.parametrize("step", ["Reading the photo …", "Looking for the digit …"])
def test_a_photo_that_is_cleared_while_it_is_read_does_not_come(page, step):
    page.evaluate(
        """(step) => {
          const line = document.querySelector(".dp-trouble");
          const clear = [...document.querySelectorAll(".dp button")].find((one) => one.textContent === "Clear");
          window.cleared = 0;
          new MutationObserver(() => {
            if (line.textContent !== step || cleared++) return;
            clear.click();
          }).observe(line, { childList: true, characterData: true, subtree: true });
        }""",
        step,
    )
    hand_over(page, "drop", saved(seven().resize((1600, 2000))))
    page.wait_for_function("cleared === 1")
    for _ in range(10):
        settle(page)
    assert trouble(page) == ""
    assert words(page) == "Nothing is drawn yet."
    assert page.get_by_role("application", name="pad to draw a digit on").count() == 1
