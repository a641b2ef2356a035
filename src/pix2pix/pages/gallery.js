(() => {
  const form = document.querySelector(".filter"), fields = form.elements;
  const rows = Array.from(document.querySelectorAll("main li")), groups = Array.from(document.querySelectorAll("main ul"));
  const valueOf = (row, metric) => parseFloat(row.dataset.values.split(" ")[metric]); // NaN: not measured
  const metrics = Array.from(fields.metric?.options ?? []);
  const perGroup = groups[0]?.children.length;

  // The rows of a group near the window are filled, and emptied again far from it, so that the memory does not grow with the number of rows.
  const near = new IntersectionObserver((entries) => {
    for (const {target, isIntersecting} of entries) {
      for (const row of target.children) {
        const waiting = row.querySelector("noscript");
        if (isIntersecting && !row.hidden && row.lastChild === waiting) waiting.insertAdjacentHTML("afterend", waiting.textContent);
        while (!isIntersecting && row.lastChild !== waiting) row.lastChild.remove();
      }
    }
  }, {rootMargin: "1000px"});

  const sorted = () => {
    const [key, first] = (fields.order?.value ?? "").split("-");
    const metric = metrics.findIndex(({value}) => value === key);
    if (metric < 0) return [...rows];
    const ascending = (metrics[metric].dataset.better === "lower") === (first === "best");
    const rank = new Map(rows.map((row) => [row, valueOf(row, metric) * (ascending ? 1 : -1)]));
    const last = (row) => Number.isNaN(rank.get(row)); // what was not measured
    return [...rows].sort((one, other) => last(one) - last(other) || rank.get(one) - rank.get(other) || 0);
  };
  const wanted = () => {
    const name = fields.name.value.toLowerCase(), metric = fields.metric?.selectedIndex;
    const low = fields.from?.valueAsNumber, high = fields.to?.valueAsNumber, bounded = [low, high].some(Number.isFinite);
    const within = (value) => !(low > value || high < value || Number.isNaN(value)); // what was not measured is in no range
    return (row) => row.dataset.zoom.toLowerCase().includes(name) && (!bounded || within(valueOf(row, metric)));
  };
  let order = rows, orderedBy = "";
  const update = () => {
    const matches = wanted();
    for (const row of rows) row.hidden = !matches(row);
    if (fields.order && fields.order.value !== orderedBy) {
      orderedBy = fields.order.value;
      order = sorted();
      groups.forEach((group, place) => group.append(...order.slice(place * perGroup, (place + 1) * perGroup)));
    }
    for (const group of groups) {
      const shown = Array.from(group.children).filter((row) => !row.hidden).length;
      group.hidden = !shown;
      group.style.setProperty("--rows", shown);
    }
    document.body.dataset.size = fields.size.value;
    const count = rows.filter((row) => !row.hidden).length;
    form.querySelector("[role=status]").textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")}${count ? "" : ": no image matches"}`;
    near.disconnect(); // and then again: the rows of a group are others
    for (const group of groups) near.observe(group);
  };

  // The address of the page keeps the state after its #, beside `image`, the viewer's.

  const kept = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const keep = () => {
    const state = kept(), url = new URL(location);
    for (const [key, value] of new FormData(form)) {
      if (value && !(key === "metric" && !fields.from.value && !fields.to.value)) state.set(key, value);
      else state.delete(key);
    }
    url.hash = state;
    history.replaceState(history.state, "", url);
  };
  const restore = () => {
    const state = kept();
    form.reset();
    for (const [key, value] of state) if (key in fields) fields[key].value = value;
    for (const select of form.querySelectorAll("select")) if (select.selectedIndex < 0) select.selectedIndex = 0; // an order that there is not
    update();
  };

  const download = () => {
    const cell = (text) => `"${/^[=+\-@\t\r]/.test(text) ? "'" : ""}${text.replaceAll('"', '""')}"`; // no formula in a spreadsheet
    const lines = order.filter((row) => !row.hidden).map((row) => [cell(row.dataset.zoom), ...row.dataset.values.split(" ")]);
    const header = ["name", ...metrics.map(({value}) => value)];
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([[header, ...lines].map((line) => `${line.join(",")}\n`).join("")], {type: "text/csv"}));
    link.download = `${document.title.replace(/[^\w.-]+/g, "-")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { update(); keep(); });
  form.addEventListener("reset", () => setTimeout(() => { update(); keep(); })); // once the fields are empty
  form.querySelector("[type=button]")?.addEventListener("click", download);
  addEventListener("hashchange", restore);
  restore();
})();
