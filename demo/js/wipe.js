// Before and after: a line across the result that pulls the drawing over it.

import { show } from "./picture.js";

export class Wipe {
  constructor({ sheet, before, after, slider }) {
    Object.assign(this, { sheet, before, after, slider });
    slider.addEventListener("input", () => this.#draw());
    this.#draw();
  }

  /** Show a result, and what it was made from. */
  show(before, after) {
    this.sheet.style.setProperty("--ratio", after.width / after.height);
    show(this.before, before);
    show(this.after, after);
  }

  #draw() {
    this.sheet.style.setProperty("--wipe", `${this.slider.value}%`);
    this.sheet.dataset.wiped = this.slider.value;
    this.slider.setAttribute("aria-valuetext", `${this.slider.value} % of the width shows what it was made from`);
  }
}
