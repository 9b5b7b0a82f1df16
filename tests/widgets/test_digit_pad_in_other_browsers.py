"""In Firefox and in WebKit a photo with doubt is framed, and the frame is moved by pointer and by keyboard."""

import json

import numpy as np
import pytest
from digit_pad_photos import seven_and_nought
from other_browsers import BROWSERS, PLACES, serve_inbox, what_it_sends, write_widget_page

from mnist_tutorial.widgets.digit_pad import DigitPad

SCRIPT = """
(async () => {
  const find = (selector) => document.querySelector(selector);
  const until = async (done) => {
    while (!done()) await new Promise(requestAnimationFrame);
  };
  const state = () => [find(".dp-words").textContent, find(".dp-taken").textContent];
  await until(() => find(".dp-frame"));
  const first = find(".dp-doubts").textContent;
  find(".dp-choice").focus();
  await until(() => find(".dp-words").textContent.startsWith("Unsure"));
  const before = state();
  find(".dp-choice").click();
  await until(() => find(".dp-words").textContent.startsWith("It looks like"));
  const taken = state();
  find(".dp-frame").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
  await until(() => state()[1] !== taken[1]);
  const moved = state();
  const handle = find("[data-corner='11']").getBoundingClientRect();
  const [x, y] = [handle.left + handle.width / 2, handle.top + handle.height / 2];
  const point = (type, target, right, down) => target.dispatchEvent(new PointerEvent(type, {
    bubbles: true, pointerId: 5, pointerType: "mouse", clientX: x + right, clientY: y + down }));
  point("pointerdown", find("[data-corner='11']"), 0, 0);
  point("pointermove", find(".dp-frames"), -10, -10);
  point("pointerup", find(".dp-frames"), -10, -10);
  await until(() => state()[1] !== moved[1]);
  const colours = getComputedStyle(find(".dp-outline")).boxShadow;
  const boxes = [".dp-outline", ".dp-pad canvas"].map((one) => find(one).getBoundingClientRect());
  send("end", JSON.stringify({ first, before, taken, moved, resized: state(), colours, boxes }));
})();
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frame")
    write_widget_page(folder, DigitPad(photo=seven_and_nought()), SCRIPT)
    with serve_inbox(folder) as server:
        yield server


def numbers(sentence):
    """Return the frame of "Your frame: x 1, y 2, 3 × 4 of 5 × 6 pixels."."""
    return [int("".join(filter(str.isdigit, word))) for word in sentence.split() if any(map(str.isdigit, word))][:4]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", BROWSERS)
def test_a_frame_is_shown_and_moved_there(name, place, server, tmp_path):
    found = json.loads(what_it_sends(name, place, server, tmp_path)["end"])
    assert "error" not in found, found
    assert found["first"].startswith("There are two things in this photo")
    assert found["before"][0].startswith("Unsure: what was taken for the digit looks like a")
    taken, moved, resized = (numbers(found[one][1]) for one in ("taken", "moved", "resized"))
    pad = DigitPad(photo=seven_and_nought(), frame=taken)
    assert found["taken"][0].startswith(f"It looks like a {np.argmax(pad.probabilities)}")
    assert moved == [taken[0], taken[1] + 6, *taken[2:]]
    assert resized[:2] == moved[:2]
    assert all(8 <= old - new <= 12 for old, new in zip(moved[2:], resized[2:], strict=True))
    assert "rgb" in found["colours"]
    outline, pad_box = found["boxes"]
    pixel = 0.86 * pad_box["width"] / 280
    assert outline["left"] - pad_box["left"] == pytest.approx(0.07 * pad_box["width"] + resized[0] * pixel, abs=1)
    assert outline["width"] == pytest.approx(resized[2] * pixel, abs=1)
