"""Notice digits whose rows and columns are swapped, as they are in EMNIST's files (Cohen et al., 2017)."""

import base64

import numpy as np

# The average digit of each class in MNIST's training set, in 7 x 7 blocks of 4 x 4 pixels: base64 of (10, 7, 7) uint8.
AVERAGES = (
    "AAAAAAAAAAAAKrpLAAAAAZJrmAsAAAKQGFogAAAAjCiLHQAAAEPGjgMAAAABDwMAAAAABwUAAAAAABqOQgEAAAE/53ABAAAFWudbAAAAATrbYw"
    "oAAAAZu2QMAAAAABAJAAAAAAULAAAAAAF51joAAAADXnRuAAAAAASOQwAAAAE6xj0SAAAAWMqtNQAAAAEEAQAAAAAAAQAAAAACcbk+AAAADVeP"
    "dAEAAAESulQAAAAAFUSfCQAAAGW0jAQAAAATHwUAAAAAAAIDAAAAAASRKgEAAABSmUUWAAAFwn3FIwAABoDVpwYAAAADhUAAAAAAAAUAAAAAAA"
    "AAAAAAAAArg3oRAAAAkZBBCwAAAYuvTwIAAAAZT40KAAAAKqB/AwAAABFCBwAAAAABHQQAAAAAKrwYAAAAAIFlBQAAAACjvYcNAAAAeo+STQAA"
    "AAqHlBEAAAAAAAAAAAAAAAAAAAAAABpwRgQAAABnmLwLAAABL3ixCwAAAmXibQQAAAAzngUAAAAAJCUAAAAAAAAAAAAAAAAqnVUCAAABfoqrCQ"
    "AAAEzabAEAAABen3QDAAAAR66IBAAAAAIdCAAAAAAAAAAAAAAAP3wmAAAABqJ9ngQAAAOEpbEDAAABFC2ICgAAAEKEhwcAAAAMNw4AAA=="
)
BLOCK = 4
MAX_TESTED = 1000  # images are enough to be sure
MIN_IMAGES = 20  # with fewer, there is no warning


def look_transposed(images, labels):
    """Say whether digits look more like the average digits of their labels with rows and columns swapped.

    images: (n, 28, 28) uint8, 0 to 255, light ink on 0. labels: (n,) whole numbers, 0 to 9. The nearest average digit
    is right for 87% of MNIST's test images as they are, and for 22% of them transposed.
    """
    images, labels = images[:MAX_TESTED], labels[:MAX_TESTED]
    if len(images) < MIN_IMAGES:
        return False
    upright, transposed = (_share_right(turned, labels) for turned in (images, images.transpose(0, 2, 1)))
    return transposed > 0.5 and transposed > upright + 0.2


def _share_right(images, labels):
    """Return the share of images, 0 to 1, whose nearest average digit is that of their label."""
    averages = np.frombuffer(base64.b64decode(AVERAGES), np.uint8).reshape(10, -1).astype(float)
    side = images.shape[1] // BLOCK
    blocks = images.reshape(-1, side, BLOCK, side, BLOCK).mean(axis=(2, 4)).reshape(len(images), 1, -1)
    return (((blocks - averages) ** 2).sum(axis=2).argmin(axis=1) == labels).mean()
