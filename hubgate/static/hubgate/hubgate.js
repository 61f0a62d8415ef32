// hubgate's one script: shortcuts, dialogs, waiting, focus, announcements. Pages also work without it.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);
const on = (name, run) => document.addEventListener(name, run);
const shown = (element) => element.checkVisibility();
const typing = (element) =>
  element.isContentEditable || (element.matches("input, textarea, select") && !element.matches("[type=checkbox], [type=radio], [type=submit]"));

// Announcements: a little later, so that a repeated one is read too.
const announce = (text) => {
  const live = byId("hg-live");
  live.textContent = "";
  setTimeout(() => (live.textContent = text), 50);
};
on("announce", (event) => announce(event.detail.value ?? event.detail));

// Preferences: the cookie that the server would set, without a new page.
on("submit", (event) => {
  const { target: form, submitter: button } = event;
  if (!form.matches("[data-preference]") || !button) return;
  event.preventDefault();
  const { name, value } = button;
  const age = value === "system" || value === "on" ? 0 : 31536000;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `hubgate_${name}=${value}; path=/; max-age=${age}; samesite=lax${secure}`;
  if (name === "theme") {
    const theme = { light: "hubgate", dark: "hubgate-dark" }[value];
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    for (const other of $$("[name=theme]", form)) other.setAttribute("aria-pressed", other === button);
  } else {
    const enabled = value === "on";
    if (enabled) delete document.body.dataset.keys;
    else document.body.dataset.keys = "off";
    for (const other of $$("[data-preference] [name=keys]")) {
      other.value = enabled ? "off" : "on";
      other.setAttribute("aria-pressed", enabled);
    }
    labelKeys();
  }
});
on("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// Messages: close, expire unless someone is reading, retry.
let failed = null;
on("click", (event) => {
  const button = event.target.closest("[data-dismiss], [data-retry]");
  if (!button) return;
  const message = button.closest("[data-message]");
  const home = message.contains(document.activeElement);
  message.remove();
  if (button.matches("[data-retry]") && failed?.isConnected) {
    if (failed.matches("form")) failed.requestSubmit();
    else failed.click();
    failed.focus();
  } else if (home) byId("hg-main").focus();
});
const expire = (element) => {
  const wait = element.dataset.expires * 1000;
  element.removeAttribute("data-expires");
  const remove = () => {
    if (element.matches(":hover, :focus-within")) setTimeout(remove, 1000);
    else element.remove();
  };
  setTimeout(remove, wait);
};

// Dialogs: a data-dialog link is fetched into the page's dialog; focus goes back to the link.
const dialog = byId("hg-dialog");
let opener = null;
const openDialog = () => {
  if (!dialog.open) dialog.showModal();
  const first = $("[autofocus]", dialog) ?? $(".hg-dialog__body :is(input:not([type=hidden]), select, textarea)", dialog) ?? $(".hg-dialog__title", dialog);
  first?.focus();
};
const closeDialog = () => dialog?.open && dialog.close();
on("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || !dialog || !window.htmx || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  opener = link;
  htmx.ajax("GET", link.getAttribute("href"), { source: link, target: "#hg-dialog-body", swap: "innerHTML" });
});
on("click", (event) => {
  const cancel = event.target.closest("[data-close]");
  if (cancel && dialog?.contains(cancel)) {
    event.preventDefault();
    closeDialog();
  }
});
on("close-dialog", closeDialog);
on("move-focus", () => ($("#hg-main [data-focus]") ?? byId("hg-main")).focus());
dialog?.addEventListener("close", () => {
  byId("hg-dialog-body").replaceChildren();
  if (opener?.isConnected) opener.focus();
  else ($("[data-focus]") ?? byId("hg-main")).focus();
  opener = null;
});

// A panel that is not shown (a narrow screen) is not filled: the link leads to its page instead.
on("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  if (!elt.matches("a[href]") || !target || dialog?.contains(target) || shown(target)) return;
  event.preventDefault();
  location.assign(elt.href);
});
on("click", (event) => {
  const item = event.target.closest("a[hx-get]")?.closest("[data-item]");
  if (item) mark(item);
});

// Waiting: a bar after 300 ms, words after 10 s. Failing: one may try again.
let waiting = 0;
let timers = [];
const quiet = ({ detail }) => (detail.requestConfig?.elt ?? detail.elt).matches("[data-quiet]");
const settle = (event) => {
  if (quiet(event)) return;
  waiting = Math.max(0, waiting - 1);
  if (waiting) return;
  timers.forEach(clearTimeout);
  delete byId("hg-bar").dataset.on;
};
on("htmx:beforeSend", (event) => {
  if (quiet(event) || waiting++) return;
  timers = [
    setTimeout(() => (byId("hg-bar").dataset.on = ""), 300),
    setTimeout(() => announce(byId("hg-slow-text").content.textContent), 10000),
  ];
});
on("htmx:afterRequest", settle);
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  on(name, (event) => {
    if (quiet(event)) return;
    failed = event.detail.elt;
    $("#hg-messages > [data-failed]")?.remove();
    const message = byId("hg-failed-text").content.firstElementChild.cloneNode(true);
    message.dataset.failed = "";
    if (!failed.matches("form, a, button")) $("[data-retry]", message).remove();
    (dialog?.open ? byId("hg-dialog-body") : byId("hg-messages")).append(message);
  });
}

// Focus: what had it keeps it (by id); if it went away with a swap, the new content's mark or its target gets it.
let hadFocus = false;
on("htmx:beforeSwap", ({ detail }) => {
  hadFocus = detail.target.contains(document.activeElement);
  if (detail.isError && detail.xhr.getResponseHeader("HX-Retarget")) detail.isError = !(detail.shouldSwap = true);
});
on("htmx:afterSettle", (event) => {
  const target = event.detail.target;
  ready();
  const row = byId("hg-panel")?.dataset.row;
  if (row) mark(byId(row));
  if (target.id === "hg-dialog-body") {
    if (target.childElementCount) openDialog();
    return;
  }
  if (!hadFocus || document.activeElement !== document.body) return;
  hadFocus = false;
  const root = target.isConnected ? target : byId("hg-main");
  const next = $("[autofocus], [data-focus]", root) ?? root;
  if (next === root && !root.hasAttribute("tabindex")) root.tabIndex = -1;
  next.focus();
});

// Lists: j and k walk the items of a [data-list]; data-list="open" also opens them in the panel.
const items = () => $$("[data-list] [data-item]").filter(shown);
const current = (all) => all.find((item) => item.contains(document.activeElement)) ?? all.find((item) => item.getAttribute("aria-current") === "true");
const mark = (item) => {
  for (const other of items()) other.removeAttribute("aria-current");
  item?.setAttribute("aria-current", "true");
};
const walk = (step) => {
  const all = items();
  if (!all.length) return;
  const at = all.indexOf(current(all));
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  mark(next);
  const link = $("a[href]", next) ?? next;
  link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  announce(`${next.dataset.item || link.textContent.trim()}, ${all.indexOf(next) + 1} / ${all.length}`);
  if (next.closest("[data-list]").dataset.list === "open" && link.hasAttribute("hx-get")) link.click();
};

// Shortcuts: data-key="a" on a button or link; never while typing, never with a modifier, and only if they are on.
const keysOn = () => document.body.dataset.keys !== "off";
const keyed = () => $$("[data-key]", dialog?.open ? dialog : document).filter((element) => shown(element) && !element.disabled);
const help = () => {
  if (!dialog || dialog.open) return;
  const content = byId("hg-help-text").content.cloneNode(true);
  const list = $("dl", content);
  if (!items().length) $("[data-for=list]", content).remove();
  if (!$("[data-item] input[type=checkbox]")) $("[data-for=select]", content).remove();
  if (!$("[data-search]")) $("[data-for=search]", content).remove();
  if ($("[data-help]")) $("[data-for=help]", content).remove();
  for (const element of keyed().reverse()) {
    const row = document.createElement("div");
    const [key, what, cap] = ["dt", "dd", "kbd"].map((tag) => document.createElement(tag));
    cap.className = "hg-key";
    cap.textContent = element.dataset.key;
    key.append(cap);
    const copy = element.cloneNode(true);
    $$("kbd", copy).forEach((mark) => mark.remove());
    what.textContent = element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? copy.textContent.trim();
    row.append(key, what);
    list.prepend(row);
  }
  opener = document.activeElement;
  byId("hg-dialog-body").replaceChildren(content);
  openDialog();
};
on("click", (event) => {
  const link = event.target.closest("[data-help]");
  if (!link || !dialog) return;
  event.preventDefault();
  help();
});
on("keydown", (event) => {
  const target = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.form && target.matches("textarea, input")) {
    event.preventDefault();
    target.form.requestSubmit();
    return;
  }
  if (!keysOn() || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing(target)) return;
  const element = keyed().find((candidate) => candidate.dataset.key === event.key);
  const open = dialog?.open;
  const search = $("[data-search]");
  if (element) element.click();
  else if (open) return;
  else if (event.key === "/" && search) search.focus();
  else if (event.key === "?") help();
  else if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "x") {
    const box = current(items()) && $("input[type=checkbox]", current(items()));
    if (!box) return;
    box.click();
  } else return;
  event.preventDefault();
});
const labelKeys = () => {
  for (const element of $$("[data-key]")) {
    if (keysOn()) element.setAttribute("aria-keyshortcuts", element.dataset.key);
    else element.removeAttribute("aria-keyshortcuts");
  }
};
const ready = () => {
  labelKeys();
  $$("[data-expires]").forEach(expire);
};
ready();
$("form[method=post] [data-focus]")?.focus();
