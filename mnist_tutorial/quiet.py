"""Hide TensorFlow's start-up messages, which beginners take for errors, and make its start quicker.

When TensorFlow is imported, it writes lines about its build and about missing graphics cards directly to the
process's standard error. TensorFlow 2.21 has no setting that turns all of them off.
"""

import gc
import importlib.abc
import importlib.util
import os
import sys
import tempfile
from contextlib import contextmanager

from mnist_tutorial.reader_settings import use_channels_last


@contextmanager
def no_garbage_collection():
    """Look for no garbage in the block, nor later in what it leaves: the modules of a large library stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


@contextmanager
def muted_standard_error():
    """Hide what is written to file descriptor 2; write it after all if the block raises an exception."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except BaseException:
            held_back.seek(0)
            os.write(saved, held_back.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


class _QuietImport(importlib.abc.MetaPathFinder):
    """Find a package as Python does; while it is executed, mute standard error and look for no garbage."""

    def __init__(self, names):
        self.names = set(names)

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.names:
            return None
        self.names.discard(fullname)  # only once, so that the lookup below does not come back here
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_muted(module):
                with muted_standard_error(), no_garbage_collection():
                    execute(module)
                if fullname == "keras":
                    use_channels_last(module)

            spec.loader.exec_module = execute_muted
        return spec


def silence_tensorflow_import():
    """Mute the first import of TensorFlow and Keras in this process, and TensorFlow's later log messages."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    names = {"tensorflow", "keras"} - set(sys.modules)
    if names:
        sys.meta_path.insert(0, _QuietImport(names))
