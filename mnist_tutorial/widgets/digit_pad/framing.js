// The frame of a photo: whose it is, whether the reader can move it, and what is said of it.
import { foundOn } from "./found.js";
import { fitted, frameEditor, grown, inWords } from "./frame.js";
import { photoPanel } from "./photo_panel.js";
import { photoOf } from "./photo_trait.js";
import { photoInWords } from "./words.js";

const wholeOf = ({ rows, columns }) => [0, 0, columns, rows];
const isSame = (one, other) => one.every((value, i) => value === other[i]);

// change: sets traits. again(): to be called when only what is shown has changed. hintId: of the element that says how
// the frame is used.
export function framing({ model, change, again, hintId }) {
  let current = { bytes: null, active: false }; // of the photo: its bytes, and whether its frame can be moved
  const set = (frame) => change({ frame });
  // The reader's frame, or null.
  const ownOf = (photo) => model.get("frame") && fitted(model.get("frame"), photo);
  const shownOn = (photo) => ownOf(photo) ?? foundOn(photo).frames[0] ?? wholeOf(photo);
  const editor = frameEditor({ change: set, take: set, hintId });
  const panel = photoPanel({
    adjust() {
      current.active = true;
      again();
      editor.focus(); // the button is gone
    },
    resize(sign) {
      const photo = photoOf(model);
      set(grown(shownOn(photo), sign, photo));
    },
    chooseWhole: () => set(wholeOf(photoOf(model))),
    chooseBook: () => set(null),
  });
  return {
    over: editor.element, // to lie over the photo
    panel: panel.element,
    ownOf,
    stop: editor.stop,
    // Where the reader's frame is; nothing while the reader does not move it by keyboard.
    inWords() {
      const photo = photoOf(model);
      return photo && editor.hasFocus() ? `Frame at ${inWords(shownOn(photo), photo)}. ` : "";
    },
    // photo: as photoOf() returns it, or null. made: of it, as from prepareInside(). Returns whether the frame can be
    // moved, and what was said.
    show(photo, made) {
      if (!photo) {
        current = { bytes: null, active: false };
        editor.show({});
        panel.show({});
        return { active: false, said: null };
      }
      const [own, found, bytes] = [ownOf(photo), foundOn(photo), photo.values.buffer];
      // Where there is doubt, at once; else, when the reader wants it.
      if (current.bytes !== bytes) current = { bytes, active: Boolean(own || !made || made.doubts.length) };
      const { active } = current;
      const said = photoInWords({ photo, frame: own, found, made });
      const frame = shownOn(photo);
      editor.show({ photo, frame, others: found.frames.filter((one) => !isAlike(one, frame)), active });
      panel.show({ said, active, choice: !own ? "book" : isSame(own, wholeOf(photo)) ? "whole" : "" });
      return { active, said };
    },
  };
}

// Whether two frames have more in common than not.
export function isAlike([x, y, width, height], [a, b, wide, high]) {
  const across = Math.max(0, Math.min(x + width, a + wide) - Math.max(x, a));
  const down = Math.max(0, Math.min(y + height, b + high) - Math.max(y, b));
  return 3 * across * down > width * height + wide * high;
}
