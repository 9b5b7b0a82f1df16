// A digit that runs through the network: each layer goes from the numbers before to those after, one layer later than the
// other. It is drawn over a few frames, and only where the reader has not asked for less motion.

const LAYERS = ["convolution", "pooling", "hidden", "probabilities"];
const LASTS = 520; // milliseconds
const DELAY = 0.2; // of a layer against the one before it, as a share of the whole

// Numbers on the way from `before` to `after`; share: how much of the time is over.
export function between(before, after, share) {
  const values = { ...after };
  LAYERS.forEach((layer, i) => {
    const [from, to] = [before[layer], after[layer]];
    if (from?.length !== to?.length || !to) return;
    const done = Math.max(0, Math.min(1, (share - i * DELAY) / (1 - (LAYERS.length - 1) * DELAY)));
    if (done < 1) values[layer] = to.map((value, at) => from[at] + (value - from[at]) * done);
  });
  return values;
}

// paint(values): draws a frame.
export function createWave(paint) {
  let frame = 0;
  const wave = {
    start(before, after) {
      wave.stop();
      if (!matchMedia("(prefers-reduced-motion: no-preference)").matches) return paint(after);
      const begun = performance.now();
      const step = () => {
        const share = Math.min(1, (performance.now() - begun) / LASTS);
        frame = share < 1 ? requestAnimationFrame(step) : 0;
        paint(share < 1 ? between(before, after, share) : after);
      };
      step();
    },
    stop() {
      cancelAnimationFrame(frame);
      frame = 0;
    },
    isRunning: () => frame !== 0,
  };
  return wave;
}
