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
let stream = null;

function listen() {
  const seen = document.visibilityState === "visible";
  if (!seen && stream) {
    stream.close();
    stream = null;
  }
  if (!seen || stream || !document.body.dataset.events) return;
  const again = document.body.dataset.listened === "yes";
  document.body.dataset.listened = "yes";
  stream = new EventSource(document.body.dataset.events);
  stream.addEventListener("open", () => document.body.removeAttribute("data-cut"));
  stream.addEventListener("error", () => document.body.setAttribute("data-cut", ""));
  stream.addEventListener("message", (event) => take(JSON.parse(event.data)));
  if (again) document.dispatchEvent(new CustomEvent("live-again"));
}

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
    // The form in the menu offers what was true before: it is fetched anew when the menu is opened.
    kill.parentElement.addEventListener("click", (event) => { event.preventDefault(); location.reload(); }, { once: true });
  }
  for (const count of document.querySelectorAll("[data-waiting]")) {
    count.textContent = news.state.waiting;
    count.hidden = news.state.waiting === 0;
  }
  document.dispatchEvent(new CustomEvent("live", { detail: news }));
}

document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => { stream?.close(); stream = null; });
addEventListener("pageshow", listen);
