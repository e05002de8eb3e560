// On every page: the theme switch, menus that close, and the state that is always in sight.
"use strict";

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-turn-theme]")) turnTheme();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The answer to a second click would say that nothing was done, when the first has done it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

function turnTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  document.dispatchEvent(new CustomEvent("theme"));
}

// One stream a page, closed while nobody sees it: browsers allow six connections to a server.
const STALE_MS = 20_000; // all is told anew every 5 s: after so long the page is out of date, whatever the reason
const AGAIN_MS = 5_000;
let stream = null;
let heardAt = Date.now();

function listen() {
  const seen = document.visibilityState === "visible";
  if (!seen && stream) {
    stream.close();
    stream = null;
  }
  if (!seen || stream || !document.body.dataset.events) return;
  const again = document.body.dataset.listened === "yes";
  document.body.dataset.listened = "yes";
  heardAt = Date.now();
  stream = new EventSource(document.body.dataset.events);
  stream.addEventListener("error", sayCut);
  stream.addEventListener("message", (event) => {
    heardAt = Date.now();
    document.body.removeAttribute("data-cut");
    take(JSON.parse(event.data));
  });
  if (again) document.dispatchEvent(new CustomEvent("live-again"));
}

function sayCut() {
  if (document.body.hasAttribute("data-cut")) return;
  document.body.setAttribute("data-cut", "");
  const since = new Date(heardAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  document.querySelector("[data-since]").textContent = ` since ${since}`;
}

// A stream that the server refuses, or that stays open and says nothing, is not opened anew by the browser.
setInterval(() => {
  if (!stream) return;
  const stale = Date.now() - heardAt > STALE_MS;
  if (stale) sayCut();
  if (!stale && stream.readyState !== EventSource.CLOSED) return;
  stream.close();
  stream = null;
  listen();
}, AGAIN_MS);

const MODES = { shadow: "plain", copilot: "accent", autopilot: "good" };

function take(news) {
  const mode = document.getElementById("mode");
  if (mode && mode.textContent !== news.state.mode) {
    mode.textContent = news.state.mode;
    mode.className = `pill ${MODES[news.state.mode]}`;
  }
  const kill = document.querySelector("[data-kill]");
  const words = `Kill switch ${news.state.kill ? "ON" : "off"}`;
  if (kill && kill.textContent !== words) {
    kill.textContent = words;
    kill.parentElement.className = `pill ${news.state.kill ? "bad" : "good"}`;
    for (const form of document.querySelectorAll("#kill-switch form")) offer(form, (form.dataset.turns === "on") !== news.state.kill);
  }
  const reason = document.querySelector("[data-kill-words]");
  if (reason && reason.textContent !== news.state.words) reason.textContent = news.state.words;
  for (const count of document.querySelectorAll("[data-waiting]")) {
    count.textContent = news.state.waiting;
    count.hidden = news.state.waiting === 0;
  }
  const ended = document.querySelector("[data-ended]");
  if (ended) [ended.hidden, ended.title] = [news.state.ended === "", news.state.ended];
  document.dispatchEvent(new CustomEvent("live", { detail: news }));
}

const READ_MS = 2000; // a click that was meant for what was there before must not answer what is there now

function offer(form, offered) {
  form.hidden = !offered;
  form.inert = offered;
  if (offered) setTimeout(() => { form.inert = false; }, READ_MS);
}

document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => { stream?.close(); stream = null; });
addEventListener("pageshow", listen);
