"""Entries of NumPy archives that state what a test likes, for the tests of what reads such files."""

import struct


def entry(shape=(3,), descr="|u1", fortran=False, body=b"", version=(1, 0)):
    """Return an .npy file that declares what it likes."""
    header = repr({"descr": descr, "fortran_order": fortran, "shape": shape}).encode("latin1", "replace") + b"\n"
    length = struct.pack("<H" if version == (1, 0) else "<I", len(header))
    return b"\x93NUMPY" + bytes(version) + length + header + body
