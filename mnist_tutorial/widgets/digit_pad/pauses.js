// Long work in parts: between two of them the page shows what has changed, and hears its reader.

const LONGEST = 50; // milliseconds of work without a pause

export function pauses() {
  let since = performance.now();
  // Until all that was written is on the screen. A page that is not seen draws nothing, and need not be waited for.
  const painted = async () => {
    if (!document.hidden) await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    since = performance.now();
  };
  return {
    painted,
    // Pauses where the work has taken long; tells whether it did.
    async pause() {
      if (performance.now() - since < LONGEST) return false;
      await painted();
      return true;
    },
  };
}
