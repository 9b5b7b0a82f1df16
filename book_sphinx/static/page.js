// What the theme would write into every page as a script, where a strict Content-Security-Policy forbids it.

// Where the browser forbids storage, the scripts of the theme and of Sphinx stop when they first ask for it, and no button of
// theirs works. So they get one that lasts as long as the page. What the book itself keeps is refused as before: it must
// not seem to be kept.
try {
  localStorage.getItem("mode");
} catch {
  const values = new Map();
  const checked = (key) => {
    if (key.startsWith("mnist-tutorial")) throw new Error("This browser keeps nothing.");
    return key;
  };
  Reflect.defineProperty(window, "localStorage", { value: {
    getItem: (key) => values.get(checked(key)) ?? null,
    setItem: (key, value) => void values.set(checked(key), String(value)),
    removeItem: (key) => void values.delete(checked(key)),
  } });
}

// In the head, before anything is drawn: a page that is dark must not be light at first.
for (const name of ["mode", "theme"]) {
  let kept = null;
  try {
    kept = localStorage.getItem(name);
  } catch { /* the browser keeps nothing */ }
  document.documentElement.dataset[name] = ["light", "dark", "auto"].includes(kept) ? kept : "auto";
}

document.addEventListener("click", (event) => {
  const wanted = event.target.closest("[data-on-click]")?.dataset.onClick;
  if (wanted === "window.print()") window.print();
  if (wanted === "toggleFullScreen()") toggleFullScreen();
  if (event.target.closest(".highlight-link a")) {
    event.preventDefault();
    SphinxHighlight.hideSearchWords();
  }
});

document.addEventListener("DOMContentLoaded", () => {
  // The search shows a piece of each page it finds, which it fetches; from the disk, no page may be fetched.
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  if (location.pathname.endsWith("/search.html")) document.querySelector("form.bd-search input")?.select();
});

// Sphinx puts a link into a page that was found by a search; its address is a script, which the policy forbids.
window.addEventListener("load", () => document.querySelector(".highlight-link a")?.setAttribute("href", "#"));
