// Says when htmx fetches the parts of a page that change by themselves, and keeps it off what somebody writes.
"use strict";

let told = ""; // so that what cannot be shown now is not fetched again and again

document.addEventListener("live", (event) => {
  if (isOlderThan(event.detail.state.incidents)) htmx.trigger("#announce", "stale");
  else if (document.querySelector(".in-force")) htmx.trigger("#announce", "acting"); // its figures change all the time
});

// Each page says what it shows of which incident; a list shows new ones too.
function isOlderThan(incidents) {
  const part = document.querySelector("[data-stamps]");
  if (!part || told === JSON.stringify(incidents)) return false;
  told = JSON.stringify(incidents);
  const shown = JSON.parse(part.dataset.stamps);
  return Object.entries(incidents).some(([id, stamp]) => (id in shown ? shown[id] !== stamp : "all" in part.dataset));
}

document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const [now, next] = [detail.target, detail.fragment.firstElementChild];
  const isAskedAnew = now.dataset.question !== next.dataset.question;
  const inUse = isInUse(now);
  detail.shouldSwap = !inUse && now.outerHTML !== next.outerHTML;
  if (inUse && isAskedAnew) document.getElementById("changed").hidden = false;
  if (!detail.shouldSwap) return;
  if (now.dataset.says !== next.dataset.says) document.getElementById("announce").textContent = next.dataset.says;
  if (isAskedAnew) holdButtons(next);
});

function holdButtons(part) {
  const buttons = part.querySelector(".buttons");
  if (!buttons) return;
  buttons.inert = true;
  setTimeout(() => { buttons.inert = false; }, READ_MS);
}

// Somebody writes in it, has written in it or has unfolded a form of it.
function isInUse(part) {
  if (part.contains(document.activeElement)) return true;
  if (part.querySelector("details.change[open], details#undo[open]")) return true;
  const fields = [...part.querySelectorAll("input:not([type=hidden]), textarea")];
  return fields.some((one) => (one.name === "note" ? one.value !== "" : one.value !== one.defaultValue));
}
