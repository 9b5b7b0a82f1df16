"""Training in a page's workers: the same bits with any number of them, quick to stop, and clear where it fails."""

import base64
import hashlib

import numpy as np
import pytest
import soak_training
from browser import write_page
from engine_in_node import POLICY, SHORT, sha256_of_short_training, short_digits
from page_workers import wait_until_workers_are_gone
from playwright.sync_api import Error

from site_checks.book_in_browser import Handler, serve

NOTE = """window.stopped = [];
addEventListener("securitypolicyviolation", (event) => stopped.push(event.effectiveDirective));"""
STEPS = SHORT["settings"]
SMALL = {"filters": 4, "kernelSize": 3, "hiddenUnits": 8, "batchSize": 20, "epochs": 2}
# Puts what the tests use into the page: window.digits, and window.train(options), a trainer of them.
PREPARE = """async ([images, labels]) => {
  const toBytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  window.digits = { images: toBytes(images), labels: toBytes(labels) };
  window.reports = [];
  window.train = async (options = {}) => face.createTrainer({
    program: await face.loadProgram("training_engine.js"),
    onStep: (report) => reports.push(report),
    ...digits,
    ...options,
  });
  window.toText = async (arrays) => {
    const url = await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsDataURL(new Blob(arrays));
    });
    return url.split(",")[1];
  };
}"""
TRAIN_TO_THE_END = """async (options) => {
  const trainer = await train(options);
  const end = await trainer.train();
  const weights = await toText(await trainer.weights());
  trainer.dispose();
  return [end, trainer.arithmetic, weights];
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    write_page(folder)
    return folder


class Policed(Handler):
    policy = POLICY

    def end_headers(self):
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


class WithoutWebAssembly(Policed):
    policy = POLICY.replace(" 'wasm-unsafe-eval'", "")


@pytest.fixture
def visit(chromium):
    """Open the page at an address; the test fails at its end if the page's policy stopped something."""
    contexts = []

    def open_(address):
        context = chromium.new_context()
        context.add_init_script(NOTE)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{address}/index.html")
        page.evaluate(PREPARE, [base64.b64encode(array.tobytes()).decode() for array in short_digits()])
        return page

    yield open_
    stopped = [one for context in contexts for page in context.pages for one in page.evaluate("window.stopped")]
    for context in contexts:
        context.close()
    assert stopped == []


@pytest.fixture
def page(visit, folder):
    return visit(folder.as_uri())


def sha256(weights):
    return hashlib.sha256(base64.b64decode(weights)).hexdigest()


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_weights_of_300_steps_are_the_same_bits_with_any_number_of_workers(page, workers):
    end, arithmetic, weights = page.evaluate(TRAIN_TO_THE_END, {"settings": STEPS, "workers": workers})
    assert (end, arithmetic) == ({"step": 300, "finished": True}, "WebAssembly")
    assert sha256(weights) == sha256_of_short_training()
    assert page.evaluate("reports.length") == 300
    assert page.evaluate("reports.at(-1).loss") < 0.1


def test_under_the_strict_policy_of_the_readme_too(visit, folder):
    with serve(folder, Policed) as address:
        page = visit(address)
        _, arithmetic, weights = page.evaluate(TRAIN_TO_THE_END, {"settings": STEPS, "workers": 2})
        assert arithmetic == "WebAssembly"
        assert sha256(weights) == sha256_of_short_training()
        assert page.evaluate("stopped") == []


def test_where_webassembly_is_forbidden_plain_javascript_trains(visit, folder):
    modes = []
    with serve(folder, WithoutWebAssembly) as address:
        page = visit(address)
        modes.append(page.evaluate(TRAIN_TO_THE_END, {"settings": SMALL, "workers": 2}))
        page.evaluate("window.stopped.length = 0")
    modes.append(visit(folder.as_uri()).evaluate(TRAIN_TO_THE_END, {"settings": SMALL, "workers": 2}))
    assert [arithmetic for _, arithmetic, _ in modes] == ["JavaScript", "WebAssembly"]
    plain, quick = (np.frombuffer(base64.b64decode(weights), "<f4") for _, _, weights in modes)
    np.testing.assert_allclose(plain, quick, atol=1e-3)


def test_a_training_that_is_paused_again_and_again_comes_to_the_same(page):
    script = """async (settings) => {
      const whole = await train({ settings });
      await whole.train();
      const broken = await train({ settings, workers: 8 });
      let places = [];
      for (let finished = false; !finished;) {
        const run = broken.train();
        await broken.predict(digits.images.subarray(0, 7840));
        const paused = await broken.pause();
        const end = await run;
        if (end.step !== paused.step) throw new Error(`${end.step} is not ${paused.step}`);
        places.push(end.step);
        ({ finished } = await broken.step());
      }
      return [places, await toText(await whole.weights()), await toText(await broken.weights())];
    }"""
    # One of eight workers has no image at all of a batch of seven.
    places, whole, broken = page.evaluate(script, {**SMALL, "batchSize": 7, "epochs": 3})
    assert places == sorted(places)
    assert len(places) > 1
    assert whole == broken


def test_it_stops_within_a_tenth_of_a_second(page):
    script = """async (settings) => {
      const trainer = await train({ settings });
      const took = [];
      for (let i = 0; i < 7; i++) {
        const run = trainer.train();
        await new Promise((resolve) => setTimeout(resolve, 7 * i)); // at another moment of its step each time
        const asked = performance.now();
        await trainer.pause();
        took.push(performance.now() - asked);
        await run;
      }
      trainer.dispose();
      return took;
    }"""
    for settings in (
        {},
        {"batchSize": 1000, "filters": 64, "kernelSize": 9, "hiddenUnits": 512},
        {"batchSize": 1000, "filters": 64, "kernelSize": 1, "hiddenUnits": 300},
    ):
        took = page.evaluate(script, settings)
        assert np.median(took) < 100, (settings, took)


def test_questions_are_answered_while_it_trains_and_after(page):
    script = """async (settings) => {
      const [few, answers] = [digits.images.subarray(0, 784 * 300), digits.labels.subarray(0, 300)];
      const looks = [];
      const trainer = await train({
        settings, validation: { images: few, labels: answers }, onValidation: (report) => looks.push(report),
      });
      const before = await trainer.weights();
      const run = trainer.train();
      const during = await Promise.all([trainer.predict(few), trainer.evaluate(few, answers), trainer.predict(few)]);
      await run;
      const [outputs, score] = [await trainer.predict(few), await trainer.evaluate(few, answers)];
      const other = await train({ settings });
      await other.setWeights(await trainer.weights());
      const same = await other.predict(few);
      await trainer.startOver();
      const again = await trainer.weights();
      return {
        looks, score, during: [during[0].length, during[1].loss],
        right: answers.reduce((sum, answer, i) => {
          const ten = outputs.subarray(10 * i, 10 * i + 10);
          return sum + (ten.indexOf(Math.max(...ten)) === answer);
        }, 0),
        same: same.every((output, i) => output === outputs[i]),
        startedOver: again.every((one, i) => one.every((weight, j) => weight === before[i][j])),
      };
    }"""
    found = page.evaluate(script, {**SMALL, "epochs": 3})
    assert [look["step"] for look in found["looks"]] == [50, 100, 150]
    assert found["looks"][-1] == {"step": 150, **found["score"]}
    assert found["score"]["accuracy"] == pytest.approx(found["right"] / 300)
    assert found["during"][0] == 3000
    assert found["same"]
    assert found["startedOver"]


def test_one_step_at_a_time(page):
    script = """async (settings) => {
      const looks = [];
      const trainer = await train({ settings, validation: digits, onValidation: ({ step }) => looks.push(step) });
      const ends = [];
      for (let i = 0; i < 5; i++) ends.push(await trainer.step());
      return [ends, looks, reports.map(({ step, epoch }) => [step, epoch])];
    }"""
    ends, looks, reports = page.evaluate(script, {**SMALL, "batchSize": 500})
    assert ends == [{"step": min(i, 4), "finished": i >= 4} for i in range(1, 6)]
    assert looks == [2, 4]
    assert reports == [[1, 1], [2, 1], [3, 2], [4, 2]]


def test_workers_are_gone_when_it_is_disposed_of(page):
    script = """async (settings) => {
      const trainer = await train({ settings, workers: 4 });
      const questions = [trainer.train(), trainer.weights()];
      trainer.dispose();
      questions.push(trainer.predict(digits.images));
      return (await Promise.allSettled(questions)).map(({ reason }) => reason?.message);
    }"""
    for _ in range(5):
        assert page.evaluate(script, SMALL) == ["The training was ended; create a new one to go on."] * 3
    wait_until_workers_are_gone(page)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("{ settings: { filters: 0 } }", "The setting filters was given as 0; expected a whole number from 1 to 64"),
        ("{ workers: 9 }", "The workers were given as 9; expected a whole number from 1 to 8."),
        ("{ weights: [new Float32Array(3)] }", "The weights were given as 1 arrays of lengths 3; expected those of "),
        ("{ labels: new Uint8Array(4) }", "1000 images were given, and 4 labels"),
        ("{ validation: { images: digits.images, labels: [] } }", "The labels were given as Array"),
        ("{ program: { source: 'throw new Error(`Broken`)' } }", "A worker of the training has stopped: Uncaught Er"),
    ],
)
def test_what_cannot_be_started_says_why(page, options, words):
    with pytest.raises(Error) as caught:
        page.evaluate(f"() => train({options})")
    assert words in caught.value.message
    wait_until_workers_are_gone(page)


def test_a_worker_that_dies_is_reported_once(page):
    script = """async (settings) => {
      const failures = [];
      const { source } = await face.loadProgram("training_engine.js");
      const dying = `${source}; const hear = onmessage; onmessage = (event) => {
        hear(event);
        setTimeout(() => { throw new Error("out of memory"); });
      };`;
      const program = { source: dying };
      const trainer = await train({ settings, program, onFailure: (error) => failures.push(error.message) });
      const said = await trainer.train().catch((error) => error.message);
      const after = await trainer.weights().catch((error) => error.message);
      return [failures, said, after];
    }"""
    failures, message, after = page.evaluate(script, {**SMALL, "epochs": 1000})
    assert failures == [message]
    assert message == after
    assert "A worker of the training has stopped: Uncaught Error: out of memory. Start the training again" in message


def test_a_training_that_runs_away_can_be_started_over(page):
    script = """async (settings) => {
      const trainer = await train({ settings });
      const said = await trainer.train().catch((error) => error.message);
      await trainer.startOver();
      return [said, await trainer.step()];
    }"""
    away = {
        "batchSize": 20,
        "learningRate": 100,
        "optimizer": "sgd",
        "softmax": "none",
        "scaling": False,
        "loss": "squared error",
    }
    message, step = page.evaluate(script, away)
    assert "is no longer a number: the training has diverged. Start again with a smaller learning rate." in message
    assert step == {"step": 1, "finished": False}


def test_a_missing_program_is_named(page):
    with pytest.raises(Error, match=r"The training engine could not be loaded: the file training_engine.js is missing"):
        page.evaluate("() => face.loadProgram('elsewhere.js')")
    assert page.evaluate("async () => Object.keys(await face.loadProgram('training_engine.js'))") == ["url", "source"]


def test_in_a_page_of_the_book_digits_and_engine_are_found_beside_the_host(widget_files, open_file):
    write_page(widget_files)
    page = open_file('<script src="host.js"></script><script src="face.js"></script>', "")
    script = """async () => {
      const { url, source } = await face.loadProgram();
      return [(await face.loadDigits("test")).labels.length, url, source.length];
    }"""
    count, url, length = page.evaluate(script)
    assert count == 360
    assert url == (widget_files / "training_engine.js").as_uri()
    assert length > 20_000


def test_trainings_in_a_row_leave_nothing_behind(chromium):
    samples = soak_training.soak(chromium, 12)
    assert len(samples["workers"]) == 12
    assert soak_training.report_of(samples)[1] == []
