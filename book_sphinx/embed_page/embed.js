// Shows the widget that the address names after "#", or the names of those that there are.
(() => {
  const script = document.currentScript;
  const names = script.dataset.names.split(" ").filter(Boolean);
  const place = document.getElementById("place");
  const folder = script.src.replace(/[^/]*$/, "");
  const made = (name, properties) => Object.assign(document.createElement(name), properties);
  const inWords = (name) => name.replaceAll("_", " ");

  // Each widget's element lies in a script, so that this works from the disk; that of an unknown name is not asked for.
  window.showWidget = ({ name, markup, title, page }) => {
    place.innerHTML = markup; // its scripts are data, and do not run
    place.querySelector("[data-late]")?.removeAttribute("data-late");
    document.title = `${inWords(name)}: ${document.title}`;
    document.querySelector("h1").textContent = inWords(name);
    Object.assign(document.getElementById("source"), { href: page, textContent: `From “${title}”, in the book` });
    document.head.append(made("script", { src: `${folder}../widgets/${name}.js` }));
  };

  function list(name) {
    const said = name ? `There is no widget “${name.slice(0, 40)}”. ` : "";
    const entries = names.map((one) => {
      const entry = made("li", {});
      entry.append(made("a", { href: `#${one}`, textContent: one }));
      return entry;
    });
    place.append(made("p", { textContent: `${said}After “embed.html#”, the address names one of these:` }));
    const all = made("ul", {});
    all.append(...entries);
    place.append(all);
  }

  function show(name) {
    if (!names.includes(name)) return list(name);
    document.head.append(
      made("link", { rel: "stylesheet", href: `${folder}../widgets/${name}.css` }),
      made("script", { src: `${folder}${name}.js` }),
    );
  }

  let named = location.hash.slice(1);
  try {
    named = decodeURIComponent(named);
  } catch { /* not an address: it is shown as it is */ }
  show(named.split("=")[0]); // what follows is the state of a copied link, which the widget reads
  window.addEventListener("hashchange", () => location.reload());
})();
