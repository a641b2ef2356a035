(() => {
  const dialog = document.querySelector("dialog.zoom");
  const part = (name) => dialog.querySelector(`.zoom-${name}`);
  const stage = part("stage"), wipe = part("wipe").querySelector("input"), gain = part("gain").querySelector("input");
  const sides = Array.from(part("sides").querySelectorAll("select"));
  const usual = ["Input", "Output", "Target", "Error"];
  let item, images = []; // the element shown, and its images, enlarged
  let mode = "side", second = false; // second: whether blink shows the second image
  let view = {scale: 1, x: 0, y: 0}; // x, y: shift in shares of a pane, the same for every pane

  // Items, and the address of each: the part of the URL after # has `image`, beside what else a page keeps there.

  const items = () => Array.from(document.querySelectorAll("[data-zoom]:not([hidden], [hidden] *)"));
  const kept = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const byKey = () => {
    const found = new Map(), count = new Map();
    for (const one of document.querySelectorAll("[data-zoom]")) {
      const name = one.dataset.zoom, number = (count.get(name) ?? 0) + 1;
      count.set(name, number);
      found.set(number > 1 ? `${name},${number}` : name, one);
    }
    return found;
  };
  const address = (one) => {
    const url = new URL(location), state = kept();
    const key = one && Array.from(byKey()).find(([, other]) => other === one)[0];
    if (one) state.set("image", key);
    else state.delete("image");
    url.hash = state;
    return url;
  };
  const follow = () => {
    const found = byKey().get(kept().get("image"));
    if (found) show(found);
    else if (dialog.open) dialog.close();
  };
  const step = (by) => {
    const all = items(), place = all.indexOf(item) + by;
    const next = all[(place + all.length) % all.length];
    show(next);
    history.replaceState(history.state, "", address(next)); // last, as browsers refuse this while a key is held
  };

  // What is shown

  const show = (one) => {
    item = one;
    const waiting = item.querySelector("noscript");
    if (waiting && waiting === item.lastChild) waiting.insertAdjacentHTML("afterend", waiting.textContent);
    images = Array.from(item.querySelectorAll("img"), (small, index) => {
      const image = new Image();
      Object.assign(image, {src: small.src, alt: small.alt, draggable: false});
      image.dataset.label = (small.dataset.label ?? usual[index] ?? small.alt).trim();
      return image;
    });
    images[0]?.addEventListener("load", shape);
    offerSides();
    const all = items();
    part("title").textContent = item.dataset.zoom;
    part("note").textContent = item.querySelector("[data-note]")?.textContent ?? "";
    part("place").textContent = `${(all.indexOf(item) + 1).toLocaleString("en")} of ${all.length.toLocaleString("en")}`;
    part("pixel").textContent = "";
    second = false;
    look(1, 0, 0);
    render();
    if (!dialog.open) dialog.showModal();
  };
  const offerSides = () => {
    const is = (word) => (image) => image.dataset.label.toLowerCase().startsWith(word);
    const made = images.findIndex((image) => !["input", "target", "error"].some((word) => is(word)(image)));
    const target = images.findIndex(is("target"));
    const usualSides = [Math.max(made, 0), target < 0 ? images.length - 1 : target];
    sides.forEach((select, side) => {
      const chosen = select.options.length === images.length ? select.value : usualSides[side]; // kept from image to image
      select.replaceChildren(...images.map((image, index) => new Option(image.dataset.label, index)));
      select.value = chosen;
    });
    for (const element of dialog.querySelectorAll(".zoom-pair")) element.hidden = images.length < 2;
    if (images.length < 2) mode = "side";
  };
  const render = () => {
    const pair = sides.map((select) => images[select.value]);
    const [first, other] = pair.map((image) => image?.dataset.label);
    const caption = {blink: second ? other : first, wipe: `${first} | ${other}`, error: `|${first} − ${other}| × ${2 ** gain.value}`}[mode];
    const panes = mode === "side" ? images.map((image) => [image]) : [pair];
    stage.replaceChildren(...panes.map((layers) => {
      const figure = document.createElement("figure"), pane = document.createElement("div"), text = document.createElement("figcaption");
      pane.className = "zoom-pane";
      pane.append(...layers);
      text.textContent = caption ?? layers[0].dataset.label;
      figure.dataset.part = text.textContent.split(" ")[0].toLowerCase();
      figure.append(pane, text);
      return figure;
    }));
    stage.dataset.mode = mode;
    stage.classList.toggle("second", second);
    const rows = Math.ceil(panes.length / 4);
    stage.style.setProperty("--rows", rows);
    stage.style.setProperty("--columns", Math.ceil(panes.length / rows));
    stage.style.setProperty("--wipe", wipe.value);
    stage.style.setProperty("--gain", 2 ** gain.value);
    part("gain").querySelector("output").textContent = `× ${2 ** gain.value}`;
    part("wipe").hidden = mode !== "wipe";
    part("gain").hidden = mode !== "error";
    part("sides").hidden = mode === "side";
    for (const button of dialog.querySelectorAll("button[data-mode]")) button.ariaPressed = button.dataset.mode === mode;
    shape();
  };
  const shape = () => {
    if (images[0]?.naturalWidth) stage.style.setProperty("--ratio", images[0].naturalWidth / images[0].naturalHeight);
  };
  const choose = (wanted) => {
    if (images.length < 2) return;
    second = wanted === "blink" && mode === "blink" && !second;
    mode = wanted;
    render();
  };

  // Zoom and shift

  const look = (scale, x, y) => {
    view = {scale: Math.min(Math.max(scale, 1), 64)};
    [view.x, view.y] = [x, y].map((shift) => Math.min(0, Math.max(1 - view.scale, shift)));
    stage.style.setProperty("--scale", view.scale);
    stage.style.setProperty("--x", view.x);
    stage.style.setProperty("--y", view.y);
    stage.classList.toggle("near", view.scale > 1);
  };
  const zoom = (by, [x, y] = [0.5, 0.5]) => {
    const scale = Math.min(Math.max(view.scale * by, 1), 64), grown = scale / view.scale;
    look(scale, x - (x - view.x) * grown, y - (y - view.y) * grown);
  };
  const within = (pane, {clientX, clientY}) => {
    const box = pane.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
  };

  // Pixels

  const contexts = new WeakMap(); // image -> its pixels, or null: of a file from the disk browsers show a page the image, not its pixels
  const pixelsOf = (image) => {
    if (!contexts.has(image)) {
      if (image.src.startsWith("data:image/jpeg")) { // with loss, so its values are not those of the file
        contexts.set(image, null);
        return null;
      }
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const context = canvas.getContext("2d", {willReadFrequently: true});
      context.drawImage(image, 0, 0);
      try {
        context.getImageData(0, 0, 1, 1);
        contexts.set(image, context);
      } catch {
        contexts.set(image, null);
      }
    }
    return contexts.get(image);
  };
  const read = ([x, y]) => {
    const across = (x - view.x) / view.scale, down = (y - view.y) / view.scale;
    const loaded = images.filter((image) => image.naturalWidth);
    if (!loaded.length || Math.min(across, down) < 0 || Math.max(across, down) >= 1) return;
    const at = (image) => [Math.floor(across * image.naturalWidth), Math.floor(down * image.naturalHeight)];
    const values = loaded.filter(pixelsOf).map((image) => `${image.dataset.label}: ${pixelsOf(image).getImageData(...at(image), 1, 1).data.slice(0, 3).join(" ")}`);
    const why = images[0].src.startsWith("data:") ? "no colour values: a compressed copy" : "colour values only where the page is served, as by python -m http.server";
    const served = values.length ? values : [why];
    part("pixel").textContent = [`x ${at(loaded[0])[0]}, y ${at(loaded[0])[1]}`, ...served].join(" · ");
  };

  // Pointers: one drags, wipes or swipes, two pinch

  const held = new Map(); // pointer -> its last event
  let pane, began, moved;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || !event.target.closest(".zoom-pane")) return;
    pane = event.target.closest(".zoom-pane");
    held.set(event.pointerId, event);
    if (held.size === 1) [began, moved] = [event, false];
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const over = held.has(event.pointerId) ? pane : event.target.closest(".zoom-pane");
    if (!over) return;
    if (held.has(event.pointerId)) drag(event);
    read(within(over, event));
  });
  const drag = (event) => {
    const last = held.get(event.pointerId), other = Array.from(held.values()).find(({pointerId}) => pointerId !== event.pointerId);
    const [x, y] = within(pane, event), [lastX, lastY] = within(pane, last);
    held.set(event.pointerId, event);
    moved ||= held.size > 1 || Math.hypot(event.clientX - began.clientX, event.clientY - began.clientY) > 5;
    if (other) {
      const [otherX, otherY] = within(pane, other);
      zoom(Math.hypot(x - otherX, y - otherY) / Math.max(Math.hypot(lastX - otherX, lastY - otherY), 0.01), [(x + otherX) / 2, (y + otherY) / 2]);
    }
    const share = other ? 0.5 : 1;
    if (other || view.scale > 1) look(view.scale, view.x + (x - lastX) * share, view.y + (y - lastY) * share);
    else if (mode === "wipe") setWipe(Math.min(1, Math.max(0, x)));
  };
  stage.addEventListener("pointerup", (event) => {
    if (!held.delete(event.pointerId) || held.size) return;
    const across = event.clientX - began.clientX, down = event.clientY - began.clientY;
    if (!moved && mode === "blink") choose("blink");
    if (view.scale === 1 && mode !== "wipe" && event.pointerType !== "mouse" && Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(down)) step(across < 0 ? 1 : -1);
  });
  stage.addEventListener("pointercancel", (event) => held.delete(event.pointerId));
  stage.addEventListener("wheel", (event) => {
    const over = event.target.closest(".zoom-pane");
    if (!over) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), within(over, event));
  }, {passive: false});

  // Controls

  const setWipe = (value) => {
    wipe.value = value;
    stage.style.setProperty("--wipe", value);
  };
  wipe.addEventListener("input", () => setWipe(wipe.value));
  gain.addEventListener("input", render);
  for (const select of sides) select.addEventListener("change", render);
  const zoomBy = (by) => {
    if (by) zoom(by);
    else look(1, 0, 0);
    read([0.5, 0.5]);
  };
  const shift = (x, y) => {
    look(view.scale, view.x + x / 8, view.y + y / 8);
    read([0.5, 0.5]);
  };
  const keys = {
    ArrowLeft: () => step(-1), ArrowRight: () => step(1), "+": () => zoomBy(2), "=": () => zoomBy(2), "-": () => zoomBy(0.5), 0: () => zoomBy(0),
    b: () => choose("blink"), w: () => choose("wipe"), e: () => choose("error"), s: () => choose("side"),
  };
  const arrows = {ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
    if (event.key in arrows && event.target.matches("input")) return;
    const run = event.shiftKey && event.key in arrows ? () => shift(...arrows[event.key]) : keys[event.key.length > 1 ? event.key : event.key.toLowerCase()];
    if (!run) return;
    event.preventDefault();
    run();
  });
  dialog.addEventListener("click", ({target}) => {
    const button = target.closest("button");
    if (button?.dataset.step) step(Number(button.dataset.step));
    else if (button?.dataset.mode) choose(button.dataset.mode);
    else if (button?.dataset.zoomBy) zoomBy(Number(button.dataset.zoomBy));
    else if (button) dialog.close();
  });
  dialog.addEventListener("close", () => {
    if (kept().has("image")) history.state?.zoom ? history.back() : history.replaceState(null, "", address());
    (item.matches("button") ? item : item.querySelector("a, button")).focus();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-zoom] a, button[data-zoom]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const one = opener.closest("[data-zoom]");
    history.pushState({zoom: true}, "", address(one));
    show(one);
  });
  addEventListener("hashchange", follow);
  follow();
})();
