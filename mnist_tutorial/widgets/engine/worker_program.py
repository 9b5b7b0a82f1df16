"""The workers' program as one classic script: training_engine.js, which pages and workers load alike."""

import base64

from mnist_tutorial.widgets.bundle import FOLDER, front_end

ENGINE = FOLDER / "engine"
NAME = "training_engine.js"
_FRAME = """(function program(scope, code, isWorker) {{
{worker}
if (isWorker) serve(scope, code);
else {{
  const source = `(${{program}})(self, "${{code}}", true);`;
  (scope.mnistTutorial ??= {{}}).trainingEngine = {{ url: document.currentScript?.src, source }};
}}
}})(self, "{code}", typeof document === "undefined");
"""


def worker_program():
    """Return the text of training_engine.js.

    In a worker it goes to work. In a page it says where workers find it: `mnistTutorial.trainingEngine` has its `url`,
    and its `source` for pages from file://, where a worker starts only from a blob. The compiled engine is within, in
    base64, as nothing can be fetched there.
    """
    code = base64.b64encode((ENGINE / "engine.wasm").read_bytes()).decode()
    worker = front_end(ENGINE / "worker.js").replace("export function", "function")
    return _FRAME.format(worker=worker, code=code)
