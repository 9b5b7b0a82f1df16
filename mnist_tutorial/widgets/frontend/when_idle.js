// What a page fetches before it is asked for, so that the reader need not wait: after all that the page itself needs.

const QUIET = 1000; // milliseconds after the page has loaded
const LONGEST = 3000; // milliseconds that a busy browser may put it off

// Calls act() once the page has loaded, the element is less than a screen away, and the browser has nothing else to do; never
// where the reader has asked for little data. Returns a function that calls it off.
export function whenIdle(element, act) {
  if (navigator.connection?.saveData) return () => {};
  let [timer, idle, stopped] = [0, 0, false];
  const begin = () => {
    timer = setTimeout(() => {
      if (window.requestIdleCallback) idle = requestIdleCallback(act, { timeout: LONGEST });
      else act();
    }, QUIET);
  };
  const observer = new IntersectionObserver((entries) => {
    if (stopped || !entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    if (document.readyState === "complete") begin();
    else window.addEventListener("load", begin, { once: true });
  }, { rootMargin: "100% 0px" });
  observer.observe(element);
  return () => {
    stopped = true;
    observer.disconnect();
    window.removeEventListener("load", begin);
    clearTimeout(timer);
    if (idle) cancelIdleCallback(idle);
  };
}
