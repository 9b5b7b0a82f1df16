"""Files of networks: a good one, and what may have become of it, with what Python says of that."""

import json
import struct

import numpy as np

from mnist_tutorial import network_file

ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [648, 656]}  # of the convolution's bias
SMALL = {"filters": 2, "kernelSize": 9, "hiddenUnits": 3, "dropout": 0.5}


def weights_for(settings):
    rng = np.random.default_rng(5)
    return [rng.normal(0, 0.1, shape).astype("float32") for shape in network_file.shapes_of(settings).values()]


def changed(content, **changes):
    """Return a file with other entries of its header; a function is given the old entry."""
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    for name, new in changes.items():
        name = name.replace("__dot__", ".") if name != "__metadata__" else name
        header[name] = new(header.get(name)) if callable(new) else new
    text = json.dumps({name: entry for name, entry in header.items() if entry is not None}).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


def with_settings(**settings):
    return lambda metadata: {"settings": json.dumps(json.loads(metadata["settings"]) | settings)}


def with_place(content, place):
    """Return a file with the convolution's bias at another place."""
    return changed(content, convolution__dot__bias=ENTRY | {"data_offsets": place})


CUT_SHORT = "is incomplete|found the start of one"  # as the page says it, and Python
BROKEN = {
    "nothing": (lambda content: b"", "expected a safetensors file, found an empty file"),
    "text": (lambda content: b"hello, world", r"found a file that starts with b'hello, world'"),
    "a Keras file": (lambda content: b"PK\x03\x04" + content, "found a zip archive"),
    "an HDF5 file": (lambda content: b"\x89HDF\r\n\x1a\n" + content, "found an HDF5 file"),
    "a huge header": (lambda content: struct.pack("<Q", 2**63) + content[8:], "expected a safetensors file"),
    "a header beyond the end": (lambda content: struct.pack("<Q", 60_000) + content[8:], CUT_SHORT),
    "half of a header": (lambda content: content[:100], CUT_SHORT),
    "half of the numbers": (lambda content: content[:-400], "expected (hidden|output).kernel of F32"),
    "a byte more": (lambda content: content + b"\0", "found gaps"),
    "too many bytes": (lambda content: bytes(network_file.MAX_BYTES + 1), "expected at most 67,108,864 bytes"),
    "no JSON": (lambda content: content.replace(b'"__metadata__"', b'"__metadata__:'), "found a damaged one"),
    "too deep": (lambda content: struct.pack("<Q", 60_000) + b'{"a":' + b"[" * 59_995, "found a damaged one"),
    "no settings": (lambda content: changed(content, __metadata__=None), "found one without its settings"),
    "settings of numbers": (lambda content: changed(content, __metadata__={"settings": 3}), "without its settings"),
    "settings in a list": (lambda content: changed(content, __metadata__={"settings": "[]"}), "a header of names"),
    "too many filters": (lambda content: changed(content, __metadata__=with_settings(filters=65)), "found 65"),
    "true filters": (lambda content: changed(content, __metadata__=with_settings(filters=True)), "found True"),
    "no number": (lambda content: changed(content, __metadata__=with_settings(dropout=float("nan"))), "found nan"),
    "other softmax": (lambda content: changed(content, __metadata__=with_settings(softmax="thrice")), "'thrice'"),
    "other shapes": (lambda content: changed(content, __metadata__=with_settings(filters=3)), r"shape \[9, 9, 1, 3\]"),
    "no hidden layer": (lambda content: changed(content, __metadata__=with_settings(hiddenUnits=0)), "the tensors"),
    "a tensor too few": (lambda content: changed(content, hidden__dot__bias=None), "expected the tensors"),
    "a tensor too many": (lambda content: changed(content, extra=ENTRY), "expected the tensors"),
    "another type": (lambda content: changed(content, convolution__dot__bias=ENTRY | {"dtype": "F16"}), "of F32"),
    "no entry": (lambda content: changed(content, convolution__dot__bias=3), "of F32"),
    "a negative place": (lambda content: with_place(content, [-8, 0]), "F32"),
    "a place of texts": (lambda content: with_place(content, "ab"), "F32"),
    "a place twice": (lambda content: with_place(content, [0, 8]), "gaps"),
    "no finite numbers": (lambda content: content[:-4] + b"\0\0\xc0\x7f", "found others in output.bias"),
}  # fmt: skip
