"""The reader's own network in a page: widgets take it, it is kept over visits, forgotten, and refused in words."""

import base64
import re

import numpy as np
import pytest
from network_files import weights_for
from small_network import images, network, widget_files
from wording import a_digit

from mnist_tutorial.network_file import build_network
from mnist_tutorial.processing import process_images
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.layer_explorer import LayerExplorer
from mnist_tutorial.widgets.network_view import NetworkView
from mnist_tutorial.widgets.sample_inspector import SampleInspector

__all__ = ["images", "network", "widget_files"]  # fixtures

SETTINGS = {"filters": 6, "kernelSize": 4, "hiddenUnits": 21}
NAME = "97.2% of validation images"
STROKES = [[[0.3, 0.22], [0.68, 0.2], [0.6, 0.4], [0.48, 0.82]]]
ASK = """async ([name, given]) => {
  const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer);
  if (given) given.weights = given.weights.map(floats);
  try {
    return await mnistTutorial[name](given);
  } catch (error) {
    return `refused: ${error.message}`;
  }
}"""
STORE = """([name, value]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("mnist-tutorial", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("networks");
  opening.onsuccess = () => {
    const database = opening.result;
    const transaction = database.transaction("networks", "readwrite");
    const store = transaction.objectStore("networks");
    const request = name === "put" ? store.put(value, "own") : store[name]("own");
    transaction.oncomplete = () => { database.close(); resolve(request.result); };
    transaction.onabort = reject;
  };
})"""
PREDICT = """async (all) => {
  const found = [];
  for (const one of all) found.push(await mnistTutorial.predict(one));
  return found;
}"""
FORBIDDEN = """
Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("denied", "SecurityError"); } });
Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
"""


def larger_weights(settings):
    return [4 * one for one in weights_for(settings)]  # so that what it says of digits differs


@pytest.fixture(scope="module")
def own():
    """Return a network that no other test uses, and its weights."""
    weights = larger_weights(SETTINGS)
    return build_network(SETTINGS, weights), weights


def given(weights, settings=SETTINGS, name=NAME):
    texts = [base64.b64encode(np.ascontiguousarray(one, "<f4").tobytes()).decode("ascii") for one in weights]
    return {"settings": settings, "weights": texts, "name": name}


def use(page, own):
    return page.evaluate(ASK, ["useNetwork", given(own[1])])


def ask(page, name):
    return page.evaluate(ASK, [name, None])


def predicted(page, images):
    return np.array(page.evaluate(PREDICT, (images.reshape(len(images), -1) / 255).tolist()))


def of_keras(network, images):
    return network.predict(process_images(images), verbose=0)


def shares(page):
    page.wait_for_function("() => !/Loading|–/.test(document.querySelector('.dp-more').textContent)")
    return [float(re.sub(r"[^\d.]", "", text)) / 100 for text in page.locator(".dp-more .bw-share").all_inner_texts()]


def line(page, at=0):
    return page.locator(".bw-network").nth(at)


def lines_say(page):
    """Return what is visible in each widget's line, as rows of text."""
    return [text.split("\n") for text in page.locator(".bw-network-row:visible").all_inner_texts()]


def choose(page, name, at=0):
    line(page, at).get_by_role("radio", name=name).check()


def press(page, name, at=0):
    line(page, at).get_by_role("button", name=name, exact=True).click()


def announced(page, text):
    page.locator(".bw-network .bw-live", has_text=text).wait_for(state="attached")


def answer(page, best):
    """Return what NetworkView says, once it names a digit."""
    found = page.locator(".nv-answer", has_text=f"The network says {best}")
    found.wait_for()
    return found.inner_text()


def in_words(network, image, label):
    probabilities = of_keras(network, image[None])[0]
    best = probabilities.argmax()
    return best, f"a probability of {probabilities[best]:.1%}. It is {a_digit(label)} {'✓' if best == label else '✗'}."


@pytest.fixture
def widgets(digits, images):
    return DigitPad(strokes=STROKES), NetworkView(None, images, digits[1][:4]), LayerExplorer(images, digits[1][:4])


@pytest.fixture
def pad(open_page):
    return open_page(DigitPad(strokes=STROKES))


CHOICE = ["Network:", "the book’s", f"yours: {NAME}", "Forget yours"]
GONE = ["Your network is forgotten.", "Undo"]


def test_all_widgets_follow_at_once_and_back(open_page, widgets, own, network, images, digits):
    page = open_page(*widgets)
    pad, label = widgets[0].image, digits[1][0]
    page.locator(".nv-hint").click()
    books, said = in_words(network, images[0], label)
    assert said in answer(page, books)
    page.locator(".le-head").scroll_into_view_if_needed()
    assert page.locator(".bw-network").count() == 0  # where there is no own network nothing is shown
    assert ask(page, "ownNetwork") is None

    assert use(page, own) == {"name": NAME, "kept": False, "chosen": True}
    best, said = in_words(own[0], images[0], label)
    assert best != books  # so the next lines can fail
    assert said in answer(page, best)
    np.testing.assert_allclose(predicted(page, images), of_keras(own[0], images), atol=1e-5)
    np.testing.assert_allclose(shares(page), of_keras(own[0], pad[None])[0], atol=0.0011)
    page.locator(".le-head small", has_text="→ 25 × 25 × 6").wait_for()
    assert lines_say(page) == [CHOICE] * 3

    choose(page, "the book’s", at=1)
    answer(page, books)
    page.locator(".le-head small", has_text="→ 24 × 24 × 30").wait_for()
    np.testing.assert_allclose(shares(page), of_keras(network, pad[None])[0], atol=0.0011)
    np.testing.assert_allclose(predicted(page, images), of_keras(network, images), atol=1e-5)
    assert [line(page, at).get_by_role("radio").first.is_checked() for at in range(3)] == [True] * 3
    choose(page, "yours", at=2)
    answer(page, best)
    assert page.evaluate(ASK, ["useNetwork", None]) == {"name": NAME, "kept": False, "chosen": False}
    answer(page, books)


def test_an_open_unit_that_the_own_network_does_not_have_becomes_another(open_page, own, images, digits):
    view = NetworkView(None, images, digits[1][:4], layer="convolution", unit=[23, 23, 29])
    explorer = LayerExplorer(images, digits[1][:4], layer="hidden", unit=127, filter=29)
    page = open_page(view, explorer)
    use(page, own)
    page.locator(".nv-head:visible", has_text="Convolution").wait_for()
    assert int(re.search(r"map (\d+)", page.locator(".nv-head:visible").inner_text())[1]) < 6
    page.locator(".le").scroll_into_view_if_needed()
    page.locator(".le-sum:visible", has_text="numbers come in").wait_for()
    assert page.get_by_label("Hidden unit", exact=True).input_value() == "20"


def test_by_keyboard_and_only_where_a_network_is_at_work(open_page, own, images, digits):
    page = open_page(SampleInspector(images, [3, 1, 4, 1]), DigitPad(strokes=STROKES))
    use(page, own)
    assert page.locator(".bw-network").count() == 1
    mine = line(page).get_by_role("radio", name="yours")
    mine.focus()
    before = page.locator(".dp-words").inner_text()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.checked")
    page.wait_for_function("() => !mnistTutorial.ownNetwork().chosen")
    page.wait_for_function("(old) => document.querySelector('.dp-words').textContent !== old", arg=before)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => mnistTutorial.ownNetwork().chosen")
    page.locator(".dp .bw-live", has_text="The network").wait_for(state="attached")
    group = line(page).get_by_role("radiogroup", name="Network:")
    assert group.get_by_role("radio").count() == 2


def test_what_the_reader_is_at_stays_where_it_is(open_page, widgets, own):
    page = open_page(*widgets, viewport={"width": 390, "height": 664})
    page.locator(".le-head").scroll_into_view_if_needed()
    page.get_by_role("button", name="next filter").click()
    place = "() => document.activeElement.getBoundingClientRect().top"
    before = page.evaluate(place)
    use(page, own)
    page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    assert line(page).is_visible()
    assert page.evaluate(place) == pytest.approx(before, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    heights = [line(page).bounding_box()["height"]]
    page.evaluate(ASK, ["forgetNetwork", None])
    heights.append(line(page).bounding_box()["height"])
    assert heights[0] == heights[1] < 80


def test_kept_over_visits_with_its_choice_until_it_is_forgotten(open_page, widgets, own, images):
    page = open_page(*widgets)
    use(page, own)
    assert ask(page, "keepNetwork") == {"name": NAME, "kept": True, "chosen": True}
    page.reload()
    assert lines_say(page) == [CHOICE] * 3
    np.testing.assert_allclose(predicted(page, images), of_keras(own[0], images), atol=1e-5)
    answer(page, of_keras(own[0], images[:1])[0].argmax())
    assert page.evaluate("mnistTutorial.weights === undefined")  # the book's were not needed
    choose(page, "the book’s")
    page.reload()
    assert ask(page, "ownNetwork") == {"name": NAME, "kept": True, "chosen": False}
    assert lines_say(page) == [CHOICE] * 3
    press(page, "Forget yours", at=1)
    announced(page, "Undo brings it back.")
    assert lines_say(page) == [GONE] * 3
    assert page.evaluate(STORE, ["get", None]) is None
    assert page.evaluate("document.activeElement.textContent") == "Undo"
    page.reload()
    assert lines_say(page) == []
    assert ask(page, "ownNetwork") is None


def test_what_is_not_kept_ends_with_the_page(pad, own):
    use(pad, own)
    pad.reload()
    assert lines_say(pad) == []


@pytest.mark.parametrize("kept", [True, False])
def test_forgetting_can_be_undone(pad, own, images, kept):
    use(pad, own)
    if kept:
        ask(pad, "keepNetwork")
        pad.reload()
    press(pad, "Forget yours")
    announced(pad, "is forgotten")
    assert pad.evaluate(STORE, ["get", None]) is None
    press(pad, "Undo")
    announced(pad, "Your network is back.")
    assert ask(pad, "ownNetwork") == {"name": NAME, "kept": kept, "chosen": True}
    np.testing.assert_allclose(predicted(pad, images), of_keras(own[0], images), atol=1e-5)
    assert (pad.evaluate(STORE, ["get", None]) is not None) == kept


def test_another_tab_follows_what_is_chosen_and_forgotten(pad, own):
    use(pad, own)
    ask(pad, "keepNetwork")
    other = pad.context.new_page()
    other.goto(pad.url)
    assert lines_say(other) == [CHOICE]
    choose(other, "the book’s")
    pad.wait_for_function("() => !mnistTutorial.ownNetwork().chosen")
    assert line(pad).get_by_role("radio").first.is_checked()
    ask(other, "forgetNetwork")
    pad.wait_for_function("() => mnistTutorial.ownNetwork() === null")
    assert lines_say(pad) == []


def test_where_storage_is_forbidden_it_is_used_and_not_kept(pad, own, images):
    page = pad.context.new_page()
    page.on("pageerror", lambda error: pad.trouble.append(str(error)))
    page.add_init_script(FORBIDDEN)
    page.goto(pad.url)
    use(page, own)
    said = ask(page, "keepNetwork")
    assert "was not kept: the browser forbids it" in said
    assert "save it as a file" in said
    np.testing.assert_allclose(predicted(page, images), of_keras(own[0], images), atol=1e-5)
    assert ask(page, "ownNetwork") == {"name": NAME, "kept": False, "chosen": True}
    choose(page, "the book’s")
    press(page, "Forget yours")
    announced(page, "is forgotten")


FULL = """() => { IDBObjectStore.prototype.put = function () {
  this.transaction.abort();
  throw new DOMException("full", "QuotaExceededError");
}; }"""


def test_where_storage_is_full_what_was_kept_before_stays(pad, own, images):
    use(pad, own)
    ask(pad, "keepNetwork")
    pad.evaluate(FULL)
    other = [2 * one for one in own[1]]
    pad.evaluate(ASK, ["useNetwork", given(other, name="another")])
    assert "was not kept: the browser's storage is full" in ask(pad, "keepNetwork")
    assert ask(pad, "ownNetwork") == {"name": "another", "kept": False, "chosen": True}
    np.testing.assert_allclose(predicted(pad, images), of_keras(build_network(SETTINGS, other), images), atol=1e-5)
    pad.reload()
    assert ask(pad, "ownNetwork") == {"name": NAME, "kept": True, "chosen": True}
    np.testing.assert_allclose(predicted(pad, images), of_keras(own[0], images), atol=1e-5)


DAMAGED = {
    "nothing at all": ("delete", None, "no longer in this browser"),
    "text": ("put", "a text", "The weights were given as"),
    "other settings": ("put", {"settings": {"filters": 7}, "weights": []}, "The weights were given as 0 arrays"),
    "a setting that is none": ("put", {"settings": {"colour": 7}, "weights": []}, 'no setting "colour"'),
    "no softmax": ("put", "softmax", "has no softmax"),
    "numbers that are none": ("put", "nan", "expected finite numbers"),
}
SPOIL = """([how]) => {
  const weights = [[4 * 4 * 6], [6], [12 * 12 * 6 * 21], [21], [210], [10]].map(([n]) => new Float32Array(n));
  const settings = { filters: 6, kernelSize: 4, hiddenUnits: 21 };
  if (how === "nan") weights[1][2] = NaN;
  else settings.softmax = "none";
  return (STORE)(["put", { settings, weights }]);
}""".replace("STORE", STORE)


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_record_is_ignored_with_words(open_page, widgets, own, network, images, case):
    page = open_page(*widgets)
    use(page, own)
    ask(page, "keepNetwork")
    how, value, reason = DAMAGED[case]
    if value in ("softmax", "nan"):
        page.evaluate(SPOIL, [value])
    else:
        page.evaluate(STORE, [how, value])
    page.reload()
    said = page.locator(".bw-network-problem").first
    said.filter(has_text="so this is the book's").wait_for()
    assert reason in said.inner_text()
    np.testing.assert_allclose(predicted(page, images), of_keras(network, images), atol=1e-5)
    answer(page, of_keras(network, images[:1])[0].argmax())
    assert line(page).get_by_role("radio", name="yours").is_disabled()
    press(page, "Forget yours")
    page.wait_for_function("() => mnistTutorial.ownNetwork() === null")
    assert lines_say(page) == []  # there is nothing that could come back
    page.reload()
    assert lines_say(page) == []


@pytest.mark.parametrize(
    "note", ["nonsense", "[]", "null", '{"id": 7}', '{"id": "x", "name": {"a": 1}, "chosen": "yes"}']
)
def test_a_foreign_note_does_not_break_a_page(pad, network, images, note):
    pad.evaluate("(note) => localStorage.setItem('mnist-tutorial network', note)", note)
    pad.reload()
    np.testing.assert_allclose(predicted(pad, images), of_keras(network, images), atol=1e-5)
    assert len(lines_say(pad)) == ('"x"' in note)
    assert "[object" not in pad.locator("main").inner_text()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"hiddenUnits": 0}, "has no hidden layer, and they show one"),
        ({"softmax": "none"}, "has no softmax"),
        ({"softmax": "twice"}, "has softmax twice"),
        ({"scaling": False}, "has learned from pixels from 0 to 255"),
    ],
)
def test_networks_that_widgets_cannot_use_are_refused_in_words(pad, network, images, settings, reason):
    settings = {"filters": 2, "hiddenUnits": 3} | settings
    said = pad.evaluate(ASK, ["useNetwork", given(weights_for(settings), settings)])
    assert said.startswith("refused: The widgets of this book cannot use this network: it ")
    assert reason in said
    assert ask(pad, "ownNetwork") is None
    np.testing.assert_allclose(predicted(pad, images), of_keras(network, images), atol=1e-5)


def test_weights_that_do_not_fit_are_refused_and_the_own_network_stays(pad, own, images):
    use(pad, own)
    assert "expected those of" in pad.evaluate(ASK, ["useNetwork", given(own[1], {"filters": 7})])
    broken = [one.copy() for one in own[1]]
    broken[3][5] = np.nan
    assert "expected finite numbers" in pad.evaluate(ASK, ["useNetwork", given(broken)])
    assert "no setting" in pad.evaluate(ASK, ["useNetwork", given(own[1], {"colour": 7})])
    np.testing.assert_allclose(predicted(pad, images), of_keras(own[0], images), atol=1e-5)


def test_it_has_a_copy_of_the_weights_and_a_name_that_is_only_text(pad, own, images):
    name = "<b id=evil>" + "long " * 40
    pad.evaluate(
        """async (given) => {
          const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer);
          const weights = given.weights.map(floats);
          await mnistTutorial.useNetwork({ ...given, weights });
          for (const one of weights) one.fill(0);
        }""",
        given(own[1], name=name),
    )
    np.testing.assert_allclose(predicted(pad, images), of_keras(own[0], images), atol=1e-5)
    assert ask(pad, "ownNetwork")["name"] == name[:60]
    assert pad.locator("#evil").count() == 0


def test_keeping_needs_a_network(pad):
    assert "You have no network to keep" in ask(pad, "keepNetwork")
    assert ask(pad, "forgetNetwork") is None


def test_a_widget_that_is_taken_away_takes_its_line_along(pad, own):
    use(pad, own)
    pad.evaluate("document.querySelector('[data-book-widget]').unmount()")
    assert pad.locator(".bw-network").count() == 0
    pad.evaluate(ASK, ["useNetwork", None])  # no widget is there that could follow


def test_modules_stay_small():
    for name in ("own_network.js", "network_choice.js", "host.js"):
        assert (bundle.FOLDER / "frontend" / name).stat().st_size < 15_000, name
