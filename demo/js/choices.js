// Groups of radio buttons made from lists: the models, and the colours to draw with.

export const KEYS = [..."123456789ABC"];

/** One radio button for each entry; `parts(entry, place)` are the nodes of its label. */
function choices(group, name, entries, parts, choose) {
  group.replaceChildren(
    ...entries.map((entry, place) => {
      const input = Object.assign(document.createElement("input"), { type: "radio", name, value: String(place), checked: place === 0 });
      input.addEventListener("change", () => choose(entry));
      const label = document.createElement("label");
      label.append(input, ...parts(entry, place));
      return label;
    }),
  );
}

/** The models, as a row of buttons. */
export function offerModels(group, models, choose) {
  choices(group, "model", models, (model) => [part("span", "name", model.dataset)], choose);
}

/** The colours, each with its key. */
export function offerColours(group, palette, choose) {
  const parts = ({ name, rgb }, place) => {
    const swatch = part("span", "swatch", "");
    swatch.style.setProperty("background-color", `rgb(${rgb.join(" ")})`);
    const key = part("kbd", "", KEYS[place] ?? "");
    key.setAttribute("aria-hidden", "true");
    return KEYS[place] ? [swatch, part("span", "name", name), key] : [swatch, part("span", "name", name)];
  };
  choices(group, "colour", palette, parts, choose);
}

/** Choose as if it had been clicked; whether there is such an entry. */
export function pick(group, value) {
  const input = group.querySelector(`input[value="${value}"]`);
  if (!input) return false;
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function part(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
