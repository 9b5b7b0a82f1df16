"""Train the tutorial's network with several workers: processes that share the work of every step.

`start_workers` starts them on this computer. On several computers, start this on each, with the TF_CONFIG of each:
python -m mnist_tutorial.workers --epochs 10 --checkpoint /shared/run.npz --save /shared/network.keras

Why not `fit`: under MultiWorkerMirroredStrategy, Keras 3 reduces a whole tuple (images, labels) where TensorFlow
takes a single tensor, and then reduces scalars along an axis that they do not have
(https://github.com/keras-team/keras/issues/20585). Therefore the training loop is our own.
"""

import argparse
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from mnist_tutorial.archive import declared, read_array
from mnist_tutorial.data_files import quoted
from mnist_tutorial.reference.records import write_atomically
from mnist_tutorial.training import BATCH_SIZE

PORT_TAKEN = re.compile(r"gRPC server|already in use|bind", re.IGNORECASE)
OUTPUT_LINES = 6  # of a worker's output that an error message shows


class WorkerError(RuntimeError):
    """A worker that failed; the message says which one, how, and gives its last output."""


@dataclass
class Run:
    """The result of a worker: weights, one loss and one duration per step, and the step where it started."""

    weights: list  # as model.get_weights() returns them
    losses: list  # of all steps, including those before a resumed run's first one
    seconds: list = field(default_factory=list)  # of this run's own steps; the first one includes compiling
    first_step: int = 0  # more than 0 when the run was resumed from a checkpoint
    traffic: float | None = None  # bytes per step through this machine's loopback; None where there is no counter
    memory: float | None = None  # peak of the process in megabytes; None on Windows


def train(
    images,
    one_hot,
    *,
    strategy=None,
    epochs=1,
    batch_size=BATCH_SIZE,
    learning_rate=0.001,
    seed=1,
    checkpoint=None,
    checkpoint_every=10,
    kill_after=None,
):
    """Train the tutorial's network, with each batch divided among all workers; return a Run.

    images: (n, 28, 28, 1) float32, 0 to 1. one_hot: (n, 10) float32. All workers get all of both, and the same
    settings. strategy: from `tf.distribute`; none for a single process. batch_size: images per step, of all
    workers together; the remainder at the end of an epoch is left out. learning_rate: of Adam, at the start; it
    falls to 0 along a cosine. checkpoint: a file that the first worker writes after every `checkpoint_every`
    steps; if it exists at the start, the run continues from it. kill_after: for a demonstration, the process
    kills itself after this many steps.

    Raises ValueError when a batch cannot be divided evenly, or when a checkpoint is damaged or of another run.
    """
    import keras
    import tensorflow as tf

    from mnist_tutorial.model import build_model

    strategy = strategy or tf.distribute.get_strategy()
    replicas = strategy.num_replicas_in_sync
    if batch_size < 1 or batch_size % replicas or batch_size > len(images):
        raise ValueError(
            f"train() was given a batch of {batch_size} for {len(images):,} images and {replicas} workers; it "
            "expects a batch of no more than all images that can be divided by the number of workers."
        )
    steps_per_epoch = len(images) // batch_size
    steps = steps_per_epoch * epochs
    keras.utils.set_random_seed(seed)
    with strategy.scope():
        model = build_model()
        optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps))
        optimizer.build(model.trainable_variables)
    settings = f"{len(images)} images, {epochs=}, {batch_size=}, {learning_rate=}, {seed=}"
    losses = _restore(checkpoint, settings, model, optimizer)
    run = Run(weights=[], losses=losses, first_step=len(losses))

    def forward(x, step):
        """Apply all layers. Dropout draws for the whole batch, and each worker uses the draws of its part."""
        context = tf.distribute.get_replica_context()
        for position, layer in enumerate(model.layers):
            if isinstance(layer, keras.layers.Dropout):
                count = tf.shape(x)[0]
                shape = [count * context.num_replicas_in_sync, *x.shape[1:]]
                draws = tf.random.stateless_uniform(shape, seed=[seed * 100 + position, step])
                start = count * context.replica_id_in_sync_group
                mask = draws[start : start + count] >= layer.rate
                x = tf.where(mask, x / (1 - layer.rate), 0)
            else:
                x = layer(x)
        return x

    def replica_step(x, targets, step):
        with tf.GradientTape() as tape:
            losses_per_image = keras.losses.categorical_crossentropy(targets, forward(x, step))
            loss = tf.reduce_sum(losses_per_image) / batch_size  # its share of the whole batch's mean
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)  # adds up all workers' gradients first
        return loss

    @tf.function
    def train_step(x, targets, step):
        losses_per_replica = strategy.run(replica_step, args=(x, targets, step))
        return strategy.reduce("SUM", losses_per_replica, axis=None)

    def distribute(array):
        def part(context):
            return tf.constant(np.split(array, context.num_replicas_in_sync)[context.replica_id_in_sync_group])

        return strategy.experimental_distribute_values_from_function(part)

    for step in range(run.first_step, steps):
        if step == run.first_step + 1:
            bytes_before = _loopback_bytes()
        started = time.perf_counter()
        epoch, position = divmod(step, steps_per_epoch)
        order = np.random.default_rng([seed, epoch]).permutation(len(images))  # the same for every worker
        indices = order[position * batch_size : (position + 1) * batch_size]
        loss = train_step(distribute(images[indices]), distribute(one_hot[indices]), tf.constant(step))
        losses.append(float(loss))
        run.seconds.append(time.perf_counter() - started)
        due = len(losses) % checkpoint_every == 0 or len(losses) == steps
        if checkpoint and strategy.extended.should_checkpoint and due:
            _save(checkpoint, settings, model, optimizer, losses)
        if kill_after == len(losses):
            print(f"step {len(losses)} of {steps}: about to be killed", flush=True)
            os.kill(os.getpid(), 9)
    if len(run.seconds) > 1 and bytes_before is not None:
        run.traffic = (_loopback_bytes() - bytes_before) / (len(run.seconds) - 1)
    run.weights = model.get_weights()
    run.memory = _peak_memory()
    return run


def start_workers(count, images, one_hot, *, kill=None, timeout=600, **settings):
    """Train with several worker processes on this computer, which talk over loopback; return one Run for each.

    images, one_hot, settings: as `train` takes them. kill: None, or a pair such as (1, 12): for a demonstration,
    worker 1 kills itself after step 12. timeout: seconds for the whole training. Graphics cards are not used.

    While the workers run, TensorFlow listens on all network addresses of the computer (it has no setting for that)
    without authentication: do not use it in an untrusted network without a firewall.

    Raises WorkerError, with the worker's last lines of output, as soon as one fails or the time is up, and ValueError
    for a count that is not a whole number of at least 1. No process is left behind, even if the caller is interrupted.
    """
    if not isinstance(count, int) or count < 1:
        raise ValueError(f"start_workers() was given {count!r} workers; it expects a whole number of at least 1.")
    if settings.get("checkpoint"):
        settings["checkpoint"] = os.path.abspath(settings["checkpoint"])
    deadline = time.monotonic() + timeout
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        np.savez(folder / "job.npz", images=images, one_hot=one_hot)
        for attempts_left in (2, 1, 0):
            try:
                _run_processes(folder, count, settings, kill, deadline)
                break
            except WorkerError as error:
                # Another program may have taken a port between the search and its use.
                if not attempts_left or not PORT_TAKEN.search(str(error)):
                    raise
        return [_read_run(folder / f"{index}.npz") for index in range(count)]


def _run_processes(folder, count, settings, kill, deadline):
    """Start the processes and wait until all have succeeded; raise WorkerError otherwise, and end them all."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    processes = []
    try:
        for index in range(count):
            own = settings | ({"kill_after": kill[1]} if kill and kill[0] == index else {})
            (folder / f"{index}.json").write_text(json.dumps(own), "utf-8")
            environment = _environment() | {"TF_CONFIG": tf_config(addresses, index)}
            with (folder / f"{index}.log").open("wb") as log:
                command = [sys.executable, "-m", "mnist_tutorial.workers", "--job", str(folder), str(index)]
                processes.append(
                    subprocess.Popen(
                        command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, env=environment
                    )
                )
        while None in (codes := [process.poll() for process in processes]) or any(codes):
            failed = [index for index, code in enumerate(codes) if code]
            # When one is killed, the others fail with code 1: name the one that was killed.
            for index in sorted(failed, key=lambda index: codes[index] == 1):
                raise WorkerError(f"Worker {index} of {count} ended with code {codes[index]}. {_output(folder, index)}")
            if time.monotonic() > deadline:
                index = codes.index(None)
                raise WorkerError(
                    f"Time is up, and worker {index} of {count} has not finished. {_output(folder, index)}"
                )
            time.sleep(0.02)
    finally:
        for process in processes:
            with contextlib.suppress(OSError):
                process.kill()
        for process in processes:
            process.wait()
            process.stdin.close()


def tf_config(addresses, index):
    """Return the environment variable TF_CONFIG for worker `index`: the addresses of all, and its own index."""
    return json.dumps({"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": index}})


def free_ports(count):
    """Return port numbers of this computer that are not in use."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _environment():
    """Return the environment of a worker on this computer."""
    package = str(Path(__file__).resolve().parents[1])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    loopback = {"no_proxy": "127.0.0.1,localhost", "NO_PROXY": "127.0.0.1,localhost"}
    # No graphics card: each of two processes would take all of its memory.
    return os.environ | loopback | {"PYTHONPATH": os.pathsep.join(paths), "CUDA_VISIBLE_DEVICES": "-1"}


def _output(folder, index):
    lines = (folder / f"{index}.log").read_text("utf-8", "replace").strip().splitlines()
    shown = "".join(f"\n  {line[:200]}" for line in lines[-OUTPUT_LINES:])
    return f"Its last lines:{shown}" if shown else "It printed nothing."


def _restore(checkpoint, settings, model, optimizer):
    """Set model and optimizer to the state in the checkpoint; return the losses of the steps until then."""
    if not checkpoint or not os.path.exists(checkpoint):
        return []
    variables = {f"weight {number}": one for number, one in enumerate(model.weights)}
    variables |= {f"optimizer {number}": one for number, one in enumerate(optimizer.variables)}
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            found = str(_read_checked(archive, "settings", "U", ()))
            if found == settings:
                losses = _read_checked(archive, "losses", "f", None).tolist()
                saved = {name: _read_checked(archive, name, "fiu", tuple(one.shape)) for name, one in variables.items()}
    except Exception as error:  # broken bytes raise a dozen types of error
        raise ValueError(
            f"{checkpoint}: expected a checkpoint that train() wrote, found something else ({quoted(error)}). "
            "Delete it to start again, or give another file."
        ) from error
    if found != settings:
        raise ValueError(
            f"{checkpoint} belongs to another run ({quoted(found)}) than this one ({settings}). "
            "Give the same settings, or another file."
        )
    for name, variable in variables.items():
        variable.assign(saved[name])
    return losses


def _read_checked(archive, name, kinds, shape):
    """Return an array of a checkpoint; raise ValueError for another type or shape (None: any row of numbers)."""
    found, dtype = declared(archive, name)
    if dtype.kind not in kinds or (len(found) != 1 if shape is None else found != shape):
        raise ValueError(f"{name} is of shape {found} and type {dtype}")
    return read_array(archive, name)


def _save(checkpoint, settings, model, optimizer, losses):
    """Write a checkpoint; a crash leaves the last one whole."""
    arrays = {f"weight {number}": array for number, array in enumerate(model.get_weights())}
    arrays |= {f"optimizer {number}": one.numpy() for number, one in enumerate(optimizer.variables)}

    def save(path):
        with path.open("wb") as file:  # given a path, NumPy would add .npz to it
            np.savez(file, settings=settings, losses=losses, **arrays)

    write_atomically(checkpoint, save)


def _write_run(path, run):
    others = asdict(run) | {"weights": len(run.weights)}
    np.savez(path, run=json.dumps(others), **{f"weight {number}": array for number, array in enumerate(run.weights)})


def _read_run(path):
    with np.load(path) as saved:
        others = json.loads(str(saved["run"]))
        return Run(**others | {"weights": [saved[f"weight {number}"] for number in range(others["weights"])]})


def _loopback_bytes():
    """Return how many bytes the loopback interface has carried since the computer started; None if unknown."""
    with contextlib.suppress(OSError), open("/proc/net/dev", encoding="ascii") as table:
        for line in table:
            name, _, numbers = line.partition(":")
            if name.strip() == "lo":
                return int(numbers.split()[0])
    return None


def _peak_memory():
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if sys.platform == "linux" else 1) / 1e6


def choose_strategy():
    """Return the strategy for several computers (TF_CONFIG), for several graphics cards, or for neither."""
    import tensorflow as tf

    if "TF_CONFIG" in os.environ:
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def _end_with_parent():
    """End this process when its parent has ended, which closes the other end of the pipe."""

    def watch():
        os.read(0, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _do_job(folder, index):
    """Run as one of the workers that `start_workers` starts."""
    _end_with_parent()
    sys.modules["sklearn"] = None  # Keras loads it where it finds it, which takes longer than this training
    strategy = choose_strategy()
    with np.load(folder / "job.npz") as job:
        images, one_hot = job["images"], job["one_hot"]
    settings = json.loads((folder / f"{index}.json").read_text("utf-8"))
    _write_run(folder / f"{index}.npz", train(images, one_hot, strategy=strategy, **settings))


def main(arguments=None):
    """Train as one of several workers, or alone: see --help."""
    parser = argparse.ArgumentParser("python -m mnist_tutorial.workers", description=main.__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=BATCH_SIZE, help="images per step, of all workers together")
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--images", type=int, help="train on this number of images, the first ones; by default on all")
    parser.add_argument("--checkpoint", help="a file in a folder that all workers see; a run continues from it")
    parser.add_argument("--checkpoint-every", type=int, default=100, help="steps from one checkpoint to the next")
    parser.add_argument("--save", help="where the first worker puts the trained network, such as network.keras")
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    given = vars(parser.parse_args(arguments))
    job, count, save = given.pop("job"), given.pop("images"), given.pop("save")
    if job:
        return _do_job(Path(job[0]), int(job[1]))

    strategy = choose_strategy()  # first: the cluster must be set up before TensorFlow does anything else
    from mnist_tutorial.data import load_mnist
    from mnist_tutorial.model import build_model
    from mnist_tutorial.processing import process_images, process_labels

    (images, labels), _ = load_mnist()
    run = train(process_images(images[:count]), process_labels(labels[:count]), strategy=strategy, **given)
    if strategy.extended.should_checkpoint:
        print(f"{len(run.losses)} steps, loss of the last {run.losses[-1]:.4f}")
        if save:
            model = build_model()
            model.set_weights(run.weights)
            model.save(save)


if __name__ == "__main__":
    main()
