// Images as the widgets hold them: 28 x 28 pixels each, row by row, one image after the other.

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;

// The 784 bytes of one image, 0 to 255.
export const imageAt = (images, index) => images.subarray(index * PIXELS, (index + 1) * PIXELS);

// The same as the network takes them, 0 to 1.
export function scaledImageAt(images, index) {
  const scaled = new Float32Array(imageAt(images, index));
  for (let i = 0; i < scaled.length; i++) scaled[i] /= 255; // far faster than Float32Array.from with a function
  return scaled;
}

// The 784 pixels of one packed image, 0 to 15: widgets/packing.py puts two into each byte.
export function unpackedImageAt(packed, index) {
  const bytes = packed.subarray(index * PIXELS / 2, (index + 1) * PIXELS / 2);
  return Array.from(bytes).flatMap((byte) => [byte >> 4, byte & 15]);
}
