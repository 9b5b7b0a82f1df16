// An image file as a photo in grey levels. It is read here, in the page: nothing is sent anywhere.
import { blockSize, blockSums, greyOfSums } from "../frontend/photo.js";

const MAX_PIXELS = 50e6;
const MAX_BYTES = 100e6;
const SHORTEST = 8;
const STRIP = 16; // rows of blocks that are looked at together: a whole photo would take much memory, and phones refuse
const TAKES = "The pad takes PNG, JPEG, GIF, BMP and WebP images";

// A promise of { values, rows, columns }; it fails with a sentence that can be shown. going(share) is called as the work
// goes on, with the share that is done, and returns a promise of whether to go on; if not, the outcome is null.
export async function readPhoto(file, going = async () => true) {
  const name = file.name ? `“${file.name}”` : "The image";
  if (!file.size) throw new Error(`${name} is empty. ${TAKES}.`);
  if (file.size > MAX_BYTES) throw new Error(`${name} is too large: the pad takes files of up to 100 MB.`);
  let found;
  try {
    found = sizeInHeader(new DataView(await file.arrayBuffer()));
  } catch {
    found = [0, 0]; // it ends within its header
  }
  if (!found) throw new Error(`${name} is not an image that can be read here. ${TAKES}.`);
  check(name, ...found);
  let bitmap;
  try {
    bitmap = await createImageBitmap(file); // turned as the camera was held; of an animation, the first frame
  } catch {
    throw damaged(name);
  }
  try {
    check(name, bitmap.width, bitmap.height);
    return await greyOf(bitmap, going);
  } finally {
    bitmap.close();
  }
}

function damaged(name) {
  return new Error(`${name} is damaged or not complete. Save it again, or take another one.`);
}

function check(name, width, height) {
  if (!(width > 0 && height > 0)) throw damaged(name);
  const size = `${name} has ${width.toLocaleString("en")} × ${height.toLocaleString("en")} pixels`;
  if (width * height > MAX_PIXELS) throw new Error(`${size}: the pad takes up to 50 million. Make it smaller first.`);
  if (Math.min(width, height) < SHORTEST) throw new Error(`${size}: too few to read a digit. Take at least 8 × 8.`);
}

async function greyOf(bitmap, going) {
  const { width, height } = bitmap;
  const size = blockSize(width, height);
  const [rows, columns] = [Math.ceil(height / size), Math.ceil(width / size)];
  const sums = new Float64Array(4 * rows * columns);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, STRIP * size];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  for (let row = 0; row < rows; row += STRIP) {
    if (!await going(row / rows)) return null;
    const deep = Math.min(STRIP * size, height - row * size);
    context.clearRect(0, 0, width, STRIP * size);
    context.drawImage(bitmap, 0, -row * size);
    sums.set(blockSums(context.getImageData(0, 0, width, deep).data, width, deep, size), 4 * row * columns);
  }
  return greyOfSums(sums, width, height, size);
}

// Width and height as the file's first bytes tell them, before anything is decoded: a small file may claim to hold a
// image that fills all memory. null for a file of another format.
export function sizeInHeader(view) {
  const text = (at, length) => Array.from({ length }, (_, i) => String.fromCharCode(view.getUint8(at + i))).join("");
  const start = text(0, Math.min(16, view.byteLength));
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return [view.getUint32(16), view.getUint32(20)];
  if (start.startsWith("GIF8")) return [view.getUint16(6, true), view.getUint16(8, true)];
  if (start.startsWith("BM")) {
    if (view.getUint32(14, true) === 12) return [view.getUint16(18, true), view.getUint16(20, true)];
    return [view.getInt32(18, true), Math.abs(view.getInt32(22, true))];
  }
  if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) return sizeOfWebp(view, start.slice(12));
  return start.startsWith("\xff\xd8\xff") ? sizeOfJpeg(view) : null;
}

function sizeOfWebp(view, chunk) {
  if (chunk === "VP8 ") return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff];
  const three = (at) => view.getUint16(at, true) + 65536 * view.getUint8(at + 2);
  if (chunk === "VP8X") return [three(24) + 1, three(27) + 1];
  const bits = view.getUint32(21, true);
  return chunk === "VP8L" ? [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1] : null;
}

// From segment to segment until the one that starts a frame.
function sizeOfJpeg(view) {
  for (let at = 2; ;) {
    const marker = view.getUint8(at + 1);
    if (view.getUint8(at) !== 0xff) return [0, 0];
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return [view.getUint16(at + 7), view.getUint16(at + 5)];
    }
    if (marker === 0xff) at += 1; // filled up
    else at += 2 + (marker === 1 || (marker >= 0xd0 && marker <= 0xd8) ? 0 : view.getUint16(at + 2));
  }
}
