// The digits to train on, and to test on, loaded on first use; mnist_tutorial/widgets/training_data.py writes them,
// and says what they look like in their scripts.

const PIXELS = 784;
const CHOICES = { // the parts, and how many of their pieces
  first: { training: 3, validation: 1 },
  all: { training: Infinity, validation: Infinity },
  test: { test: 1 },
  "all test": { test: Infinity },
};
const TRY_AGAIN = "Try again; if that does not help, copy or build the whole book again.";

// A promise of { images, labels, validation: { images, labels }, standIn, source, totals }: Uint8Arrays, 784 bytes an
// image, 0 to 255; for a test set without validation. which: "first" (6,000 training and 1,000 validation images, or
// all if there are fewer), "all" of both, "test" (2,000 images, evenly spread) or "all test". standIn: whether they are
// not MNIST's but the stand-in's; source: "MNIST", "stand-in" or "other". totals: how many there are of each part.
// base: the folder of the widgets' scripts, with a slash at its end. onProgress({ loaded, total }): images, after each
// piece. signal: an AbortSignal. Rejects with a DOMException named AbortError if it says so, and with an Error in words
// if a file is missing or damaged; the next call may try again. The browser keeps the files as it does any others.
export async function loadDigits(which, { base = window.mnistTutorial?.folder, onProgress, signal } = {}) {
  if (!Object.hasOwn(CHOICES, which)) {
    throw new Error(`The digits "${which}" were asked for; expected ${Object.keys(CHOICES).join(", ")}.`);
  }
  if (!base) throw new Error("There are no digits beside this page: in Jupyter, Python hands them over.");
  const wanted = Object.entries(CHOICES[which]);
  const parts = {};
  let [about, loaded, total] = [null, 0, 0];
  for (const [part, most] of wanted) {
    for (let piece = 0, pieces = 1; piece < pieces; piece++) {
      const found = await loadPiece(base, `${part}-${piece}`, signal);
      if (!about) {
        about = found;
        total = wanted.reduce((sum, [name, count]) => sum + countOf(about, name, count), 0);
      } else if (about.digits !== found.digits) {
        throw new Error(`The digits in ${part}-${piece}.js differ from those before. Reload the page: the ` +
          "browser has kept some of an older book.");
      }
      pieces = Math.min(most, found.pieces);
      parts[part] ??= emptyPart(countOf(about, part, most));
      put(found, parts[part], most === 1);
      loaded += found.labels.length;
      onProgress?.({ loaded, total });
      await new Promise((resolve) => setTimeout(resolve)); // the page has a turn
    }
  }
  const { source, totals } = about;
  const { training, validation, test } = parts;
  return { ...(test ?? { ...training, validation }), standIn: source === "stand-in", source, totals };
}

// How many images the first `most` pieces of a part hold.
function countOf({ totals, sizes }, part, most) {
  const pieces = Math.ceil(totals[part] / sizes[part]);
  if (part === "test" && most === 1) return Math.ceil(totals.test / pieces); // its pieces are equally long
  return Math.min(totals[part], most * sizes[part]);
}

function emptyPart(count) {
  try {
    return { images: new Uint8Array(count * PIXELS), labels: new Uint8Array(count) };
  } catch {
    throw new Error(`The browser has no memory for ${count} images. Close other pages, or use only the first images.`);
  }
}

// Put a piece's digits where they belong: alone, one after the other, else at their numbers.
function put({ first, step, images, labels }, part, alone) {
  labels.forEach((label, i) => {
    const place = alone ? i : first + step * i;
    part.labels[place] = label;
    part.images.set(images.subarray(i * PIXELS, (i + 1) * PIXELS), place * PIXELS);
  });
}

function loadPiece(base, name, signal) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const end = (settle, value) => {
      signal?.removeEventListener("abort", stop);
      script.onload = script.onerror = null;
      script.remove();
      settle(value);
    };
    const fail = (what) =>
      end(reject, new Error(`The digits could not be loaded: the file digits/${name}.js ${what}. ${TRY_AGAIN}`));
    const stop = () => end(reject, new DOMException("The loading of the digits was cancelled.", "AbortError"));
    script.onerror = () => fail("is missing, or out of reach");
    script.onload = () => {
      try {
        const { digits } = script; // which the script has put there
        script.digits = null;
        end(resolve, decodePiece(digits, name));
      } catch {
        fail("is damaged");
      }
    };
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop);
    script.charset = "utf-8";
    script.src = `${base}digits/${name}.js`;
    document.head.append(script);
  });
}

// A piece with its images and labels as bytes. Throws an Error unless all of it is as it was written.
export function decodePiece(piece, name) {
  const labels = Uint8Array.from(piece.labels);
  const images = decodeImages(piece.images, labels.length);
  if (`${piece.part}-${piece.piece}` !== name || checksum(images, labels) !== piece.checksum) {
    throw new Error(`The digits of ${name} are incomplete or damaged.`);
  }
  return { ...piece, images, labels };
}

function decodeImages(text, count) {
  const images = new Uint8Array(count * PIXELS);
  let end = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const number = code < 127 ? code + 161 : code - 160;
    if (number < 256) images[end++] = number;
    else end += number - 255; // they are empty already
  }
  if (end !== images.length) throw new Error(`${end} pixels were found; expected ${images.length}.`);
  return images;
}

// Adler-32, as zlib has it.
function checksum(...arrays) {
  let [low, high] = [1, 0];
  for (const bytes of arrays) {
    for (let start = 0; start < bytes.length; start += 3800) { // so many cannot overflow
      const end = Math.min(start + 3800, bytes.length);
      for (let i = start; i < end; i++) {
        low += bytes[i];
        high += low;
      }
      low %= 65_521;
      high %= 65_521;
    }
  }
  return high * 65_536 + low;
}
