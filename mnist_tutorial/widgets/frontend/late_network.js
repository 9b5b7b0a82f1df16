// A network that is loaded on first use and not with the page, because of its size.
import { networkOf } from "./network.js";

// changed() is called when `state` has become "loading", "ready" or "failed". check(network) may throw an Error for a
// network that the widget cannot use. before(): a promise of what is to be loaded first.
export function lateNetwork(model, changed, check = () => {}, before = async () => {}) {
  let attempt = 0; // the number of the latest one: results of older ones are ignored
  const late = {
    state: "idle",
    network: null, // the three layers with their weights, while `state` is "ready"
    reason: "", // why it failed, in a sentence
    // Loads the network, unless it is loaded or being loaded.
    async load() {
      if (late.state === "loading" || late.state === "ready") return;
      const own = ++attempt;
      const end = (state, network, reason) => {
        if (own !== attempt) return;
        Object.assign(late, { state, network, reason });
        changed();
      };
      late.state = "loading";
      changed();
      try {
        await before();
        const network = await networkOf(model);
        check(network);
        end("ready", network, "");
      } catch (error) {
        end("failed", null, error.message);
      }
    },
    // For a view that is removed, or a model whose network has changed.
    forget() {
      attempt++;
      Object.assign(late, { state: "idle", network: null, reason: "" });
    },
  };
  return late;
}
