// Everything by keyboard: letters and figures anywhere on the page, arrows and space on the sheet.

import { KEYS, pick } from "./choices.js";

const TOOLS = { r: "rectangle", l: "line", p: "pen", e: "eraser", f: "fill" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STRIDE = 8; // pixels with Shift

/** `acts` are the page's actions by name, `groups.tools` and `groups.colours` its radio groups. */
export function listen(editor, groups, acts, { allowed, moved }) {
  const onSheet = (event) => {
    if (event.target !== editor.stage || !editor.enabled || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (ARROWS[event.key]) {
      const stride = event.shiftKey ? STRIDE : 1;
      editor.move(...ARROWS[event.key].map((step) => step * stride));
    } else if (event.key === " ") {
      if (editor.drawing) editor.end();
      else editor.begin(editor.cursor);
    } else if (event.key === "Escape" && editor.drawing) {
      editor.cancel();
    } else return false;
    moved();
    return true;
  };

  const withControl = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || typing(event.target)) return false;
    const act = { z: event.shiftKey ? "redo" : "undo", y: "redo", s: "saveResult", o: "open" }[event.key.toLowerCase()];
    if (act) acts[act]();
    return Boolean(act);
  };

  const anywhere = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return false;
    if (event.key === "Enter" && !event.target.closest("button, a, summary")) return done(acts.process);
    if (typing(event.target) || !allowed()) return false;
    const key = event.key.toLowerCase();
    if (KEYS.includes(key.toUpperCase()) && editor.enabled) return pick(groups.colours, KEYS.indexOf(key.toUpperCase()));
    if (TOOLS[key] && editor.enabled) return pick(groups.tools, TOOLS[key]);
    const act = { s: "sample", n: "newSeed", o: "open", "?": "help" }[key];
    return act ? done(acts[act]) : false;
  };

  document.addEventListener("keydown", (event) => {
    if (onSheet(event) || withControl(event) || anywhere(event)) event.preventDefault();
  });
}

function done(act) {
  act();
  return true;
}

function typing(target) {
  return target.matches?.("input:not([type=radio], [type=checkbox], [type=range]), textarea, select") ?? false;
}
