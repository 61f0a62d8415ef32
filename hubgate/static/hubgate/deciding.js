// Deciding one request after another: keys pressed meanwhile wait their turn, drafts stay, and who else is here.
const byId = (id) => document.getElementById(id);
const on = (name, run, capture = false) => document.addEventListener(name, run, capture);
const panel = () => byId("hg-panel");
const dialog = byId("hg-dialog");
const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

// A key pressed while the answer to the one before is under way acts on the request that the answer shows, not on the one
// that is still there. What is refused or leads elsewhere ends the row. A key held down is one press.
const KEYS = ["a", "r", "j", "k", "u"];
const under = new Map();
let queue = [];
let due = 0;
const fills = (event, id) => event.detail.target?.id === id;
const next = () => {
  clearTimeout(due);
  due = 0;
  if (under.size || dialog.open) return;
  const key = queue.shift();
  if (key) (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
};
on("htmx:beforeSend", (event) => {
  const inside = fills(event, "hg-dialog-body");
  if (fills(event, "hg-panel") || inside) under.set(event.detail.xhr, { opens: inside && !dialog.open, reads: event.detail.requestConfig.verb === "get" });
});
on("htmx:afterRequest", (event) => {
  const { xhr } = event.detail;
  if (!under.delete(xhr)) return;
  if (xhr.status !== 200 && xhr.status !== 0) queue = [];
  due = setTimeout(next, 150);
});
on("htmx:afterSettle", (event) => {
  if (due && fills(event, "hg-panel")) setTimeout(next);
  restore();
});
on(
  "keydown",
  (event) => {
    const { key, target } = event;
    if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || typing(target) || dialog.open) return;
    const moves = key === "j" || key === "k";
    const requests = [...under.values()];
    if (requests.some((request) => request.opens) || (event.repeat && !moves && KEYS.includes(key))) {
      if (key.length === 1) event.preventDefault();
      return;
    }
    if (!KEYS.includes(key) || !(requests.length || due)) return;
    if (moves && !queue.length && requests.length && requests.every((request) => request.reads)) return;
    event.preventDefault();
    if (!queue.includes("r")) queue.push(key);
  },
  true,
);

// "Accepted. Undo": the request comes back into the panel, where one is shown.
on("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-offer]") || !panel()?.checkVisibility() || !window.htmx) return;
  event.preventDefault();
  htmx.ajax("POST", form.getAttribute("action"), { source: panel(), target: panel(), swap: "outerHTML" });
});

// What is being written stays when the panel shows another request and comes back.
const drafts = new Map();
const draftOf = (field) => `${field.form.getAttribute("action").split("?")[0]} ${field.name}`;
on("input", (event) => {
  if (event.target.matches("[data-draft]")) drafts.set(draftOf(event.target), event.target.value);
});
on("htmx:afterRequest", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (!detail.successful || !elt.matches("form")) return;
  for (const field of elt.querySelectorAll("[data-draft]")) drafts.delete(draftOf(field));
});
const restore = () => {
  for (const field of document.querySelectorAll("[data-draft]")) {
    const draft = drafts.get(draftOf(field));
    if (!draft || field.value) continue;
    field.value = draft;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
};

// Who else is here: asked every few seconds while the page is seen, and soon after another request is shown.
const SOON = 1500;
const EVERY = 5000;
let beatAt = 0;
let shown = null;
const beat = () => {
  const form = byId("hg-presence");
  if (!form || document.hidden || !window.htmx || !panel().checkVisibility()) return;
  const now = Date.now();
  const row = panel().dataset.row;
  if (shown !== row) {
    shown = row;
    beatAt = now + SOON;
  }
  if (now < beatAt) return;
  beatAt = now + EVERY;
  form.elements.deciding.value = dialog.open && dialog.querySelector("textarea") ? "1" : "0";
  htmx.trigger(form, "beat");
};
setInterval(beat, 500);
on("meanwhile", (event) => {
  if (dialog.open && dialog.querySelector("form[method=post] textarea")) {
    dialog.querySelector("[data-meanwhile]")?.remove();
    const told = document.createElement("p");
    told.className = "hg-alert hg-alert--warning mb-4";
    told.dataset.meanwhile = "";
    told.textContent = event.detail.value ?? event.detail;
    dialog.querySelector(".hg-dialog__body").prepend(told);
  } else
    setTimeout(() => {
      if (document.activeElement === document.body) panel()?.querySelector("[data-focus]")?.focus();
    }, 100);
});
