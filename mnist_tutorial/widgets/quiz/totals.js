// How many of the book's questions are answered rightly: kept in this browser, by chapter. reading_progress.js shows it
// beside the chapters, and its button "Forget all this" forgets it.

const KEY = "mnist-tutorial quiz results"; // { chapter: [right, asked] }
export const IN_BOOK = 101; // questions of all chapters
const CHAPTER = /\/chapters\/([\w-]+)\.html$/;
const MOST = 50; // questions of one chapter

const isCount = (counts) => Array.isArray(counts) && counts.length === 2 && counts.every(Number.isInteger) &&
  counts[0] >= 0 && counts[0] <= counts[1] && counts[1] <= MOST;

// Other pages of the same host can write there as well: what is not well formed is left out.
function kept() {
  const found = JSON.parse(localStorage.getItem(KEY));
  const entries = found && typeof found === "object" ? Object.entries(found) : [];
  return Object.fromEntries(entries.filter(([name, counts]) => /^[\w-]+$/.test(name) && isCount(counts)));
}

// The chapter that this page is, such as "05_build_model"; "" in Jupyter and on any other page.
export const chapterOfPage = () => CHAPTER.exec(location.pathname)?.[1] ?? "";

// Notes what is right in the chapter of this page, and returns how many are right in the book; null where nothing is answered
// yet, in pages that are no chapter, and where the browser keeps nothing.
export function noteResults(right, answered, asked) {
  const chapter = chapterOfPage();
  if (!chapter) return null;
  try {
    const before = kept();
    const { [chapter]: own, ...others } = before;
    const now = answered ? { ...others, [chapter]: [right, asked] } : others;
    if (String(own ?? "") !== String(now[chapter] ?? "")) {
      localStorage.setItem(KEY, JSON.stringify(now));
      document.dispatchEvent(new Event("quiz-results"));
    }
    const all = Object.values(now);
    return all.length ? all.reduce((sum, [one]) => sum + one, 0) : null;
  } catch {
    return null;
  }
}
