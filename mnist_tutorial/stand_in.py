"""The stand-in for MNIST: the handwritten digits that scikit-learn ships, made to look like MNIST's."""

import numpy as np


def stand_in_digits():
    """Make a stand-in for MNIST from the 1,797 handwritten digits that scikit-learn ships.

    They are 8 x 8 pixels of 0 to 16 (UCI "Optical Recognition of Handwritten Digits"; Alpaydin and Kaynak,
    1998). Here they fill a box of 20 x 20 and stand with their centre of mass in the middle of 28 x 28, as
    MNIST's digits do (LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998).

    Returns (X_train, Y_train), (X_test, Y_test) as load_mnist does: 1,437 and 360 digits, always the same.
    """
    from scipy import ndimage
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    # Zooming is linear and acts on rows and columns alike: one 20 x 8 matrix does it for all images at once.
    zoom = ndimage.zoom(np.eye(8), (20 / 8, 1), order=3, mode="grid-constant", grid_mode=True)
    ink = zoom @ (digits.images / 16) @ zoom.T
    ink = np.clip((ink - 0.3) / 0.5, 0, 1)  # as sharp as a pen: mostly black or white, some grey at the edges
    images = np.pad(ink, ((0, 0), (4, 4), (4, 4)))
    for image in images:
        row, column = ndimage.center_of_mass(image)
        image[:] = np.roll(image, (round(14 - row), round(14 - column)), axis=(0, 1))
    images, labels = np.rint(255 * images).astype(np.uint8), digits.target.astype(np.uint8)
    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=0.2, stratify=labels, random_state=0)
    return (x_train, y_train), (x_test, y_test)
