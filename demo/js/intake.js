// Pictures that a person brings: opened, dropped or pasted.

/** `take(file)` is called with each picture; `refuse(error)` where there was something else. */
export function listen(chooser, curtain, take, refuse) {
  chooser.addEventListener("change", () => {
    if (chooser.files[0]) take(chooser.files[0]);
    chooser.value = ""; // the same file can be chosen again
  });

  let depth = 0; // dragenter and dragleave come for every element on the way
  const hide = () => (curtain.hidden = (depth = 0) === 0);
  document.addEventListener("dragenter", (event) => {
    if (event.dataTransfer.types.includes("Files")) curtain.hidden = !++depth;
  });
  document.addEventListener("dragleave", () => {
    if (--depth <= 0) hide();
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    hide();
    offered(event.dataTransfer, take, refuse, "What was dropped is no file. Drop a picture file here.");
  });
  document.addEventListener("paste", (event) => {
    if (event.target.closest("input:not([type=radio], [type=checkbox], [type=range], [type=color])")) return; // a field takes text
    offered(event.clipboardData, take, refuse, "There is no picture in the clipboard. Copy a picture, then paste again.");
  });
}

function offered(transfer, take, refuse, otherwise) {
  if (transfer.files[0]) take(transfer.files[0]);
  else refuse(new Error(otherwise));
}
