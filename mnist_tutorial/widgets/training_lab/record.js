// What a training has been through, in as many numbers as a chart can show.

const MAX_POINTS = 1500;
const LATEST = 20; // how many points the latest loss and accuracy are the mean of
const HALF = 10; // how many points on either side a smoothed one is the mean of

// The loss and accuracy of the steps. A long training's neighbours are joined, so that there are never too many.
// points: of a training that has ended before; { step, loss, accuracy }, means of `together` steps, the last of which is
// `step`.
export function createRecord(points = []) {
  let together = 1;
  let open = []; // steps that make the next point

  function add({ step, loss, accuracy }) {
    open.push({ step, loss, accuracy });
    if (open.length < together) return;
    points.push(joined(open));
    open = [];
    if (points.length < MAX_POINTS) return;
    for (let i = 0; i < points.length / 2; i++) points[i] = joined(points.slice(2 * i, 2 * i + 2));
    points.length = MAX_POINTS / 2;
    together *= 2;
  }

  return { add, points, latest: () => joined(points.slice(-LATEST).concat(open)) };
}

// Each point as the mean of itself and as many as HALF on either side: of as many on both near the beginning, where the
// curve is steep and a mean of later or earlier points alone would lie beside it, and of what there is at the end.
export function smoothed(points) {
  return points.map(({ step }, i) => {
    const reach = Math.min(HALF, i);
    return { ...joined(points.slice(i - reach, i + reach + 1)), step };
  });
}

export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

// Several points as one, at the step of the last.
function joined(points) {
  if (!points.length) return null;
  const of = (name) => mean(points.map((point) => point[name]));
  return { step: points[points.length - 1].step, loss: of("loss"), accuracy: of("accuracy") };
}

// Means per epoch of the steps, as fit's History has them, fed step by step.
export function createHistory() {
  const history = { loss: [], accuracy: [], val_loss: [], val_accuracy: [] };
  let sums = [0, 0, 0];
  return {
    history,
    addStep({ loss, accuracy, images, endOfEpoch }) {
      sums = [sums[0] + loss * images, sums[1] + accuracy * images, sums[2] + images];
      if (!endOfEpoch) return;
      history.loss.push(sums[0] / sums[2]);
      history.accuracy.push(sums[1] / sums[2]);
      sums = [0, 0, 0];
    },
    addValidation({ loss, accuracy }) {
      history.val_loss.push(loss);
      history.val_accuracy.push(accuracy);
    },
  };
}

// How fast it goes: images per second, over the last few seconds in which it trained.
export function createPace(now = () => performance.now()) {
  const WINDOW = 4000; // milliseconds
  let marks = [];
  let total = 0;
  return {
    start() {
      marks = [[now(), total]];
    },
    add(images) {
      total += images;
      const time = now();
      marks.push([time, total]);
      while (marks.length > 2 && marks[0][0] < time - WINDOW) marks.shift();
    },
    // null until it can be said
    imagesPerSecond() {
      const [first, last] = [marks[0], marks[marks.length - 1]];
      return first && last[0] - first[0] > 300 ? (last[1] - first[1]) / (last[0] - first[0]) * 1000 : null;
    },
  };
}

// Eight signs that follow from every bit of all weights (FNV-1a): equal ones mean the same network.
export function fingerprint(weights) {
  let sum = 0x811C9DC5;
  for (const { buffer, byteOffset, byteLength } of weights) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) sum = Math.imul(sum ^ byte, 0x01000193);
  }
  return (sum >>> 0).toString(16).padStart(8, "0");
}
