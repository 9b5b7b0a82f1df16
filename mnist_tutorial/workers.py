"""Train the tutorial's network with several workers: processes that share the work of every step.

`start_workers` starts them on this computer. On several computers, start this on each, with the TF_CONFIG of each:
python -m mnist_tutorial.workers --epochs 10 --checkpoint /shared/run.npz --save /shared/network.keras

Why not `fit`: under MultiWorkerMirroredStrategy, Keras 3 averages a whole tuple (images, labels) where TensorFlow
takes a single tensor, and then numbers along an axis that they do not have
(https://github.com/keras-team/keras/issues/20585). So the loop is our own, and TensorFlow does the rest.
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

from mnist_tutorial.archive import declared, quoted, read_array
from mnist_tutorial.training import BATCH_SIZE

PORT_TAKEN = re.compile(r"gRPC server|already in use|bind", re.IGNORECASE)
LAST_LINES = 6  # of a worker's output, for an error message


class WorkerError(RuntimeError):
    """A worker that failed; the message says which one, how, and what it said last."""


@dataclass
class Run:
    """What a worker brings back: weights, one loss and one duration a step, and where it began."""

    weights: list
    losses: list  # of all steps, those before a resumed run's first one too
    seconds: list = field(default_factory=list)  # of this run's own steps; the first includes preparations
    first_step: int = 0  # more than 0 when the run was resumed from a checkpoint
    traffic: float | None = None  # bytes a step through this machine's loopback; None where it has no counter
    memory: float | None = None  # megabytes at the process's peak; None on Windows


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
    every=10,
    dies_after=None,
):
    """Train the tutorial's network, each batch shared out among all workers; return a Run.

    images: (n, 28, 28, 1) float32, 0 to 1. one_hot: (n, 10) float32. All workers get all of both, and the same
    settings. strategy: from `tf.distribute`; none for a single process. batch_size: pictures a step, of all
    workers together. What is left over at the end of an epoch is not trained on in that epoch. learning_rate:
    of Adam, at the start; it falls to nothing along a cosine. checkpoint: a file that the first worker writes
    after every `every` steps; if it is there at the start, the run goes on from it. dies_after: a number of
    steps; the process then kills itself, for a demonstration.

    Raises ValueError when a batch cannot be shared out evenly, or when a checkpoint is damaged or of another run.
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
    a_epoch = len(images) // batch_size
    steps = a_epoch * epochs
    keras.utils.set_random_seed(seed)
    with strategy.scope():
        model = build_model()
        optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps))
        optimizer.build(model.trainable_variables)
    settings = f"{len(images)} images, {epochs=}, {batch_size=}, {learning_rate=}, {seed=}"
    losses = _restore(checkpoint, settings, model, optimizer)
    run = Run(weights=[], losses=losses, first_step=len(losses))

    def forward(pictures, step):
        """Apply all layers. Dropout draws for the whole batch, and each worker takes the draws of its part."""
        context = tf.distribute.get_replica_context()
        for position, layer in enumerate(model.layers):
            if isinstance(layer, keras.layers.Dropout):
                count = tf.shape(pictures)[0]
                shape = [count * context.num_replicas_in_sync, *pictures.shape[1:]]
                draws = tf.random.stateless_uniform(shape, seed=[seed * 100 + position, step])
                mine = count * context.replica_id_in_sync_group
                kept = draws[mine : mine + count] >= layer.rate
                pictures = tf.where(kept, pictures / (1 - layer.rate), 0)
            else:
                pictures = layer(pictures)
        return pictures

    def of_one_worker(pictures, targets, step):
        with tf.GradientTape() as tape:
            answers = forward(pictures, step)
            each = keras.losses.categorical_crossentropy(targets, answers)
            loss = tf.reduce_sum(each) / batch_size  # its share of the whole batch's mean
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)  # adds up all workers' gradients first
        return loss

    @tf.function
    def take_step(pictures, targets, step):
        shares = strategy.run(of_one_worker, args=(pictures, targets, step))
        return strategy.reduce("SUM", shares, axis=None)

    def share_out(array):
        def part(context):
            return tf.constant(np.split(array, context.num_replicas_in_sync)[context.replica_id_in_sync_group])

        return strategy.experimental_distribute_values_from_function(part)

    for step in range(run.first_step, steps):
        if step == run.first_step + 1:
            before = _loopback_bytes()
        started = time.perf_counter()
        epoch, position = divmod(step, a_epoch)
        order = np.random.default_rng([seed, epoch]).permutation(len(images))  # the same for every worker
        chosen = order[position * batch_size : (position + 1) * batch_size]
        loss = take_step(share_out(images[chosen]), share_out(one_hot[chosen]), tf.constant(step))
        losses.append(float(loss))
        run.seconds.append(time.perf_counter() - started)
        if checkpoint and strategy.extended.should_checkpoint and (len(losses) % every == 0 or len(losses) == steps):
            _save(checkpoint, settings, model, optimizer, losses)
        if dies_after == len(losses):
            print(f"step {len(losses)} of {steps}: about to be killed", flush=True)
            os.kill(os.getpid(), 9)
    if len(run.seconds) > 1 and before is not None:
        run.traffic = (_loopback_bytes() - before) / (len(run.seconds) - 1)
    run.weights = model.get_weights()
    run.memory = _peak_memory()
    return run


def start_workers(count, images, one_hot, *, dies=None, timeout=600, **settings):
    """Train with several worker processes on this computer, which talk over loopback; return one Run for each.

    images, one_hot, settings: as `train` takes them. dies: None, or a pair such as (1, 12): for a demonstration,
    worker 1 kills itself after step 12. timeout: seconds for the whole. Graphics cards are not used.

    While they live, TensorFlow listens on all network addresses of the computer (it has no setting for that) and
    asks nobody who they are: not for a network of strangers without a firewall.

    Raises WorkerError, with the worker's last lines, as soon as one fails, and when the time is up. No process
    is left behind, neither then nor when the caller is interrupted.
    """
    if not isinstance(count, int) or count < 1:
        raise ValueError(f"start_workers() was given {count!r} workers; it expects a whole number from 1 on.")
    if settings.get("checkpoint"):
        settings["checkpoint"] = os.path.abspath(settings["checkpoint"])
    deadline = time.monotonic() + timeout
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        np.savez(folder / "job.npz", images=images, one_hot=one_hot)
        for attempts_left in (2, 1, 0):
            try:
                _run_processes(folder, count, settings, dies, deadline)
                break
            except WorkerError as error:
                # Between the search for a free port and its use, somebody else may have taken it.
                if not attempts_left or not PORT_TAKEN.search(str(error)):
                    raise
        return [_read_run(folder / f"{index}.npz") for index in range(count)]


def _run_processes(folder, count, settings, dies, deadline):
    """Start the processes and wait until all have ended well; raise WorkerError otherwise, and end them all."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(count)]
    processes = []
    try:
        for index in range(count):
            own = settings | ({"dies_after": dies[1]} if dies and dies[0] == index else {})
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
            # One that was killed drags others down, which end with an error, 1: name the one that was killed.
            for index in sorted(failed, key=lambda index: codes[index] == 1):
                raise WorkerError(f"Worker {index} of {count} ended with code {codes[index]}. {_said(folder, index)}")
            if time.monotonic() > deadline:
                index = codes.index(None)
                raise WorkerError(f"Time is up, and worker {index} of {count} is at work. {_said(folder, index)}")
            time.sleep(0.02)
    finally:
        for process in processes:
            with contextlib.suppress(OSError):
                process.kill()
        for process in processes:
            process.wait()
            process.stdin.close()


def tf_config(addresses, index):
    """Return what the environment variable TF_CONFIG must say on worker `index`: all addresses, and who it is."""
    return json.dumps({"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": index}})


def free_ports(count):
    """Return port numbers that nobody on this computer uses at the moment."""
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
    # No graphics card: two processes that both take all of its memory do not get along.
    return os.environ | loopback | {"PYTHONPATH": os.pathsep.join(paths), "CUDA_VISIBLE_DEVICES": "-1"}


def _said(folder, index):
    lines = (folder / f"{index}.log").read_text("utf-8", "replace").strip().splitlines()
    shown = "".join(f"\n  {line[:200]}" for line in lines[-LAST_LINES:])
    return f"Its last lines:{shown}" if shown else "It said nothing."


def _restore(checkpoint, settings, model, optimizer):
    """Bring model and optimizer to where the checkpoint left them; return the losses of the steps until then."""
    if not checkpoint or not os.path.exists(checkpoint):
        return []
    variables = {f"weight {number}": one for number, one in enumerate(model.weights)}
    variables |= {f"optimizer {number}": one for number, one in enumerate(optimizer.variables)}
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            found = str(_welcome(archive, "settings", "U", ()))
            if found == settings:
                losses = _welcome(archive, "losses", "f", None).tolist()
                saved = {name: _welcome(archive, name, "fiu", tuple(one.shape)) for name, one in variables.items()}
    except Exception as error:  # broken bytes raise a dozen types of error, and all mean the same
        raise ValueError(
            f"{checkpoint}: expected a checkpoint that train() wrote, found something else ({quoted(error)}). "
            "Delete it to begin afresh, or give another file."
        ) from error
    if found != settings:
        raise ValueError(
            f"{checkpoint} belongs to another run ({quoted(found)}) than this one ({settings}). "
            "Give the same settings, or another file."
        )
    for name, variable in variables.items():
        variable.assign(saved[name])
    return losses


def _welcome(archive, name, kinds, shape):
    """Return an array of a checkpoint if it declares the right type and shape (None: any row of numbers)."""
    found, dtype = declared(archive, name)
    if dtype.kind not in kinds or (len(found) != 1 if shape is None else found != shape):
        raise ValueError(f"{name} is of shape {found} and type {dtype}")
    return read_array(archive, name)


def _save(checkpoint, settings, model, optimizer, losses):
    """Write a checkpoint: first under another name, so that a crash in the middle leaves the last one whole."""
    arrays = {f"weight {number}": array for number, array in enumerate(model.get_weights())}
    arrays |= {f"optimizer {number}": one.numpy() for number, one in enumerate(optimizer.variables)}
    unfinished = f"{checkpoint}.unfinished"
    with open(unfinished, "wb") as file:
        np.savez(file, settings=settings, losses=losses, **arrays)
    os.replace(unfinished, checkpoint)


def _write_run(path, run):
    others = asdict(run) | {"weights": len(run.weights)}
    np.savez(path, run=json.dumps(others), **{f"weight {number}": array for number, array in enumerate(run.weights)})


def _read_run(path):
    with np.load(path) as saved:
        others = json.loads(str(saved["run"]))
        return Run(**others | {"weights": [saved[f"weight {number}"] for number in range(others["weights"])]})


def _loopback_bytes():
    """Return how many bytes have gone through the loopback interface since the computer started, if it says."""
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
    """Return the strategy for where this runs: several computers (TF_CONFIG), several graphics cards, or neither."""
    import tensorflow as tf

    if "TF_CONFIG" in os.environ:
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def _end_with_parent():
    """End this process when the one that started it is gone: its end of the pipe is then closed."""

    def watch():
        os.read(0, 1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _do_job(folder, index):
    """Be one of the workers that `start_workers` starts."""
    _end_with_parent()
    strategy = choose_strategy()
    with np.load(folder / "job.npz") as job:
        images, one_hot = job["images"], job["one_hot"]
    settings = json.loads((folder / f"{index}.json").read_text("utf-8"))
    _write_run(folder / f"{index}.npz", train(images, one_hot, strategy=strategy, **settings))


def main(arguments=None):
    """Train as one of several workers, or alone: see --help."""
    parser = argparse.ArgumentParser("python -m mnist_tutorial.workers", description=main.__doc__)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=BATCH_SIZE, help="pictures a step, of all workers together")
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--images", type=int, help="train on the first so many; all, if left out")
    parser.add_argument("--checkpoint", help="a file in a folder that all workers see; a run goes on from it")
    parser.add_argument("--every", type=int, default=100, help="steps from one checkpoint to the next")
    parser.add_argument("--save", help="where the first worker puts the trained network, such as network.keras")
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    given = vars(parser.parse_args(arguments))
    job, count, save = given.pop("job"), given.pop("images"), given.pop("save")
    if job:
        return _do_job(Path(job[0]), int(job[1]))

    strategy = choose_strategy()  # before anything else that needs TensorFlow: the cluster is set up first
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
