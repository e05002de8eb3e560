// Keeps the parts of a page up to date that change by themselves, without taking away what somebody writes.
"use strict";

const PARTS = ["hero", "afterwards", "inbox", "all"];

const READ_MS = 2000; // a click that was meant for the question before must not answer the new one
const EVERY_MS = 5000; // figures of an action in force change all the time
let fetchedAt = Date.now();
let told = ""; // so that what cannot be shown now is not fetched again and again

document.addEventListener("live", (event) => {
  const acts = document.querySelector(".in-force") !== null && Date.now() - fetchedAt > EVERY_MS;
  if (acts || isOlderThan(event.detail.state.incidents)) refresh();
});

// Each page says what it shows of which incident; a list shows new ones too.
function isOlderThan(incidents) {
  const part = document.querySelector("[data-stamps]");
  if (!part || told === JSON.stringify(incidents)) return false;
  told = JSON.stringify(incidents);
  const shown = JSON.parse(part.dataset.stamps);
  return Object.entries(incidents).some(([id, stamp]) => (id in shown ? shown[id] !== stamp : "all" in part.dataset));
}

document.addEventListener("live-again", refresh);

async function refresh() {
  fetchedAt = Date.now();
  // A form that was refused leaves its own address behind: what there is to see is elsewhere.
  const address = document.querySelector("[data-address]")?.dataset.address ?? location.href;
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const name of PARTS) replace(name, fresh);
}

function replace(name, fresh) {
  const now = document.getElementById(name);
  const next = fresh.getElementById(name);
  if (!next) return;
  if (!now) return document.getElementById("hero")?.after(document.adoptNode(next));
  if (isInUse(now)) {
    const asked = now.dataset.question !== undefined && now.dataset.question !== next.dataset.question;
    if (asked) document.getElementById("changed").hidden = false;
    return;
  }
  if (now.outerHTML === next.outerHTML) return;
  if (now.dataset.says !== next.dataset.says) document.getElementById("announce").textContent = next.dataset.says;
  if (now.dataset.question !== next.dataset.question) holdButtons(next);
  now.replaceWith(document.adoptNode(next));
}

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
