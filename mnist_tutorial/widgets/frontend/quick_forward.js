// `forward` of forward_pass.js with its inner loops in WebAssembly, which works on four numbers at once.
import { checkPixels, forward, softmax } from "./forward_pass.js";

// The bytes that quick_forward.wat stands for, in base64.
const CODE =
  "AGFzbQEAAAABEgJgB39/f39/f38AYAR/f39/AAMEAwAAAQUDAQABByQEBm1lbW9yeQIAA2FkZAAACGFkZFdob2xlAAEGbGFyZ2VyAAIK3wYD+QIE" +
  "AX0BewN/CHsDQCABIQkgASACQQJ0aiEKIAMhCyAA/QAEACEMIAD9AAQQIQ0gAP0ABCAhDiAA/QAEMCEPIAD9AARAIRAgAP0ABFAhESAA/QAEYCES" +
  "IAD9AARwIRMDQCAJKgIAIQcgB0MAAAAAXARAIAf9EyEIIAwgCCAL/QAEAP3mAf3kASEMIA0gCCAL/QAEEP3mAf3kASENIA4gCCAL/QAEIP3mAf3k" +
  "ASEOIA8gCCAL/QAEMP3mAf3kASEPIBAgCCAL/QAEQP3mAf3kASEQIBEgCCAL/QAEUP3mAf3kASERIBIgCCAL/QAEYP3mAf3kASESIBMgCCAL/QAE" +
  "cP3mAf3kASETCyALQYABaiELIAlBBGohCSAJIApJDQALIAAgDP0LBAAgACAN/QsEECAAIA79CwQgIAAgD/0LBDAgACAQ/QsEQCAAIBH9CwRQIAAg" +
  "Ev0LBGAgACAT/QsEcCAAIAVqIQAgASAGaiEBIARBAWshBCAEDQALC6gDBAF9AXsDfwl7A0AgASEJIAEgAkECdGohCiADIQsgAP0ABAAhDSAA/QAE" +
  "ECEOIAD9AAQgIQ8gAP0ABDAhECAA/QAEQCERIAD9AARQIRIgAP0ABGAhEyAA/QAEcCEUA0AgCSoCACEHIAdDAAAAAFwEQCAH/RMhCCAL/QEDACEM" +
  "IA0gCCAM/acB/foB/eYB/eQBIQ0gDiAIIAz9qAH9+gH95gH95AEhDiAL/QEDCCEMIA8gCCAM/acB/foB/eYB/eQBIQ8gECAIIAz9qAH9+gH95gH9" +
  "5AEhECAL/QEDECEMIBEgCCAM/acB/foB/eYB/eQBIREgEiAIIAz9qAH9+gH95gH95AEhEiAL/QEDGCEMIBMgCCAM/acB/foB/eYB/eQBIRMgFCAI" +
  "IAz9qAH9+gH95gH95AEhFAsgC0EgaiELIAlBBGohCSAJIApJDQALIAAgDf0LBAAgACAO/QsEECAAIA/9CwQgIAAgEP0LBDAgACAR/QsEQCAAIBL9" +
  "CwRQIAAgE/0LBGAgACAU/QsEcCAAIAVqIQAgASAGaiEBIARBAWshBCAEDQALCzgBAX8gACADaiEEA0AgACAA/QAEACAB/QAEAP3pAf0LBAAgAEEQ" +
  "aiEAIAEgAmohASAAIARJDQALCwDIAgRuYW1lAv4BAwAUAARzdW1zAQZpbnB1dHMCBWNvdW50AwZrZXJuZWwEBXRpbWVzBQlzdW1zX3N0ZXAGC2lu" +
  "cHV0c19zdGVwBwVpbnB1dAgBeAkCYXQKA2VuZAsDcm93DAFhDQFiDgFjDwFkEAFlEQFmEgFnEwFoARUABHN1bXMBBmlucHV0cwIFY291bnQDBmtl" +
  "cm5lbAQFdGltZXMFCXN1bXNfc3RlcAYLaW5wdXRzX3N0ZXAHBWlucHV0CAF4CQJhdAoDZW5kCwNyb3cMAXcNAWEOAWIPAWMQAWQRAWUSAWYTAWcU" +
  "AWgCBQACdG8BBGZyb20CBHN0ZXADBWJ5dGVzBANlbmQDQAMAAgAJZWFjaF90aW1lAQplYWNoX2lucHV0AQIACWVhY2hfdGltZQEKZWFjaF9pbnB1" +
  "dAIBAAllYWNoX2ZvdXI=";

const SIDE = 28;
const BLOCK = 32; // the units of a layer are taken so many at a time
const benches = new WeakMap(); // from weights to the memory where they are worked with
const compiled = compile();

// As `forward`: the same values, to about six digits. Where a browser has no WebAssembly, or the page's security policy
// forbids it, `forward` does the work. Weights are copied when they are first used, and are not to change after that.
export function quickForward(weights, pixels) {
  if (!compiled || !fits(weights)) return forward(weights, pixels); // which says what does not fit
  const image = checkPixels(pixels);
  if (!benches.has(weights)) benches.set(weights, layOut(weights));
  const bench = benches.get(weights);
  const { numbers, places, shapes, add, larger } = bench;
  const { convolution, hidden, output } = weights;
  numbers.set(image, places.pixels);
  convolve(add, numbers, places, convolution);
  larger(4 * places.maps, 0, 0, 4 * sizeOf(shapes.convolution)); // 0 is where zeros are
  pool(larger, numbers, places, shapes.convolution);
  dense(bench, hidden, places.hidden, places.pooling, places.units);
  larger(4 * places.units, 0, 0, 4 * hidden.bias.length);
  dense(bench, output, places.output, places.units, places.logits);
  const taken = (place, shape) => numbers.slice(place, place + sizeOf(shape));
  const pooling = taken(places.pooling, shapes.pooling);
  const logits = taken(places.logits, shapes.logits);
  return {
    convolution: taken(places.maps, shapes.convolution), pooling, flatten: pooling,
    hidden: taken(places.units, shapes.hidden), logits, probabilities: softmax(logits), shapes,
  };
}

function compile() {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(CODE), (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}

function shapesOf({ convolution: { shape: [rows, columns, , filters] }, hidden, output }) {
  const maps = [SIDE - rows + 1, SIDE - columns + 1, filters];
  const pooling = [maps[0] >> 1, maps[1] >> 1, filters];
  const logits = [output.bias.length];
  return {
    convolution: maps, pooling, flatten: [sizeOf(pooling)],
    hidden: [hidden.bias.length], logits, probabilities: logits,
  };
}

function sizeOf(shape) {
  return shape.reduce((product, length) => product * length);
}

function fits(weights) {
  const { flatten, hidden } = shapesOf(weights);
  const [rows, columns, channels] = weights.convolution.shape;
  return channels === 1 && rows <= SIDE && columns <= SIDE && flatten[0] > 0 &&
    weights.hidden.shape[0] === flatten[0] && weights.output.shape[0] === hidden[0];
}

// A memory that holds the weights, and behind them room for a picture and what becomes of it.
function layOut(weights) {
  const { memory, ...loops } = new WebAssembly.Instance(compiled).exports;
  const shapes = shapesOf(weights);
  const kernelSize = ({ kernel, bias }) => kernel.length / bias.length * BLOCK * Math.ceil(bias.length / BLOCK);
  const places = {};
  let end = 4; // zeros
  for (const [name, size] of [
    ["convolution", kernelSize(weights.convolution)], ["hidden", kernelSize(weights.hidden)],
    ["output", kernelSize(weights.output)], ["pixels", SIDE * SIDE], ["maps", sizeOf(shapes.convolution)],
    ["pooling", sizeOf(shapes.pooling)], ["units", shapes.hidden[0]], ["logits", shapes.logits[0]],
  ]) {
    places[name] = end;
    end += size + BLOCK; // the loops work on whole blocks, and so beyond the last number
  }
  memory.grow(Math.ceil(4 * end / 65_536));
  const numbers = new Float32Array(memory.buffer);
  putKernel(numbers, places.convolution, weights.convolution);
  for (const name of ["hidden", "output"]) {
    const { kernel, bias, scale } = weights[name];
    if (scale) { // a quarter of the memory, and of the time that reading it takes
      const whole = kernel.map((weight, i) => Math.round(weight / scale[i % scale.length] || 0));
      putKernel(new Int8Array(memory.buffer), 4 * places[name], { kernel: whole, bias });
    } else {
      putKernel(numbers, places[name], weights[name]);
    }
  }
  return { numbers, places, shapes, ...loops };
}

// Block after block of 32 units, for each input their weights. Zeros fill up the last one: adding them to whatever
// lies behind the last unit changes nothing.
function putKernel(numbers, place, { kernel, bias }) {
  const units = bias.length;
  const inputs = kernel.length / units;
  for (let i = 0; i < inputs; i++) {
    const row = kernel.subarray(i * units, (i + 1) * units);
    for (let unit = 0; unit < units; unit += BLOCK) {
      numbers.set(row.subarray(unit, unit + BLOCK), place + unit * inputs + i * BLOCK);
    }
  }
}

function convolve(add, numbers, { convolution, pixels, maps }, { shape: [rows, columns, , filters], bias }) {
  const [down, across] = [SIDE - rows + 1, SIDE - columns + 1];
  const count = down * across * filters;
  numbers.set(bias, maps);
  for (let done = filters; done < count; done *= 2) { // again and again
    numbers.copyWithin(maps + done, maps, maps + Math.min(done, count - done));
  }
  for (let row = 0; row < down; row++) {
    for (let i = 0; i < rows; i++) {
      for (let unit = 0; unit < filters; unit += BLOCK) {
        const weights = convolution + (unit * rows + i * BLOCK) * columns;
        const sums = maps + row * across * filters + unit;
        add(4 * sums, 4 * (pixels + (row + i) * SIDE), columns, 4 * weights, across, 4 * filters, 4);
      }
    }
  }
}

function pool(larger, numbers, { maps, pooling }, [height, width, channels]) {
  for (let row = 0, at = pooling; row < height >> 1; row++) {
    for (let column = 0; column < width >> 1; column++, at += channels) {
      const corner = maps + (2 * row * width + 2 * column) * channels;
      numbers.copyWithin(at, corner, corner + channels); // and over what went beyond the block before
      for (const neighbour of [channels, width * channels, (width + 1) * channels]) {
        larger(4 * at, 4 * (corner + neighbour), 16, 4 * channels);
      }
    }
  }
}

function dense({ numbers, add, addWhole }, { shape: [inputs, units], bias, scale }, kernel, from, to) {
  const [addRows, bytes] = scale ? [addWhole, 1] : [add, 4];
  numbers.fill(0, to, to + units);
  for (let unit = 0; unit < units; unit += BLOCK) {
    addRows(4 * (to + unit), 4 * from, inputs, 4 * kernel + bytes * unit * inputs, 1, 0, 0);
  }
  for (let unit = 0; unit < units; unit++) numbers[to + unit] = numbers[to + unit] * (scale?.[unit] ?? 1) + bias[unit];
}
