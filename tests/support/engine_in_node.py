"""Run the engine's JavaScript in Node, the one that Playwright brings, so that there always is one; and in pages."""

import base64
import json
import re
import subprocess
from pathlib import Path

import numpy as np
from train_in_engine import ENGINE, NODE, RECORD, SHORT

from mnist_tutorial.data import stand_in_digits

README = Path(__file__).resolve().parents[2] / "README.md"
POLICY = re.search(r"^Content-Security-Policy: (.+)$", README.read_text("utf-8"), re.MULTILINE)[1]
# Arrays travel as {"type": ..., "base64": ...}; what a script returns goes back the same way.
FRAME = """
import fs from "node:fs";
import { createPlainNetwork } from "./plain_network.js";
import { randomWords, shuffled } from "./random_numbers.js";
import { checkSettings } from "./settings.js";
import { createTraining, drain, evaluate, predict } from "./training.js";
import { createWebAssemblyNetwork } from "./webassembly_network.js";

const KINDS = { uint8: Uint8Array, uint32: Uint32Array, float32: Float32Array };
const receive = (key, value) => {
  if (!KINDS[value?.type]) return value;
  return new KINDS[value.type](Uint8Array.from(Buffer.from(value.base64, "base64")).buffer);
};
const send = (key, value) => {
  if (!ArrayBuffer.isView(value)) return value;
  const type = Object.keys(KINDS).find((kind) => value instanceof KINDS[kind]);
  return { type, base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
};
const webAssembly = new WebAssembly.Module(fs.readFileSync("engine.wasm"));
const networks = {
  webAssembly: (settings, capacity) => createWebAssemblyNetwork(webAssembly, settings, capacity),
  plain: createPlainNetwork,
};
const given = JSON.parse(fs.readFileSync(0, "utf-8"), receive);
const result = await (async () => { SCRIPT })();
fs.writeSync(1, JSON.stringify(result ?? null, send));
"""


def run_in_node(script, **given):
    """Run a script that finds `given`, and the engine's functions; return what it returns. Arrays become arrays."""
    result = subprocess.run(
        [NODE, "--input-type=module", "--no-warnings", "--eval", FRAME.replace("SCRIPT", script)],
        input=json.dumps(given, default=_send),
        capture_output=True,
        cwd=ENGINE,
        encoding="utf-8",
        check=False,
    )
    if result.returncode:
        raise RuntimeError(result.stderr)
    return json.loads(result.stdout, object_hook=_receive)


def short_digits():
    """Return the digits of the record's short training, images and labels."""
    (images, labels), _ = stand_in_digits()
    return images[: SHORT["images"]], labels[: SHORT["images"]].astype("uint8")


def sha256_of_short_training():
    """Return the SHA-256 of all weights after the record's short training, which has 300 steps of 40 images."""
    return json.loads(RECORD.read_text("utf-8"))["short"]["weights_sha256"]


def _send(value):
    return {"type": str(value.dtype), "base64": base64.b64encode(np.ascontiguousarray(value)).decode()}


def _receive(value):
    if set(value) != {"type", "base64"}:
        return value
    return np.frombuffer(base64.b64decode(value["base64"]), value["type"])
