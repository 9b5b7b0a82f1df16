// How far the reader is: kept in this browser alone, shown as ticks in the list of chapters, and offered on the first
// page as the place to go on from. A page is read once its end has been on the screen.
(() => {
  const KEY = "mnist-tutorial progress"; // { last: { page, id, words }, read: [pages] }
  const PREFIX = "mnist-tutorial"; // of all that the book keeps
  const MARK = '<span aria-hidden="true"> ✓</span><span class="visually-hidden"> (read)</span>';
  const RESULTS = "mnist-tutorial quiz results"; // { chapter: [right, asked] }, which the quizzes keep
  const CHAPTER = /^chapters\/[\w-]+\.html$/;
  const ID = /^[\w-]+$/;
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href).href;
  const pageOf = (address) => (address.startsWith(root) ? address.slice(root.length).replace(/[?#].*/, "") : "");
  const page = pageOf(location.href);

  const made = (name, properties = {}) => Object.assign(document.createElement(name), properties);

  // What is kept, as far as it is well formed: other pages of the same host can write there as well.
  function kept() {
    let found = null;
    try {
      found = JSON.parse(localStorage.getItem(KEY));
    } catch { /* the browser keeps nothing, or something else wrote there */ }
    const { page: last, id, words } = found?.last ?? {};
    const isPlace = CHAPTER.test(last) && (id === "" || ID.test(id)) && typeof words === "string" && words.length < 200;
    const read = Array.isArray(found?.read) ? found.read.filter((one) => CHAPTER.test(one)) : [];
    return { last: isPlace ? { page: last, id, words } : null, read };
  }

  function keep(progress) {
    try {
      localStorage.setItem(KEY, JSON.stringify(progress));
    } catch { /* the browser keeps nothing: the book is read as it was before */ }
  }

  const wordsOf = (heading) => {
    const copy = heading.cloneNode(true);
    copy.querySelectorAll(".headerlink").forEach((link) => link.remove());
    return copy.textContent.trim();
  };

  // Notes the section at the top of the screen whenever another one gets there, and that the chapter is read: that its end
  // was seen, and at least half of the headings from the first one seen (all of them, if the title was) to the end. One
  // leap to the end is no reading.
  function follow() {
    const title = document.querySelector(".bd-article h1");
    const end = document.querySelector(".prev-next-footer");
    if (!title || !end) return;
    const note = (heading) => {
      const [section, words] = [heading.closest("section"), wordsOf(title)];
      const last = { page, id: heading === title ? "" : section.id, words };
      if (heading !== title) last.words += `: ${wordsOf(heading)}`;
      if (ID.test(last.id) || !last.id) keep({ ...kept(), last });
    };
    note(title);
    const headings = [...document.querySelectorAll(".bd-article section h2")];
    const above = new Map(headings.map((heading) => [heading, false]));
    const passing = new IntersectionObserver((changes) => {
      const before = [...above.values()].lastIndexOf(true);
      for (const { target, boundingClientRect } of changes) above.set(target, boundingClientRect.top < innerHeight / 2);
      const now = [...above.values()].lastIndexOf(true);
      if (now !== before) note(headings[now] ?? title);
    }, { rootMargin: "0px 0px -50% 0px" });
    headings.forEach((heading) => passing.observe(heading));
    const seen = new Set();
    const isRead = () => {
      const read = headings.filter((one) => seen.has(one));
      const first = seen.has(title) ? 0 : Math.max(0, headings.indexOf(read[0]));
      return seen.has(end) && 2 * read.length >= headings.length - first;
    };
    const seeing = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) if (isIntersecting) seen.add(target);
      if (!isRead()) return;
      seeing.disconnect();
      const progress = kept();
      if (!progress.read.includes(page)) keep({ ...progress, read: [...progress.read, page] });
      tick();
    });
    [title, ...headings, end].forEach((one) => seeing.observe(one));
  }

  function tick() {
    const { read } = kept();
    for (const link of document.querySelectorAll(".bd-docs-nav a.internal, .chapter-cards a")) {
      const isRead = read.includes(pageOf(link.href));
      const place = link.closest(".sd-card")?.querySelector(".sd-card-footer") ?? link;
      const mark = place.querySelector(".chapter-read");
      if (!isRead) mark?.remove();
      else if (!mark) place.append(made("span", { className: "chapter-read", innerHTML: MARK }));
    }
  }

  // Beside the ticks: how many questions of a chapter's quiz are answered rightly, once one is answered.
  function count() {
    let found = null;
    try {
      found = JSON.parse(localStorage.getItem(RESULTS));
    } catch { /* the browser keeps nothing, or something else wrote there */ }
    for (const link of document.querySelectorAll(".bd-docs-nav a.internal")) {
      const [, name] = /^chapters\/([\w-]+)\.html$/.exec(pageOf(link.href)) ?? [];
      const counts = name ? found?.[name] : null;
      const isCount = Array.isArray(counts) && counts.length === 2 && counts.every(Number.isInteger);
      link.querySelector(".chapter-quiz")?.remove();
      if (!isCount) continue;
      const mark = made("span", { className: "chapter-quiz" });
      const heard = made("span", { className: "visually-hidden", textContent: `, ${counts.join(" of ")} questions right` });
      mark.append(made("span", { textContent: ` ${counts.join("/")}`, ariaHidden: "true" }), heard);
      link.append(mark);
    }
  }

  function offer() {
    const chapters = document.querySelectorAll(".chapter-cards .sd-card").length;
    const { last, read } = kept();
    if (!chapters || !last) return;
    const box = made("div", { className: "book-continue" });
    document.querySelector(".bd-article h1").after(box);
    const link = made("a", {
      href: `${root}${last.page}${last.id && `#${last.id}`}`,
      textContent: last.words,
    });
    const forgetting = made("button", { type: "button", textContent: "Forget all this" });
    forgetting.addEventListener("click", () => ask(forgetting, box));
    const place = made("p");
    place.append("Continue: ", link);
    const count = made("p", { className: "book-kept" });
    count.append(`${read.length} of ${chapters} chapters read. `);
    count.append("This browser alone knows it, as it knows your drawings, networks and quiz answers. ", forgetting);
    box.append(place, count);
  }

  // What is forgotten cannot be brought back: the button asks before it does it.
  function ask(forgetting, box) {
    const words = "Delete your ticks, drawings, networks and quiz answers for good? ";
    const yes = made("button", { type: "button", textContent: "Yes, forget all" });
    const no = made("button", { type: "button", textContent: "No, keep them" });
    const asking = made("span", { role: "group", ariaLabel: words });
    asking.append(words, yes, " ", no);
    yes.addEventListener("click", () => forget(box));
    no.addEventListener("click", () => {
      asking.replaceWith(forgetting);
      forgetting.focus();
    });
    forgetting.replaceWith(asking);
    no.focus();
  }

  async function forget(box) {
    for (const storage of ["localStorage", "sessionStorage"]) {
      try {
        for (const key of Object.keys(window[storage])) if (key.startsWith(PREFIX)) window[storage].removeItem(key);
      } catch { /* it keeps nothing */ }
    }
    try {
      for (const { name } of await indexedDB.databases()) if (name.startsWith(PREFIX)) indexedDB.deleteDatabase(name);
    } catch { /* the same */ }
    tick();
    count();
    const said = made("p", { tabIndex: -1, textContent: "Forgotten. This browser keeps nothing of the book now." });
    box.replaceChildren(said);
    said.focus();
  }

  document.addEventListener("quiz-results", count);
  document.addEventListener("DOMContentLoaded", () => {
    if (CHAPTER.test(page)) follow();
    tick();
    count();
    offer();
  });
})();
