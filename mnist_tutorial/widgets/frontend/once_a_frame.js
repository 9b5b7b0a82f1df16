// Drawing no more often than the screen does.

// { ask, stop }: ask() has act() called soon, once for all that has asked by then, and at most once for each frame of the
// screen: the first time at once, when the script that asked has ended; what follows waits for the next frame.
export function onceAFrame(act) {
  let [frame, due] = [0, false];
  const now = () => {
    if (!due) return;
    due = false;
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      now();
    });
    act();
  };
  return {
    ask() {
      if (due) return;
      due = true;
      if (!frame) queueMicrotask(now);
    },
    stop() {
      cancelAnimationFrame(frame);
      [frame, due] = [0, false];
    },
  };
}
