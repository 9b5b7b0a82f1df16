"""Cut the book's typeface down to what a page in English needs, for _static/fonts/: from 72 kB to 24.

    npm pack @fontsource-variable/atkinson-hyperlegible-next@5.3.0, and unpack it
    python scripts/subset_typeface.py package/files

Atkinson Hyperlegible Next was drawn by the Braille Institute so that no letter and no digit is taken for another. Its
licence, the SIL Open Font License 1.1, lies beside the fonts. Upright letters keep all weights from 400 to 700; italic
ones have the weight 400. Signs that are missing, as arrows, come from the reader's system.
"""

import argparse
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FOLDER = Path(__file__).resolve().parents[1] / "_static" / "fonts"
NAME = "atkinson-hyperlegible-next"
KEPT = {*range(0x20, 0x7F), *map(ord, "\xa0·×÷±²³°¼½¾äöüéèáíóúßàçñÄÖÜÉ–—‘’“”…•−€™§©«»")}  # code points
WEIGHTS = {"normal": (400, 400, 700), "italic": 400}  # lowest, usual and highest, or the only one
FEATURES = ["ccmp", "kern", "mark", "tnum"]  # tnum: digits of one width, in tables


def cut(path, weights):
    """Return a font, opened from a variable font's file, with KEPT and these weights alone."""
    font = TTFont(path)
    subsetter = subset.Subsetter(subset.Options(hinting=False, layout_features=FEATURES, notdef_outline=True))
    subsetter.populate(unicodes=KEPT)
    subsetter.subset(font)
    font.flavor = None
    whole = BytesIO()
    font.save(whole)  # the next step needs tables as they are read
    font = instancer.instantiateVariableFont(TTFont(BytesIO(whole.getvalue())), {"wght": weights})
    font.flavor = "woff2"
    return font


def main():
    """Write both fonts, or say what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder files of the unpacked package")
    folder = parser.parse_args().folder
    sources = {style: folder / f"{NAME}-latin-wght-{style}.woff2" for style in WEIGHTS}
    if missing := [str(path) for path in sources.values() if not path.is_file()]:
        parser.error(f"not there: {', '.join(missing)}. Unpack {NAME} of npm, as above, and give its folder `files`.")
    for style, source in sources.items():
        target = FOLDER / f"{NAME}{'' if style == 'normal' else '-italic'}.woff2"
        cut(source, WEIGHTS[style]).save(target)
        print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
