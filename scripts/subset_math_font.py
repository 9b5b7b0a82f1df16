"""Cut the font of the formulas down to what the book needs, for the EPUB and the PDF: from 1.3 MB to a few kB.

    pip download --no-deps ziamath==0.13, and unpack it
    python scripts/subset_math_font.py ziamath/fonts/STIXTwoMath-Regular.ttf

A formula needs a font that says how a root or a bracket grows; few readers and few servers have one. STIX Two Math is
under the SIL Open Font License 1.1, as its own file and book_sphinx/edition/OFL.txt say.
"""

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parents[1] / "book_sphinx" / "edition" / "stix-two-math.woff2"
LETTERS = "".join(map(chr, (*range(0x20, 0x7F), *range(0x391, 0x3CA), *range(0x1D434, 0x1D468), 0x210E)))
SIGNS = "\xa0·×÷±−⋅…√∑∏∂∇∞≈≠≤≥→←∈∫‖′′⏞⏟̂ˆ¯⟨⟩⌈⌉⌊⌋"


def cut(path):
    """Return a font, opened from a file, with LETTERS and SIGNS and what its formulas make of them."""
    font = TTFont(path)
    options = subset.Options(hinting=False, notdef_outline=True, layout_features=["ssty"])  # for small indices
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=LETTERS + SIGNS)
    subsetter.subset(font)
    font.flavor = "woff2"
    return font


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("font", type=Path, help="STIXTwoMath-Regular.ttf")
    source = parser.parse_args().font
    if not source.is_file():
        parser.error(f"{source} is not there. Unpack the package, as above, and give the font in it.")
    cut(source).save(TARGET)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
