for (const training of document.querySelectorAll(".training")) {
  const control = training.querySelector(".film-control"), label = control.querySelector("span"), range = control.querySelector("input");
  const play = control.querySelector("button"), frames = Array.from(training.querySelectorAll(".film figure"));
  const [epochs, places] = [training.dataset.epochs, training.dataset.places].map((list) => list.split(" ").map(Number));
  const epochOf = (frame) => Number(frame.dataset.epoch);
  const show = () => {
    const epoch = epochs[range.value], text = `Epoch ${epoch}`;
    const latest = frames.findLast((frame) => epochOf(frame) <= epoch) ?? frames[0];
    for (const frame of frames) frame.hidden = frame !== latest;
    for (const cursor of training.querySelectorAll(".plot i")) cursor.style.left = `${100 * places[range.value]}%`;
    for (const value of training.querySelectorAll("[data-values]")) value.textContent = value.dataset.values.split(" ")[range.value];
    label.textContent = text;
    range.setAttribute("aria-valuetext", text);
  };
  const go = (epoch) => {
    const place = epochs.findIndex((other) => other >= epoch);
    range.value = place < 0 ? epochs.length - 1 : place;
    show();
  };

  let timer;
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    if (play) play.textContent = "Play";
  };
  const advance = () => {
    const next = frames.find((frame) => epochOf(frame) > epochs[range.value]);
    if (next) go(epochOf(next));
    if (next === undefined || next === frames.at(-1)) stop();
  };
  play?.addEventListener("click", () => {
    if (timer) return stop();
    if (epochs[range.value] >= epochOf(frames.at(-1))) go(epochOf(frames[0]));
    play.textContent = "Pause";
    timer = setInterval(advance, 700);
  });

  range.addEventListener("input", () => { stop(); show(); });
  for (const plot of training.querySelectorAll(".plot")) {
    plot.addEventListener("pointermove", ({clientX}) => {
      const box = plot.getBoundingClientRect(), at = (clientX - box.left) / box.width;
      const far = places.map((place) => Math.abs(place - at));
      stop();
      range.value = far.indexOf(Math.min(...far));
      show();
    });
  }
  training.classList.add("live");
  control.hidden = epochs.length < 2;
  for (const cursor of training.querySelectorAll(".plot i")) cursor.hidden = epochs.length < 2;
  show();
}
