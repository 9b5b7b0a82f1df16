// Following what changes sixty times a second, where the reader sees it.

const AWAY = 250; // milliseconds between two updates of what is off the screen

// { ask, done, stop }: ask() has act() called once for all that has asked by then: before the next frame while the element
// is on the screen, else some times a second, or when it comes into view. done(): what was asked for has been done.
export function atScreenPace(element, act) {
  let [frame, timer, isSeen] = [0, 0, true];
  const done = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    [frame, timer] = [0, 0];
  };
  const now = () => {
    done();
    act();
  };
  const watch = new IntersectionObserver((entries) => {
    isSeen = entries[entries.length - 1].isIntersecting;
    if (isSeen && timer) now();
  });
  watch.observe(element);
  return {
    ask() {
      if (frame || timer) return;
      if (isSeen) frame = requestAnimationFrame(now);
      else timer = setTimeout(now, AWAY);
    },
    done,
    stop() {
      done();
      watch.disconnect();
    },
  };
}
