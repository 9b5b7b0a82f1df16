// On every page: code, tables and formulas that are wider than the page scroll in boxes of their own. For readers
// without a mouse, whose arrow keys scroll it, such a box takes the focus and says what it is.
(() => {
  const BOXES = "pre, .math-block, .cell_output > .output, .pst-scrollable-table-container";
  const KINDS = { pre: "code", math: "formula", table: "table", "svg[role=img]": "figure" };

  function update({ target: box }) {
    const tall = getComputedStyle(box).overflowY !== "hidden" && box.scrollHeight > box.clientHeight;
    if (tall || box.scrollWidth > box.clientWidth) {
      const kind = Object.keys(KINDS).find((one) => box.matches(one) || box.querySelector(one));
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", `${KINDS[kind] ?? "output"}, can be scrolled`);
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    // It also tells when a box appears because the reader has opened what it is in.
    const observer = new ResizeObserver((changes) => changes.forEach(update));
    document.querySelectorAll(BOXES).forEach((box) => observer.observe(box));
  });
})();
