// Choosing many requests of a list: ranges, a whole page, how many are chosen. Choosing also works without this.
const $ = (selector) => document.querySelector(selector);
const boxes = () => [...document.querySelectorAll("#hg-list input[name=request]")];
const row = (box) => box.closest("[data-item]");
const say = (text) => document.dispatchEvent(new CustomEvent("announce", { detail: text }));
let chosen = new Set();
let anchor = null; // the id of the box that a range begins at
let shift = false;

const words = () => {
  const number = boxes().filter((box) => box.checked).length;
  if ($("[data-all]")?.checked) return $("[data-all]").closest("label").textContent.trim().replace(/\s+/g, " ");
  return `${number} selected`;
};
const show = () => {
  const all = boxes();
  chosen = new Set(all.filter((box) => box.checked).map((box) => box.value));
  const page = $("[data-all-on-page]");
  if (page) {
    page.closest("label").hidden = !all.length;
    page.checked = all.length > 0 && chosen.size === all.length;
    page.indeterminate = chosen.size > 0 && !page.checked;
  }
  const count = $("#hg-bulk [data-count]");
  if (count) count.textContent = words();
};
const range = (from, to) => {
  const all = boxes();
  const ends = [from, to].map((id) => all.findIndex((box) => box.value === id));
  if (ends.includes(-1)) return;
  const checked = all[ends[0]].checked;
  for (const box of all.slice(Math.min(...ends), Math.max(...ends) + 1)) box.checked = checked;
};

document.addEventListener("click", (event) => (shift = event.shiftKey), true);
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-all-on-page]")) for (const box of boxes()) box.checked = target.checked;
  else if (target.matches("#hg-list input[name=request]")) {
    if (shift && anchor) range(anchor, target.value);
    else anchor = target.value;
  } else if (!target.matches("[data-all]")) return;
  show();
  say(words());
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "X" || document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const current = boxes().find((box) => row(box).getAttribute("aria-current") === "true");
  if (!current) return;
  event.preventDefault();
  current.checked = true;
  if (anchor) range(anchor, current.value);
  else anchor = current.value;
  show();
  say(words());
});
// The list comes anew after a decision: what is still there stays chosen.
document.addEventListener("htmx:afterSettle", () => {
  for (const box of boxes()) box.checked ||= chosen.has(box.value);
  show();
});
addEventListener("pageshow", show);
show();
