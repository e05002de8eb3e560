// In the head, before anything is drawn: a page never shows in the theme that was not chosen.
"use strict";
{
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
}
