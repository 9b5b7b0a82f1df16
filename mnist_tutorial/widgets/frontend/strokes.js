// The strokes of a drawing: lists of points [x, y], 0 to 1 from left to right and from top to bottom.

const NEAR = 0.005; // points closer to the last one than this share of the pad add nothing

// Keeps the trait `strokes` up to date while a stroke is drawn. changed() is called when it has become longer; saving
// is the caller's. The trait gets a new array each time: a changed one would not count as another value.
export function strokeRecorder(model, changed) {
  let current = null; // the stroke being drawn, and the strokes before it
  let before = [];
  const commit = (points) => {
    current = points;
    model.set("strokes", [...before, current]);
    changed();
  };
  return {
    begin(point) {
      before = model.get("strokes");
      commit([point]);
    },
    extend(points) {
      const strokes = model.get("strokes");
      if (strokes.length !== before.length + 1 || strokes[before.length].length !== current.length) {
        before = strokes; // somebody else has changed the drawing: go on from there
        current = [current[current.length - 1]];
      }
      const longer = [...current];
      for (const point of points) {
        const last = longer[longer.length - 1];
        if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= NEAR) longer.push(point);
      }
      if (longer.length > current.length) commit(longer);
    },
  };
}

// Draws strokes into a canvas of side x side pixels. pen: its width as a share of the side.
export function drawStrokes(context, side, strokes, pen) {
  context.lineWidth = pen * side;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = "#fff";
  context.beginPath();
  for (const stroke of strokes) {
    context.moveTo(stroke[0][0] * side, stroke[0][1] * side);
    // A line of no length may be left out, so that of a dot has a little.
    for (const [x, y] of stroke) context.lineTo(x * side + 0.01, y * side);
  }
  context.stroke();
}
