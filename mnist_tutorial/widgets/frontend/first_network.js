// A copy of the book's network, a sixth of its size, that answers until the whole one is there.

// Loads it in a page where the element is seen as soon as it is there; changed() is called when it has come. Not for a model
// with weights of its own, nor where the reader has asked for little data.
export function firstNetwork(element, model, changed) {
  let arrived;
  const first = {
    network: null, // the three layers, once they are there
    settled: new Promise((resolve) => { arrived = resolve; }), // whether they have come or not
    // For a view that is removed, or another network.
    drop() {
      observer?.disconnect();
      first.network = null;
      dropped = true;
      arrived();
    },
  };
  let dropped = false;
  const isAsked = window.mnistTutorial && !Object.keys(model.get("weights") ?? {}).length && !navigator.connection?.saveData;
  const observer = isAsked ? new IntersectionObserver(async ([{ isIntersecting }]) => {
    observer.disconnect();
    try {
      const network = isIntersecting ? await window.mnistTutorial.firstNetwork() : null;
      if (network && !dropped) {
        first.network = network;
        changed();
      }
    } catch { // the whole one will say what is wrong
    }
    arrived();
  }) : null;
  if (isAsked) observer.observe(element);
  else arrived();
  return first;
}
