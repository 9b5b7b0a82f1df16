"""The command line: `python -m mnist_tutorial predict photo.png` says which digit is on a picture."""

import argparse
import os
import sys

LOWER_AND_UPPER = " ▄▀█"  # what is drawn for (0, 0), (0, 1), (1, 0), (1, 1) in (upper, lower) pixel
SHADES = " .:-=+*#%@"  # from no ink to full ink, where there are no blocks
INKED = 80  # of 255: what counts as ink in a picture of blocks
ABOUT = """\
Say which digit is on a picture: a photo, a scan or a drawing of one digit, dark on light or light on dark.

The network is the one that the book trained on MNIST. Below its answer stands what it saw: your picture, cut out,
made small and centred, in 28 x 28 pixels. If that does not look like a digit, no answer can be right."""
CODES = "Exit codes: 0 if every picture was read, 2 if one was not (it is said why on standard error)."


def main(arguments=None):
    """Run the command line; return the exit code: 0, 1 if nobody reads the output, or 2 if a picture was no use.

    arguments: a list of strings, by default those that the program was started with.
    """
    options = _parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may hold what the output cannot show
    try:
        code = predict(options.pictures, with_picture=not options.brief)
        sys.stdout.flush()
    except BrokenPipeError:  # as in `... | head -1`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    return code


def _parser():
    parser = argparse.ArgumentParser(prog="python -m mnist_tutorial", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "predict",
        help="say which digit is on a picture",
        description=ABOUT,
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "pictures", nargs="+", metavar="PICTURE", help="a picture file: PNG, JPEG, GIF, BMP, WebP or TIFF"
    )
    command.add_argument("--brief", action="store_true", help="one line a picture, without what the network saw")
    return parser


def predict(paths, with_picture=True):
    """Print what the reference network reads on each picture; go on after one that is no use.

    Returns 0, or 2 if at least one picture could not be read; why not goes to standard error.
    """
    from mnist_tutorial.handwriting import HandwritingError, prepare
    from mnist_tutorial.reference import ReferenceNetworkError, load_reference_model

    model, code = None, 0
    for path in paths:
        try:
            image = prepare(path).image
        except FileNotFoundError:
            code = _complain(f"There is no file {path}. Check its name and its folder.")
            continue
        except HandwritingError as error:
            code = _complain(str(error))
            continue
        if model is None:  # it takes seconds, so only when there is something to read
            try:
                model = load_reference_model()
            except ReferenceNetworkError as error:
                return _complain(str(error))
        print(answer(model, image, path))
        if with_picture:
            print(as_text(image, getattr(sys.stdout, "encoding", None)), end="\n\n")
    return code


def answer(model, image, name):
    """Return one line: the digit that the network reads, its probability, and the runner-up.

    image: (28, 28) uint8, as handwriting.prepare() makes it.
    """
    from mnist_tutorial.processing import process_images

    probabilities = model.predict(process_images(image[None]), verbose=0)[0]
    first, second = (-probabilities).argsort()[:2]
    first, second = (f"{digit} ({_percent(probabilities[digit])})" for digit in (first, second))
    return f"{_plain(name)}: {first}, or else {second}"


def _plain(text):
    """Return a text whose characters all can be seen: others in a file's name could command the terminal."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _percent(share):
    """Write a probability with one decimal, and never claim certainty: a network gives neither 0 nor 1."""
    if share >= 0.9995:
        return "more than 99.9%"
    return "less than 0.1%" if share < 0.0005 else f"{share:.1%}"


def as_text(image, encoding=None):
    """Return a picture as 14 lines of 28 characters in a frame: two pixels, one above the other, make a character.

    image: (28, 28) uint8, light ink on 0. encoding: of the output; where it has no blocks, shades of plain ASCII
    are used instead. None: any character can be shown.
    """
    upper, lower = image[::2], image[1::2]
    top, bottom, side = "┌─┐", "└─┘", "│"
    lines = [[LOWER_AND_UPPER[block] for block in row] for row in 2 * (upper >= INKED) + (lower >= INKED)]
    try:
        (LOWER_AND_UPPER + top + bottom + side).encode(encoding or "utf-8")
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
