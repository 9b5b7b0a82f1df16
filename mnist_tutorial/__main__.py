"""The command line: `python -m mnist_tutorial predict photo.png` says which digit is on an image.

`python -m mnist_tutorial results folder` puts the quiz results that students have handed in into one table. Neither
loads TensorFlow or Keras: NumPy computes the network from the weights that the book's pages carry.
"""

import argparse
import glob
import io
import json
import os
import sys

BLOCKS = " ▄▀█"  # what is drawn for (0, 0), (0, 1), (1, 0), (1, 1) in (upper, lower) pixel
SHADES = " .:-=+*#%@"  # from no ink to full ink, where the output has no blocks
INKED = 80  # of 255: what counts as ink in a drawing of blocks
MAX_BYTES = 200_000_000  # from standard input, where nothing says beforehand how much will come
STANDARD_INPUT = "standard input"
ABOUT = """\
Say which digit is on an image: a photo, a scan or a drawing of one digit, dark on light or light on dark.

The network is the one that the book trained on MNIST. Below its answer stands what it saw: your image, cut out,
scaled down and centred, in 28 x 28 pixels. If that does not look like a digit, no answer can be right. Where the photo
leaves doubt what the digit is, such as several digits or one cut by the edge, the answer is called doubtful."""
ABOUT_RESULTS = """\
Put quiz results into one table: the files that students have saved below a quiz, in a folder and the folders in it.

The table is a CSV file, which a spreadsheet opens. Anyone can change a file of results: use them to talk about what
was hard, and not as marks."""
CODES_OF_RESULTS = "Exit codes: 0 if every file was read, 2 if one was not (the reason is on standard error)."
TABLE = "quiz-results.csv"  # in the folder of the files
CODES = "Exit codes: 0 if every image was read, 2 if one was not (the reason is on standard error)."


def main(arguments=None):
    """Run the command line; return the exit code: 0, 1 if nobody reads the output, or 2 if an image was not read.

    arguments: a list of strings, by default those that the program was started with.
    """
    options = _parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may hold what the output cannot show
    try:
        code = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # as in `... | head -1`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    return code


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m mnist_tutorial", description="Use the network that the book trained from the command line."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "predict",
        help="say which digit is on an image",
        description=ABOUT,
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "images",
        nargs="+",
        metavar="IMAGE",
        help="an image file: PNG, JPEG, GIF, BMP, WebP, TIFF or AVIF, and HEIC if pillow-heif is installed; "
        "- for standard input",
    )
    command.set_defaults(run=_predict)
    styles = command.add_mutually_exclusive_group()
    styles.add_argument("--brief", action="store_true", help="one line per image, without what the network saw")
    styles.add_argument(
        "--json",
        action="store_true",
        help="one JSON object per image and line: file, digit, the ten probabilities and a list of doubts, "
        "or file and error",
    )
    _add_results(commands)
    return parser


def _add_results(commands):
    command = commands.add_parser(
        "results",
        help="put the quiz results of a class into one table",
        description=ABOUT_RESULTS,
        epilog=CODES_OF_RESULTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=lambda options: results(options.folder, options.csv))
    command.add_argument("folder", metavar="FOLDER", help="the folder with the files that students have saved")
    command.add_argument(
        "--csv",
        metavar="FILE",
        help=f"the table to write; by default {TABLE} in the folder. A file that is there already is kept",
    )


def _predict(options):
    return predict(options.images, style="json" if options.json else "brief" if options.brief else "drawing")


def results(folder, table=None):
    """Write the quiz results in a folder into one table, and print what there is to talk about.

    folder: of the files, as text. table: the path of the CSV file, by default one in the folder. Returns 0, or 2 if
    at least one file could not be read or the table not be written; the reasons go to standard error.
    """
    from mnist_tutorial.exercises import results as files

    try:
        found = files.collect(folder)
        code = 0
        if found.files:
            written = files.write_table(found.answers, os.path.join(folder, TABLE) if table is None else table)
            print("\n".join(map(_plain, f"{found.in_words()}\nThe table is in {written}.".split("\n"))))
    except files.ResultsError as error:
        return _complain(str(error))
    for name, problem in found.problems.items():
        code = _complain(f"{name} is left out. {problem}")
    return code


def predict(paths, style="drawing"):
    """Print what the reference network reads on each image; go on after one that cannot be read.

    paths: of image files, patterns such as *.png, or "-" for standard input. style: "drawing" (a line and what the
    network saw), "brief" (the line alone) or "json" (one object per line). Returns 0, or 2 if at least one image could
    not be read; the reason goes to standard error.
    """
    from mnist_tutorial.handwriting import HandwritingError, prepare
    from mnist_tutorial.reference import ReferenceNetworkError, load_page_weights
    from mnist_tutorial.reference.forward_pass import probabilities_of

    weights, code = None, 0
    for path in _expanded(paths):
        name = STANDARD_INPUT if path == "-" else path
        try:
            prepared = prepare(_standard_input() if path == "-" else path)
        except (FileNotFoundError, HandwritingError) as error:
            code = _complain(str(error))
            if style == "json":
                print(json.dumps({"file": name, "error": str(error)}))
            continue
        try:
            weights = weights or load_page_weights()
        except ReferenceNetworkError as error:
            return _complain(str(error))
        probabilities = probabilities_of(weights, prepared.image)
        if style == "json":
            print(as_json(probabilities, name, prepared.doubts))
            continue
        print(answer(probabilities, name, prepared.doubts))
        if style == "drawing":
            print(as_text(prepared.image, getattr(sys.stdout, "encoding", None)), end="\n\n")
    return code


def _expanded(paths):
    """Return the paths with each pattern, where the shell left it as it is, replaced by the files that match it."""
    found = []
    for path in paths:
        is_pattern = path != "-" and glob.has_magic(path) and not os.path.lexists(path)
        found += sorted(glob.glob(os.path.expanduser(path))) or [path] if is_pattern else [path]
    return found


def _standard_input():
    """Return an image file from standard input, as an open file."""
    from mnist_tutorial.handwriting import HandwritingError

    expected = "expected an image file, as in  python -m mnist_tutorial predict - < photo.png"
    if sys.stdin is None or sys.stdin.isatty():
        raise HandwritingError(f"{STANDARD_INPUT} is the keyboard; {expected}")
    content = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise HandwritingError(f"{STANDARD_INPUT} holds more than {MAX_BYTES // 10**6} MB; {expected}")
    file = io.BytesIO(content)
    file.name = STANDARD_INPUT
    return file


def answer(probabilities, name, doubts=()):
    """Return one line: the digit that the network reads, its probability, the runner-up, and what leaves doubt.

    probabilities: ten numbers, 0 to 1, one per digit. name: of the image's file. doubts: sentences, as of a Prepared.
    """
    first, second = sorted(range(10), key=lambda digit: -probabilities[digit])[:2]
    first, second = (f"{digit} ({_percent(probabilities[digit])})" for digit in (first, second))
    told = "".join(f" {doubt}" for doubt in doubts)
    return f"{_plain(name)}: {first}, or else {second}{'. Doubtful:' if doubts else ''}{told}"


def as_json(probabilities, name, doubts=()):
    """Return the answer as a JSON object on one line: `file`, `digit`, `probabilities` with six decimals, and `doubts`.

    probabilities: ten numbers, 0 to 1, one per digit. name: of the image's file. doubts: sentences, as of a Prepared.
    """
    digit = max(range(10), key=lambda digit: probabilities[digit])
    rounded = [round(one, 6) for one in probabilities]
    return json.dumps({"file": name, "digit": digit, "probabilities": rounded, "doubts": list(doubts)})


def _plain(text):
    """Return a text with its invisible characters escaped: in a file's name they could command the terminal."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _percent(share):
    """Write a probability with one decimal, never as 0% or 100%: a network gives neither 0 nor 1."""
    if share >= 0.9995:
        return "more than 99.9%"
    return "less than 0.1%" if share < 0.0005 else f"{share:.1%}"


def as_text(image, encoding=None):
    """Return an image as 14 lines of 28 characters in a frame: two pixels, one above the other, make a character.

    image: (28, 28) uint8, light ink on 0. encoding: of the output; where it has no blocks, shades of plain ASCII
    are used instead. None: any character can be shown.
    """
    upper, lower = image[::2], image[1::2]
    top, bottom, side = "┌─┐", "└─┘", "│"
    lines = [[BLOCKS[block] for block in row] for row in 2 * (upper >= INKED) + (lower >= INKED)]
    try:
        (BLOCKS + top + bottom + side).encode(encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        top, bottom, side = "+-+", "+-+", "|"
        levels = (upper.astype(int) + lower) * len(SHADES) // (2 * 256)
        lines = [[SHADES[level] for level in row] for row in levels]
    ends = [start + middle * image.shape[1] + end for start, middle, end in (top, bottom)]
    return "\n".join([ends[0], *(side + "".join(line) + side for line in lines), ends[1]])


def _complain(message):
    """Write a message to standard error, after what was printed before it; return the exit code that goes with it."""
    sys.stdout.flush()
    print(_plain(message), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
