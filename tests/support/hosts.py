"""A notebook that is open in a Jupyter host, as the tests see it: its cells, its kernel, its widgets."""

import json
import re
import time

TIMEOUT = 90_000  # milliseconds; the first cell imports TensorFlow on a machine that may be busy
HOSTS = {  # where the server shows a notebook in each; JupyterLab opens again what a workspace held before
    "jupyterlab": "lab/workspaces/{name}/tree/{name}.ipynb",
    "notebook": "notebooks/{name}.ipynb",
}

# Notebook 7.6 throws these while it starts, with or without a widget: it asks for what it has not loaded yet.
OF_NOTEBOOK_ITSELF = (
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
)

# The server remembers static files by their names alone: a font that one host was given is refused to the other.
OF_THE_SERVER = re.compile(r"/static/(lab|notebook)/[0-9a-f]+\.woff2?$")

NOTEBOOK_SCRIPT = """() => {
  const panel = jupyterapp.shell.currentWidget;
  const cells = () => panel.content.model.sharedModel;
  const run = (id) => {
    panel.content.activeCellIndex = cells().cells.findIndex((cell) => cell.id === id);
    return jupyterapp.commands.execute("notebook:run-cell");
  };
  window.notebook = {
    add: (source) => cells().insertCell(cells().cells.length, { cell_type: "code", source }).id,
    run,
    start: (id) => { run(id); },
    activate: (id) => { panel.content.activeCellIndex = cells().cells.findIndex((cell) => cell.id === id); },
    mark: (id) => { panel.content.widgets.find(({ model }) => model.id === id).node.dataset.cell = id; },
    outputs: (id) => cells().cells.find((cell) => cell.id === id).outputs,
    code: () => cells().cells.filter((cell) => cell.cell_type === "code")
      .map(({ id, outputs, execution_count: count }) => ({ id, outputs, count })),
    remove: (id) => cells().deleteCell(cells().cells.findIndex((cell) => cell.id === id)),
    removeAllButTheFirst: () => cells().deleteCellRange(1, cells().cells.length),
    ids: () => cells().cells.map((cell) => cell.id),
    active: () => panel.content.activeCell.model.id,
    status: () => panel.sessionContext.session?.kernel?.status,
    shutDown: () => panel.sessionContext.shutdown(),
    interrupt: () => jupyterapp.commands.execute("notebook:interrupt-kernel"),
    save: () => panel.context.save(),
  };
}"""


class Lab:
    """A notebook that is open in JupyterLab or in Notebook 7."""

    def __init__(self, page, file):
        self.page, self.file = page, file
        self.trouble = []
        page.on("console", self._hear)
        page.on("pageerror", self._hear_error)

    def _hear(self, message):
        address = message.location["url"]
        if message.type == "error" and not ("403" in message.text and OF_THE_SERVER.search(address)):
            self.trouble.append(f"console: {message.text} ({address})")

    def _hear_error(self, error):
        if not (error.message.endswith(OF_NOTEBOOK_ITSELF) and "/static/notebook/notebook_core." in error.stack):
            self.trouble.append(f"error: {error}")

    def call(self, name, *arguments):
        """Call a function of NOTEBOOK_SCRIPT, and wait for what it promises."""
        return self.page.evaluate("([name, values]) => notebook[name](...values)", [name, arguments])

    def start(self, source):
        """Begin to run a new cell; return it."""
        cell = self.call("add", source)
        self.call("start", cell)
        return cell

    def run(self, source):
        """Run a new cell to its end, and return it."""
        cell = self.call("add", source)
        self.run_again(cell)
        return cell

    def run_again(self, cell):
        """Run a cell to its end; an error in it fails the test."""
        self.call("run", cell)
        for output in self.call("outputs", cell):
            assert output["output_type"] != "error", "\n".join(output["traceback"])

    def shown(self, cell):
        """Return the element that holds what a cell displays, as a Playwright locator."""
        self.call("mark", cell)
        return self.page.locator(f'[data-cell="{cell}"] .jp-Cell-outputArea')

    def value(self, expression):
        """Return what an expression is in Python now; it must be something that JSON can hold."""
        cell = self.run(f"print(json.dumps({expression}))")
        (printed,) = self.call("outputs", cell)
        self.call("remove", cell)
        return json.loads("".join(printed["text"]))

    def wait_for(self, expression, value):
        """Wait until an expression has a value in Python: messages from the page take a moment."""
        end = time.monotonic() + 10
        while (found := self.value(expression)) != value:
            assert time.monotonic() < end, f"{expression} is {found!r}; expected {value!r}"

    def wait_until_idle(self):
        """Wait until the kernel has nothing left to do."""
        self.page.wait_for_function("notebook.status() === 'idle'", timeout=TIMEOUT)
