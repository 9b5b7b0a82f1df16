// Bytes as text that a browser's storage keeps: 15 bits in each character, about half the size of base64.

const FIRST = 0x3400; // the first of 32,768 characters, all of them whole ones
const PIECE = 8192; // characters that are made of their codes in one go

export function textOfBytes(bytes) {
  const codes = new Uint16Array(Math.ceil(bytes.length * 8 / 15));
  let [held, bits, end] = [0, 0, 0];
  for (const byte of bytes) {
    held = held << 8 | byte;
    bits += 8;
    if (bits < 15) continue;
    bits -= 15;
    codes[end++] = FIRST + (held >> bits);
    held &= (1 << bits) - 1;
  }
  if (bits) codes[end] = FIRST + (held << 15 - bits);
  let text = "";
  for (let i = 0; i < codes.length; i += PIECE) text += String.fromCharCode(...codes.subarray(i, i + PIECE));
  return text;
}

// The first `length` bytes of such a text; zeros where the text is too short.
export function bytesOfText(text, length) {
  const bytes = new Uint8Array(length);
  let [held, bits, end] = [0, 0, 0];
  for (let i = 0; i < text.length && end < length; i++) {
    held = held << 15 | text.charCodeAt(i) - FIRST & 0x7FFF;
    bits += 15;
    while (bits >= 8 && end < length) {
      bits -= 8;
      bytes[end++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return bytes;
}
