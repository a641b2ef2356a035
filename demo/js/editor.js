// The sheet one draws on: mouse, touch and pen through pointer events, and a cursor moved by keys. Every gesture is begin, drag, end.

import { closest, fill, line, rectangle } from "./drawing.js";
import { copy, show } from "./picture.js";

export class Editor {
  tool = "rectangle";
  colour = [0, 0, 0];
  ground = [255, 255, 255];
  palette = [];
  size = 1;
  enabled = true;
  cursor = { x: 0, y: 0 };
  #picture;
  #draft;
  #from;
  #last;

  /** `on.draft(picture)` as something is being drawn, `on.commit(picture)` when it is done. */
  constructor({ stage, sheet, canvas, crosshair }, on) {
    Object.assign(this, { stage, sheet, canvas, crosshair, on });
    // The stage listens, not the canvas: a stroke may begin in the padding around it and still reach the picture's edge.
    stage.addEventListener("pointerdown", (event) => this.#press(event));
    stage.addEventListener("pointermove", (event) => this.#follow(event));
    stage.addEventListener("pointerup", (event) => this.#release(event));
    stage.addEventListener("pointercancel", () => this.cancel());
    stage.addEventListener("focus", () => this.#point());
    stage.addEventListener("blur", () => this.#point());
  }

  /** The picture as it is seen, with what is being drawn. */
  get picture() {
    return this.#draft ?? this.#picture;
  }

  /** Where the cursor is, in words. */
  get whereabouts() {
    const { cursor, picture, palette } = this;
    const at = (cursor.y * picture.width + cursor.x) * 4;
    const under = palette.length ? `, ${closest(picture.data.slice(at, at + 3), palette).name}` : "";
    return `Column ${cursor.x + 1}, row ${cursor.y + 1}${under}${this.drawing ? ", drawing" : ""}.`;
  }

  get drawing() {
    return this.#draft !== undefined;
  }

  set picture(picture) {
    const moved = this.#picture?.width !== picture.width || this.#picture.height !== picture.height;
    this.#draft = undefined;
    this.#picture = picture;
    if (moved) this.cursor = { x: picture.width >> 1, y: picture.height >> 1 };
    this.sheet.style.setProperty("--ratio", picture.width / picture.height);
    this.#point();
    show(this.canvas, picture);
  }

  /** The first corner or the pen's first point; a fill is done at once. */
  begin(point) {
    this.#draft = copy(this.#picture);
    this.#from = this.#last = point;
    this.drag(point);
    if (this.tool === "fill") this.end();
  }

  drag(point) {
    if (!this.#draft) return;
    if (this.tool === "rectangle" || this.tool === "line") this.#draft = copy(this.#picture);
    if (this.tool === "rectangle") rectangle(this.#draft, this.#from, point, this.colour);
    else if (this.tool === "fill") fill(this.#draft, point, this.colour, this.palette);
    else if (this.tool === "line") line(this.#draft, this.#from, point, this.colour, this.size);
    else line(this.#draft, this.#last, point, this.tool === "eraser" ? this.ground : this.colour, this.size);
    this.#last = point;
    show(this.canvas, this.#draft);
    this.on.draft(this.#draft);
  }

  end() {
    const drawn = this.#draft;
    this.#draft = undefined;
    if (drawn) this.on.commit(drawn);
  }

  /** Forget what is being drawn. */
  cancel() {
    if (!this.#draft) return;
    this.#draft = undefined;
    show(this.canvas, this.#picture);
    this.on.draft(this.#picture);
  }

  /** Move the cursor by keys; draws on when something was begun. */
  move(dx, dy) {
    const { width, height } = this.#picture;
    this.cursor = { x: clamp(this.cursor.x + dx, width), y: clamp(this.cursor.y + dy, height) };
    this.#point();
    this.drag(this.cursor);
  }

  #press(event) {
    if (!this.enabled || !event.isPrimary || event.button !== 0) return;
    this.cancel();
    event.preventDefault(); // no text selection, no scrolling; focus is given by hand
    this.stage.focus({ preventScroll: true, focusVisible: false });
    this.stage.setPointerCapture(event.pointerId);
    this.begin(this.#place(event));
  }

  #follow(event) {
    if (!this.drawing || !this.stage.hasPointerCapture(event.pointerId)) return;
    const freehand = this.tool === "pen" || this.tool === "eraser";
    const steps = (freehand && event.getCoalescedEvents?.()) || []; // where the pen was since the last event
    for (const step of steps.length ? steps : [event]) this.drag(this.#place(step));
  }

  #release(event) {
    if (this.drawing && this.stage.hasPointerCapture(event.pointerId)) this.end();
  }

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.#picture;
    this.cursor = {
      x: clamp(Math.floor(((event.clientX - box.left) / box.width) * width), width),
      y: clamp(Math.floor(((event.clientY - box.top) / box.height) * height), height),
    };
    this.#point();
    return this.cursor;
  }

  #point() {
    if (!this.#picture) return;
    const { style } = this.crosshair;
    style.setProperty("left", `${(100 * this.cursor.x) / this.#picture.width}%`);
    style.setProperty("top", `${(100 * this.cursor.y) / this.#picture.height}%`);
    style.setProperty("width", `${100 / this.#picture.width}%`);
    style.setProperty("height", `${100 / this.#picture.height}%`);
    this.crosshair.hidden = !this.enabled || !this.stage.matches(":focus-visible");
  }
}

function clamp(value, size) {
  return Math.min(Math.max(value, 0), size - 1);
}
