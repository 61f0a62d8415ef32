// The inbox: the next request is fetched while this one is read, and opens at once. Pages also work without it.
const FRESH = 30000; // ms; what is decided meanwhile is told by the server, which compares the status that was seen
const held = new Map(); // address → { at, html } or, while it is on its way, { at, coming }
const panel = () => document.getElementById("hg-panel");
const address = (url) => {
  const { pathname, search } = new URL(url, location.href);
  return pathname + search;
};
const fresh = (key) => {
  const found = held.get(key);
  return found && Date.now() - found.at < FRESH ? found : null;
};

// Fetch a panel to have it at hand. It is not shown, so nothing is marked as read, and no message is used up.
const prefetch = (url) => {
  const key = address(url);
  if (fresh(key)) return;
  const entry = { at: Date.now() };
  const headers = { "HX-Request": "true", "HX-Target": "hg-panel", Purpose: "prefetch" };
  entry.coming = fetch(key, { headers })
    .then((answer) => (answer.status === 200 && !answer.redirected ? answer.text() : ""))
    .catch(() => "")
    .then((html) => {
      entry.html = html;
      if (!html && held.get(key) === entry) held.delete(key);
      return html;
    });
  held.set(key, entry);
};

// Show a panel that is at hand; false where it is not.
const show = (key) => {
  const target = panel();
  const html = fresh(key)?.html;
  if (!html || !target || !window.htmx) return false;
  held.delete(key);
  const hadFocus = target.contains(document.activeElement);
  htmx.swap(target, html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 }, { eventInfo: { target, elt: target } });
  history.replaceState({ htmx: true }, "", key);
  if (hadFocus) panel().querySelector("[data-focus]")?.focus();
  return true;
};

// Show a panel that is at hand or on its way; one that did not come is asked for again. The last wish counts.
let turn = 0;
const open = async (key) => {
  const mine = ++turn;
  await fresh(key)?.coming; // also where it is at hand: all who hear of the wish find the panel still in its place
  if (mine !== turn || show(key)) return;
  history.replaceState({ htmx: true }, "", key);
  await htmx.ajax("GET", key, { target: "#hg-panel", swap: "outerHTML" });
};

// What comes after the current row; at the end of the page of rows, what the panel itself calls the next.
const following = () => {
  const rows = [...document.querySelectorAll('[data-list="open"] [data-item]')];
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const row = at < 0 ? null : rows[at + 1];
  return (row ?? panel()?.querySelector(".hg-foot__moves"))?.querySelector("a[hx-get]")?.getAttribute("href");
};
let soon = 0;
const look = () => {
  clearTimeout(soon);
  soon = setTimeout(() => {
    const url = panel()?.checkVisibility() && !navigator.connection?.saveData && following();
    if (url) prefetch(url);
  }, 150);
};

document.addEventListener("htmx:beforeRequest", (event) => {
  const { requestConfig, target } = event.detail;
  if (requestConfig.verb !== "get") {
    const request = requestConfig.path.match(/^\/requests\/\d+\//)?.[0];
    for (const key of [...held.keys()]) if (!request || key.startsWith(request)) held.delete(key);
  } else if (!event.defaultPrevented && target && target === panel() && target.checkVisibility()) {
    const key = address(requestConfig.path);
    if (!fresh(key)) return void turn++;
    event.preventDefault();
    open(key);
  }
});
document.addEventListener("htmx:afterSettle", look);
look();

// For what moves on by itself: `hubgate.panel(url)` shows a request in the panel, at once where it is at hand.
window.hubgate = { prefetch, panel: (url) => open(address(url)) };
