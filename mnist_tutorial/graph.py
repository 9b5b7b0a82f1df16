"""How the layers of a Keras model are connected, read from the model itself."""

import reprlib
from typing import NamedTuple


class Box(NamedTuple):
    """A layer of a model, as it is drawn.

    name: Keras's, unique in a model. title: its kind, with what matters of its settings. shape: of what comes out, for
    one image. parameters: how many. sources: the names of the boxes that it takes its input from. is_output: whether
    the model returns what it makes.
    """

    name: str
    title: str
    shape: tuple
    parameters: int
    sources: tuple
    is_output: bool

    @property
    def facts(self):
        """The shape and the parameters as a reader sees them: "24 × 24 × 30; 780 parameters"."""
        shape = " × ".join("any" if size is None else f"{size:,}" for size in self.shape) or "1"
        return f"{shape}; {self.parameters:,} parameters" if self.parameters else shape


def read_graph(model):
    """Return a model's layers as a list of Boxes, each after those that it takes its input from.

    model: a Keras model, Sequential or Functional, whose input has a shape. Raises ValueError for a model without one,
    and for one that uses a layer twice or holds another Functional model: these would be drawn wrongly.
    """
    inputs = getattr(model, "inputs", None)
    if not inputs:
        raise ValueError(
            f"{reprlib.repr(model)} has no input yet; "
            "expected a Keras model with a keras.Input, so that shapes are known."
        )
    boxes, producers = [], {}
    outputs = {id(tensor) for tensor in model.outputs}
    for tensor in inputs:
        producers[id(tensor)] = tensor.name
        boxes.append(Box(tensor.name, "Input", tuple(tensor.shape[1:]), 0, (), id(tensor) in outputs))
    pending = [layer for layer in getattr(model, "operations", model.layers) if type(layer).__name__ != "InputLayer"]
    while pending:
        ready = [layer for layer in pending if all(id(tensor) in producers for tensor in _listed(layer.input))]
        if not ready:
            break
        for layer in ready:
            made = _listed(layer.output)
            sources = tuple(producers[id(tensor)] for tensor in _listed(layer.input))
            producers.update((id(tensor), layer.name) for tensor in made)
            parameters = layer.count_params() if hasattr(layer, "count_params") else 0  # an operation has none
            returned = any(id(tensor) in outputs for tensor in made)
            boxes.append(Box(layer.name, _title(layer), tuple(made[0].shape[1:]), parameters, sources, returned))
            pending.remove(layer)
    if pending or not outputs <= set(producers):
        names = ", ".join(layer.name for layer in pending) or "an output"
        raise ValueError(
            f"{names} of the model {model.name} gets something that no layer makes on its first call; "
            "expected a model that uses each layer once and holds no other model."
        )
    return boxes


def graph_in_words(model):
    """Describe what draw_graph draws in one sentence per box, for readers who cannot see it."""
    boxes = read_graph(model)
    titles = {box.name: box.title for box in boxes}
    sentences = []
    for before, box in zip([None, *boxes], boxes, strict=False):
        straight = before is None or box.sources == (before.name,)
        origin = "" if straight or not box.sources else f", from {' and '.join(titles[name] for name in box.sources)}"
        sentences.append(f"{_called(box, boxes)}{origin}: {box.facts}.")
    return f"A graph of {len(boxes)} boxes, from top to bottom. {' '.join(sentences)}"


def _called(box, boxes):
    several = sum(one.is_output for one in boxes) > 1
    return f"{box.title} (the output {box.name})" if several and box.is_output else box.title


def _title(layer):
    """Return a layer's kind, the size of its window if it has one, and its activation if that does something."""
    title = type(layer).__name__
    if hasattr(layer, "kernel_size"):
        title += f" {' × '.join(map(str, layer.kernel_size))}"
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    return title if activation == "linear" else f"{title}, {activation}"


def _listed(tensors):
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]
