"""Text, files and kept answers that mean harm: a page shows them as text, says what is wrong, or forgets them."""

import json
import re

import numpy as np
import pytest
import targets
from matplotlib import pyplot as plt

from mnist_tutorial.reference.weights_format import as_base64
from mnist_tutorial.svg import as_html
from mnist_tutorial.widgets import bundle
from mnist_tutorial.widgets.digit_pad import DigitPad
from mnist_tutorial.widgets.quiz import Quiz
from mnist_tutorial.widgets.training_monitor import TrainingMonitor

RUN = "window.ran = 1"
HOSTILE = [
    f"<img src=x onerror='{RUN}'>",
    f"</script><script>{RUN}</script>",
    f'"><svg onload="{RUN}">',
    f"<!--<script>{RUN}</script>",
    f"javascript:{RUN}",
    "]]>&lt;img&gt;&#60;",
]
ALL = " ".join(HOSTILE)
# By then an image that cannot be loaded has said so, and a script in its `onerror` has run.
IMAGE_FAILED = """() => new Promise((done) => {
  const image = new Image();
  image.onerror = () => requestAnimationFrame(() => requestAnimationFrame(done));
  image.src = "data:,";
})"""


def shown(page):
    """Return the page's text; fail if anything in it came to life."""
    assert page.evaluate("window.ran") is None
    assert page.locator("main :is(img, [onload], [onerror], a[href^=java])").count() == 0
    return page.locator("main").inner_text()


def test_questions_stay_text(open_page):
    choice = {"id": ALL, "ask": f"Ask {ALL}", "where": ALL}
    number = choice | {"id": "n", "right": 3, "hint": f"Hint {ALL}", "because": f"Because {ALL}"}
    choice["choices"] = [{"text": ALL, "says": f"Says {ALL}"}, {"text": "b", "says": "c", "right": True}]
    page = open_page(Quiz([choice, number]))
    page.locator("input[value='0']").check()
    page.get_by_role("button", name="Check").first.click()
    for answer in ("1", "2", HOSTILE[0][:30]):
        page.get_by_role("textbox").fill(answer)
        page.get_by_role("button", name="Check").nth(1).click()
    page.get_by_role("button", name="Show the answer").last.click()
    text = shown(page)
    for words in (f"Ask {ALL}", f"Says {ALL}", f"Because {ALL}", f"“{HOSTILE[0][:30]}” is no number"):
        assert words in text


def test_questions_stay_text_where_no_script_runs(open_page):
    choice = {"id": "a", "ask": f"Ask {ALL}", "where": ALL}
    choice["choices"] = [{"text": ALL, "says": ALL, "right": True}, {"text": "b", "says": "c"}]
    html = Quiz([choice]).fallback()
    assert "<img" not in html
    assert "<svg" not in html
    assert "<script" not in html


def test_the_state_of_a_training_stays_text(open_page):
    monitor = TrainingMonitor()
    monitor.status = ALL
    page = open_page(monitor)
    page.locator(".bw").first.wait_for()
    shown(page)


def test_what_a_figure_shows_stays_text(open_page):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.set_title(HOSTILE[0])
    axes.set_xlabel(HOSTILE[2])
    axes.bar([HOSTILE[1]], [1])
    html = as_html(figure, ALL)
    plt.close(figure)
    page = open_page()
    page.evaluate("html => { document.querySelector('main').innerHTML = html }", html)
    page.evaluate(IMAGE_FAILED)
    shown(page)
    assert page.locator("main > figure > svg").get_attribute("aria-label") == ALL
    assert HOSTILE[0] in page.locator("main svg").text_content()


# Photos in the page.


def bytes_of(page, content, name):
    """Hand a file to the pad's button; return what the pad complains of, or nothing."""
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})
    page.wait_for_function("!document.querySelector('.dp-trouble').textContent.includes(' …')")
    return page.locator(".dp-trouble").inner_text()


def test_a_files_name_stays_text(open_page):
    page = open_page(DigitPad())
    name = HOSTILE[0].replace("/", "") + ".png"
    assert name in bytes_of(page, b"no image", name)
    shown(page)


def test_mangled_images_are_read_or_refused_in_words(open_page):
    page = open_page(DigitPad())
    seeds = [one for one in targets.seeds("image_file") if one[:4] not in (b"II*\0", b"MM\0*") and one[:1] != b"P"]
    rng = np.random.default_rng(7)
    refused = 0
    for number in range(60):
        content = bytearray(seeds[number % len(seeds)])
        for _ in range(rng.integers(1, 5)):
            content[rng.integers(len(content))] = rng.integers(256)
        if number % 4 == 0:
            del content[rng.integers(len(content)) :]
        message = bytes_of(page, bytes(content), f"{number}.png")
        refused += bool(message)
        assert not message or re.match(f"“{number}\\.png” (is|has) |Nothing is drawn|No ink", message), message
    assert 10 < refused < 60


@pytest.fixture
def module(chromium):
    """Open a page with the functions of a shared script in `module`."""
    context = chromium.new_context(offline=True)
    page = context.new_page()

    def load(name):
        path = next(bundle.FOLDER.glob(f"*/{name}.js"))
        load_it = """async (source) => {
          const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          window.module = await import(url);
        }"""
        page.evaluate(load_it, bundle.front_end(path))
        return page

    yield load
    context.close()


def test_headers_of_any_bytes_end_soon(module):
    page = module("photo_file")
    outcomes = page.evaluate(
        """() => {
          let state = 1;
          const next = (below) => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) % below;
          const starts = ["\\x89PNG\\r\\n\\x1a\\n", "GIF89a", "BM", "RIFF....WEBPVP8 ", "RIFF....WEBPVP8L",
            "RIFF....WEBPVP8X", "\\xff\\xd8\\xff", "\\xff\\xd8\\xff\\xe1\\0\\0", ""];
          const kinds = {};
          for (let turn = 0; turn < 20000; turn++) {
            const bytes = Uint8Array.from({ length: next(80) }, () => (next(3) ? next(256) : 0xff));
            const start = starts[next(starts.length)];
            [...start].slice(0, bytes.length).forEach((one, i) => { bytes[i] = one.charCodeAt(0); });
            let kind;
            try {
              const found = module.sizeInHeader(new DataView(bytes.buffer));
              kind = found === null ? "other" : found.every(Number.isFinite) ? "size" : String(found);
            } catch (error) {
              kind = error.name;
            }
            kinds[kind] = (kinds[kind] ?? 0) + 1;
          }
          return kinds;
        }"""
    )
    assert set(outcomes) == {"other", "size", "RangeError"}  # the last: it ends within its header, as readPhoto knows


def weights():
    shapes = {"convolution": [2, 2, 1, 3], "hidden": [507, 4], "output": [4, 10]}
    rng = np.random.default_rng(2)
    return {
        name: {"shape": shape, "kernel": as_base64(rng.normal(size=shape)), "bias": as_base64(np.zeros(shape[-1]))}
        for name, shape in shapes.items()
    }


def test_mangled_weights_are_refused_or_give_probabilities(module):
    page = module("weights_format")
    rng = np.random.default_rng(3)
    values = [None, 0, -1, "", "!", "AAA=", [], [0], [2, 2], {}, [-1, -1], [1e9, 1e9], ["2", 2], True, "é" * 8]
    cases = [weights()]
    for _ in range(300):
        case = weights()
        layer = case[str(rng.choice(list(case)))]
        field = str(rng.choice(["shape", "kernel", "bias", "scale"]))
        if rng.random() < 0.5 and field != "scale":
            text = json.dumps(layer[field])
            at = int(rng.integers(1, max(2, len(text) - 1)))
            layer[field] = text[:at] if rng.random() < 0.5 else text[1:-1].replace(text[at], "/")
        else:
            layer[field] = values[rng.integers(len(values))]
        cases.append(case)
    outcomes = page.evaluate(
        """(cases) => cases.map((one) => {
          let layers;
          try {
            layers = module.decodeWeights(one);
          } catch (error) {
            return error instanceof Error || error instanceof DOMException ? "refused" : "thrown";
          }
          for (const { shape, kernel, bias } of Object.values(layers)) {
            if (kernel.length !== shape.reduce((a, b) => a * b) || bias.length !== shape.at(-1)) return "wrong";
          }
          return "taken";
        })""",
        cases,
    )
    assert outcomes[0] == "taken"
    assert set(outcomes) == {"taken", "refused"}


# What the browser kept, and others of the same host may have written.

QUESTIONS = [
    {"id": "c", "ask": "Which?", "where": "x", "choices": [{"text": "a", "says": "A"}, {"text": "b", "says": "B"}]},
    {"id": "n", "ask": "How many?", "where": "x", "right": 3, "hint": "h", "because": "i"},
]
QUESTIONS[0]["choices"][0]["right"] = True
KEPT = [
    {"answers": {"c": 7}},
    {"answers": {"c": "1"}},
    {"answers": {"n": 3}},
    {"answers": {"n": None, "c": {}}},
    {"answers": {"n": [1]}},
    {"answers": {"n": ALL}, "tries": {"n": ALL}, "shown": ["n", ALL]},
    {"answers": "text", "tries": 7, "shown": "n"},
    {"answers": [], "tries": None, "shown": {}},
    {"answers": {"__proto__": {"c": 0}}, "shown": [None, {}, [[]]]},
    None,
    [],
    "text",
]


def test_a_tampered_memory_neither_breaks_nor_runs(open_page):
    page = open_page(Quiz(QUESTIONS))
    page.locator("input[value='0']").check()
    page.get_by_role("button", name="Check").first.click()
    key, good = page.evaluate("Object.entries(localStorage).find(([key, text]) => text.includes('version'))")
    version = json.loads(good)["version"]
    texts = [json.dumps({"version": version, "values": values}) for values in KEPT] + ["{", "null", "7", ""]
    for text in texts:
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, text])
        page.reload()
        page.locator(".qz").wait_for()
        shown(page)
        page.locator("input[value='1']").check()
        page.get_by_role("button", name="Check").first.click()
        page.get_by_role("textbox").fill("3")
        page.get_by_role("button", name="Check").nth(1).click()
        assert page.locator(".qz-score").inner_text() == "2 of 2 answered, 1 right."


def test_state_that_holds_the_end_of_a_script_is_still_read(open_page):
    page = open_page(Quiz([QUESTIONS[0] | {"ask": HOSTILE[1]}]))
    assert page.locator("legend").inner_text() == f"1. {HOSTILE[1]}"


SCRIPTS = sorted(bundle.FOLDER.rglob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_of_ours_makes_markup_or_code_of_text(path):
    found = re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc|\beval\(|"
        r"new Function|setAttribute\(\"on|javascript:",
        path.read_text("utf-8"),
    )
    assert not found
