// A network that is loaded on first use instead of with the page: its weights are many.
import { networkOf } from "./network.js";

// changed() is called when `state` has become "loading", "ready" or "failed". check(network) may throw an Error for a
// network that the widget cannot use.
export function lateNetwork(model, changed, check = () => {}) {
  let attempt = 0; // the number of the latest one: an older one that ends later is ignored
  const late = {
    state: "idle",
    network: null, // the three layers with their weights, while `state` is "ready"
    reason: "", // why it failed, in a sentence
    // Loads the network, unless it is here or on its way.
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
        const network = await networkOf(model);
        check(network);
        end("ready", network, "");
      } catch (error) {
        end("failed", null, error.message);
      }
    },
    // For a view that is taken away, or a model that has been given another network.
    forget() {
      attempt++;
      Object.assign(late, { state: "idle", network: null, reason: "" });
    },
  };
  return late;
}
