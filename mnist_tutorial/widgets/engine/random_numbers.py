"""The engine's random numbers in NumPy: a second implementation, to check it by and to repeat in Python what it does.

Everything random in a training comes from one generator, Philox4x32-10 (J. K. Salmon et al., Parallel random numbers:
as easy as 1, 2, 3, 2011). It has no state: four words of 32 bits follow from a key, the seed, and a counter, which says
what they are for:

    counter = (number of the block of four, image's place in its batch, step or epoch, purpose)

So any worker can compute any of them, and no order of computing changes them.
random_numbers.h and random_numbers.js hold the same in C and in JavaScript.
"""

import numpy as np

CONVOLUTION_WEIGHTS, HIDDEN_WEIGHTS, OUTPUT_WEIGHTS, SHUFFLE, DROPOUT, SHIFT = range(6)  # purposes
_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_KEY_STEPS = 0x9E3779B9, 0xBB67AE85
_WORD, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def philox(counters, seed):
    """Return four random words for each counter.

    counters: (n, 4) whole numbers below 2^32. seed: a whole number from 0 to 2^64 - 1, the key. Returns (n, 4) uint32.
    """
    first, second, third, fourth = np.asarray(counters, "uint64").T
    low, high = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        a, b = first * _MULTIPLIERS[0], third * _MULTIPLIERS[1]
        first, second = (b >> _HALF) ^ second ^ np.uint64(low), b & _WORD
        third, fourth = (a >> _HALF) ^ fourth ^ np.uint64(high), a & _WORD
        low, high = (low + _KEY_STEPS[0]) & 0xFFFFFFFF, (high + _KEY_STEPS[1]) & 0xFFFFFFFF
    return np.stack([first, second, third, fourth], axis=1).astype("uint32")


def random_words(seed, purpose, occasion, place, count):
    """Return `count` random words, uint32, for one purpose, occasion (the step or epoch) and image of a batch."""
    counters = np.zeros((-(-count // 4), 4), "uint64")
    counters[:, 0] = np.arange(len(counters))
    counters[:, 1:] = place, occasion, purpose
    return philox(counters, seed).ravel()[:count]


def glorot_uniform(seed, purpose, fan_in, fan_out, shape):
    """Return a layer's first weights, float32: as in Keras, evenly spread within sqrt(6 / (fan_in + fan_out)) of 0."""
    words = random_words(seed, purpose, 0, 0, int(np.prod(shape)))
    centred = (words >> np.uint32(8)).astype("float32") * np.float32(2.0**-23) - np.float32(1)
    return (np.float32(np.sqrt(6.0 / (fan_in + fan_out))) * centred).reshape(shape)


def initial_weights(seed, filters=30, kernel_size=5, hidden_units=128):
    """Return a network's first weights, a list of float32 arrays in Keras's order; biases are zero."""
    window, inputs = kernel_size**2, ((28 - kernel_size + 1) // 2) ** 2 * filters
    kernels = [(CONVOLUTION_WEIGHTS, window, window * filters, (kernel_size, kernel_size, 1, filters))]
    if hidden_units:
        kernels.append((HIDDEN_WEIGHTS, inputs, hidden_units, (inputs, hidden_units)))
    last = hidden_units or inputs
    kernels.append((OUTPUT_WEIGHTS, last, 10, (last, 10)))
    layers = [(glorot_uniform(seed, *kernel), np.zeros(kernel[3][-1], "float32")) for kernel in kernels]
    return [weights for layer in layers for weights in layer]


def dropout_mask(seed, step, image, values, rate):
    """Return what dropout multiplies an image's values by, float32: 0 at a share `rate` of them, else 1 / (1 - rate).

    step: 0 for the first batch. image: its place in the batch. values: how many.
    """
    kept = random_words(seed, DROPOUT, step, image, values) >= np.floor(rate * 2.0**32)
    return np.where(kept, np.float32(1 / (1 - rate)), np.float32(0))


def shuffled(seed, epoch, count):
    """Return the numbers from 0 to count - 1 in the order of an epoch (0 for the first): Fisher and Yates's shuffle."""
    order, words = list(range(count)), random_words(seed, SHUFFLE, epoch, 0, count)
    chosen = (words.astype("uint64") * np.arange(1, count + 1, dtype="uint64") >> _HALF).tolist()
    for i in range(count - 1, 0, -1):
        order[i], order[chosen[i]] = order[chosen[i]], order[i]
    return np.array(order)
