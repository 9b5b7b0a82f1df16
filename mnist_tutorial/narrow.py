"""A figure's second form for narrow screens: its parts below one another, and no text too small to read."""

import itertools
import textwrap

import matplotlib as mpl

COLUMN = 320  # pixels that a phone's page leaves for a figure, also in a box
POINTS = COLUMN * 72 / 96  # the same in points, at CSS's 96 pixels an inch
READABLE = 11  # pixels: smaller text is not read on a phone
NAME, LINE = 20, 40  # letters that have room beside a chart, and across the column
MAX_TEXTS = 200  # a table of more numbers than that has no room for larger ones
PIXEL = 24  # pixels across of an image's pixel with a number of three digits in it
FRAME = "#d5711d"  # plots.ORANGE


def make_narrow(figure):
    """Lay a figure out anew for a narrow page. Returns whether it had to be: False leaves it as it was.

    figure: one that has been drawn or saved.
    A row of charts becomes a column; a row of more than three images, or a grid of images that each have a title, gets
    half its columns. Text grows to READABLE pixels on a page where COLUMN pixels are left. An image with a number in
    each of many pixels is shown whole without them, and below it the part of it that has room for its numbers.
    """
    if _is_image_of_numbers(figure):
        _show_numbers_of_a_part(figure)
        return True
    if not 0 < len(_texts(figure)) <= MAX_TEXTS or _smallest(figure) >= READABLE:
        return False
    axes = [one for one in figure.axes if one.get_subplotspec()]
    height, fewer = figure.get_figheight(), 1
    if axes:
        rows, columns = axes[0].get_subplotspec().get_gridspec().get_geometry()
        fewer = _fewer_columns(axes, rows, columns)
        more = -(-len(axes) // fewer) if fewer < columns else rows
        if all(one.images for one in axes):  # an image keeps its shape, and need not grow much
            height *= min(POINTS / 72 / figure.get_figwidth() * columns / fewer, 1.2)
        height *= more / rows
        if fewer < columns:
            grid = mpl.gridspec.GridSpec(more, fewer, figure=figure)
            for place, one in enumerate(axes):
                is_last_chart = one is axes[-1] and not one.images  # after images, it takes the rest of its row
                one.set_subplotspec(grid[place // fewer, place % fewer :] if is_last_chart else grid[place])
    figure.set_size_inches(POINTS / 72 - 2 * mpl.rcParams["savefig.pad_inches"], height)
    _break_long_lines(figure)
    known = None
    for _ in range(4):  # larger text makes the figure wider, which makes the text smaller again
        _lay_out(figure)
        least = READABLE / _pixels_per_point(figure)
        texts = _texts(figure)
        for text in texts:
            text.set_fontsize(max(text.get_fontsize(), least))
        state = [one.get_fontsize() for one in texts], [one.get_position().bounds for one in figure.axes]
        if state == known:
            break  # laid out once more, it would stay so
        known = state
    else:
        _lay_out(figure)
    _turn_names_that_overlap(figure)
    return True


def _is_image_of_numbers(figure):
    if len(figure.axes) != 1 or len(figure.axes[0].images) != 1:
        return False
    return MAX_TEXTS < len(figure.axes[0].texts) == figure.axes[0].images[0].get_array().size


def _show_numbers_of_a_part(figure):
    (numbers,) = figure.axes
    (image,) = numbers.images
    values = image.get_array()
    size = min(COLUMN // PIXEL, *values.shape)
    # The part whose pixels differ most.
    places = itertools.product(*(range(length - size + 1) for length in values.shape))
    top, left = max(places, key=lambda place: values[place[0] :, place[1] :][:size, :size].std())
    grid = mpl.gridspec.GridSpec(2, 1, figure=figure, height_ratios=(1, 2.4), hspace=0.08)
    whole = figure.add_subplot(grid[0])
    whole.imshow(values, cmap=image.get_cmap(), norm=image.norm)
    whole.set_axis_off()
    corner = (left - 0.5, top - 0.5)
    whole.add_patch(mpl.patches.Rectangle(corner, size, size, fill=False, edgecolor=FRAME, linewidth=2))
    numbers.set_subplotspec(grid[1])
    numbers.set(xlim=(left - 0.5, left + size - 0.5), ylim=(top + size - 0.5, top - 0.5))
    for text in list(numbers.texts):
        column, row = text.get_position()
        if left <= column < left + size and top <= row < top + size:
            text.set_fontsize(READABLE * 72 / 96)
        else:
            text.remove()
    width = POINTS / 72 - 2 * mpl.rcParams["savefig.pad_inches"]
    figure.subplots_adjust(left=0, right=1, bottom=0, top=1)
    figure.set_size_inches(width, width * 3.4 / 2.4 * 1.04)


def _fewer_columns(axes, rows, columns):
    titled = all(one.images and one.get_title() and not one.get_ylabel() for one in axes if one.axison)
    if rows == 1:
        return columns // 2 if columns > 3 and titled else 1
    return -(-columns // 2) if titled or columns > 4 or not axes[0].images else columns


def _texts(figure):
    return [one for one in figure.findobj(mpl.text.Text) if one.get_text().strip() and one.get_visible()]


def _lay_out(figure):
    """Give the parts of a figure their places, as drawing does before it draws them, which takes most of its time."""
    if engine := figure.get_layout_engine():
        engine.execute(figure)


def _pixels_per_point(figure):
    """Return how large a point of a figure is drawn on the narrow page, where a wide figure shrinks."""
    width = (figure.get_tightbbox().width + 2 * mpl.rcParams["savefig.pad_inches"]) * 72
    return min(96 / 72, COLUMN / width)


def _smallest(figure):
    return min(text.get_fontsize() for text in _texts(figure)) * _pixels_per_point(figure)


def _break_long_lines(figure):
    """Break the names beside a chart, its title and the words below it into lines that leave room."""
    for axes in figure.axes:
        place = axes.get_subplotspec()
        columns = place.get_gridspec().ncols / len(place.colspan) if place else 1
        names = [one.get_text() for one in axes.get_yticklabels()]
        # A formula such as 10 to the 7th is long in its source alone.
        if any(len(line) > NAME and "$" not in line for name in names for line in name.splitlines()):
            axes.set_yticks(axes.get_yticks(), [_broken(name, NAME) for name in names])
        for text in (axes.title, axes.xaxis.label):
            text.set_text(_broken(text.get_text(), int(LINE / columns)))


def _broken(text, length):
    return "\n".join(part for line in text.splitlines() for part in textwrap.wrap(line, length))


def _turn_names_that_overlap(figure):
    """Turn the names below a chart, and the numbers on its bars, where they do not fit beside one another."""
    for axes in figure.axes:
        for names in (axes.get_xticklabels(), [one for one in axes.texts if isinstance(one, mpl.text.Annotation)]):
            names = [one for one in names if one.get_text().strip() and one.get_visible()]
            boxes = [one.get_window_extent() for one in names]
            if any(left.overlaps(right) for left, right in itertools.pairwise(boxes)):
                for one in names:
                    one.set_rotation(90)
                if isinstance(names[0], mpl.text.Annotation):
                    axes.margins(y=0.3)  # they need more room below a title
