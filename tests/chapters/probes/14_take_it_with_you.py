"""Looks into the files and the rounded weights of the chapter "Take it with you"."""

from pathlib import Path

import numpy as np
import psutil

FILES = ("my_network.onnx", "my_network.tflite", "my_network_8.tflite", "my_digit.png")


def probe(chapter):
    from mnist_tutorial.reference.weights_format import as_base64

    command = chapter.command("predict", "--brief", str(written("my_digit.png")))
    since = psutil.Process().create_time()
    return {
        "new_files": [path.name for path in Path.cwd().iterdir() if path.is_file() and path.stat().st_mtime > since],
        "folders": [written(name).parent.relative_to(Path.cwd()).as_posix() for name in FILES],
        "labels": chapter.labels,
        "expected": chapter.expected,
        "answers": {name: answers for name, answers in chapter.answers.items()},
        "onnx_definition": by_definition(written("my_network.onnx"), chapter.images[:3]),
        "forgetful": chapter.all_answers(chapter.open_onnx(str(written("my_network_forgetful.onnx")))),
        "sizes_of_files": {name: written(name).stat().st_size for name in FILES},
        "weights": chapter.model.count_params(),
        "rounded": {bits: rounding(chapter, bits) for bits in (2, 3, 6, 8)},
        "feedback": feedback(chapter),
        "plain": numbers(chapter.plain),
        "fed": numbers(
            {bits: chapter.try_out(chapter.with_feedback(chapter.hidden[0], bits)) for bits in chapter.bits}
        ),
        "chosen": {"part": chapter.best_part} | numbers({2: chapter.chosen})[2],
        "fed_chosen": numbers({2: chapter.fed_by_part[chapter.best_fed]})[2],
        "by_part": numbers(chapter.by_part),
        "with_scaling": float(np.abs(chapter.found_with_scaling - chapter.expected).max()),
        "optimizer_numbers": chapter.kept,
        "page": chapter.page,
        "ends": ends_of(written("my_network.onnx")),
        "by_weights_alone": chapter.by_weights_alone,
        "in_page": numbers({6: chapter.in_page})[6],
        "steps": np.unique(chapter.steps),
        "scale_is_the_pages": as_base64(chapter.sizes) == chapter.stored["hidden"]["scale"],
        "command": {"code": command.returncode, "stderr": command.stderr, "stdout": command.stdout},
    }


def written(name):
    """Return the file of this name that the chapter has written, wherever below its folder."""
    return max(Path.cwd().rglob(name), key=lambda path: path.stat().st_mtime)


def numbers(results):
    return {bits: {name: float(value) for name, value in one.items()} for bits, one in results.items()}


def ends_of(path):
    """Return the names of what goes into an ONNX network and what comes out."""
    import onnx

    graph = onnx.load(path).graph
    return [one.name for one in (*graph.input, *graph.output)]


def by_definition(path, images):
    """Return what the evaluator says that comes with ONNX: in NumPy, slow and plain, it defines each operation."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(onnx.load(path)).run(None, {"images": images})[0]


def rounding(chapter, bits):
    """Return by how many steps a weight moves at most, and how many values one unit's weights have."""
    weights = chapter.hidden[0]
    found = chapter.rounded(weights, bits)
    step = np.abs(weights).max(axis=0) / (2 ** (bits - 1) - 1)
    return [(np.abs(found - weights) / step).max(), len(np.unique(np.rint(found[:, 0] / step[0])))]


def feedback(chapter, bits=3, place=70):
    """Return the weights of one place and five units, as trained and as rounded with feedback, and their sums."""
    weights = chapter.hidden[0][:, :5]
    found = chapter.with_feedback(weights, bits)
    return {
        "bits": bits,
        "largest": np.abs(weights).max(axis=0),
        "weights": weights.reshape(-1, 30, 5)[place],
        "found": found.reshape(-1, 30, 5)[place],
        "together": chapter.together[place],
    }
