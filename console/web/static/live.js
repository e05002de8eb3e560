// The live page: three charts that share a cursor, and panels that the server draws.
"use strict";

const CHARTS = {
  rate: { lines: [{ name: "rate", token: "accent" }], band: ["rate_low", "rate_high"], write: "percent", most: 1 },
  volume: { lines: [{ name: "volume", token: "accent" }], band: ["volume_low", "volume_high"], write: "number" },
  p95: {
    lines: [{ name: "p95", token: "accent" }, { name: "p50", token: "muted", width: 1.2 }],
    band: ["p95_low", "p95_high"],
    write: "ms",
  },
};

class LivePage {
  constructor(data) {
    this.points = data.points;
    this.feed = data.feed;
    this.marks = data.marks;
    this.point_s = data.point_s;
    this.told = "";
    this.cursor = null;
    this.charts = {};
    for (const element of document.querySelectorAll("[data-chart]")) {
      const name = element.dataset.chart;
      this.charts[name] = drawChart(element, CHARTS[name], this.points, this.marks);
      element.addEventListener("cursor", (event) => this.point(event.detail));
    }
    this.point(null);
    htmx.onLoad((part) => this.linkSegments(part));
    document.addEventListener("live", (event) => this.take(event.detail));
    document.addEventListener("live-again", () => this.takeAll());
  }

  take(news) {
    if (news.gone) return this.say(news.gone);
    if (!news.points) return;
    if (news.feed !== this.feed) return location.reload();
    this.since = news.since;
    for (const [name, html] of Object.entries(news.panels)) this.show(name, html);
    this.marks = news.marks;
    const last = this.points.at.at(-1);
    if (last !== undefined && news.points.at.length && news.points.at[0] > last + 1.5 * news.point_s) return this.takeAll();
    this.merge(news.points);
    this.draw();
  }

  /** Add points; those that are there already are replaced. */
  merge(points) {
    const from = points.at.length ? this.points.at.findIndex((at) => at >= points.at[0] - 1e-6) : -1;
    const kept = from < 0 ? this.points.at.length : from;
    const first = this.points.at.findIndex((at) => at >= this.since);
    for (const name of Object.keys(this.points)) {
      this.points[name] = [...this.points[name].slice(Math.max(first, 0), kept), ...(points[name] ?? points.at.map(() => null))];
    }
  }

  async takeAll() {
    const answer = await fetch(`/live/series${location.search}`);
    if (!answer.ok) return;
    const data = await answer.json();
    if (data.feed !== this.feed) return location.reload();
    Object.assign(this, { points: data.points, marks: data.marks });
    this.draw();
  }

  draw() {
    for (const chart of Object.values(this.charts)) chart.update(this.points, this.marks);
    this.point(this.cursor);
  }

  show(name, html) {
    const panel = document.querySelector(`[data-panel="${name}"]`);
    this.drawn ??= {};
    if (!panel || this.drawn[name] === html || panel.contains(document.activeElement) && name !== "headline") return;
    const scrolled = panel.querySelector(".scroll, .log");
    const places = scrolled ? [scrolled.scrollLeft, scrolled.scrollTop] : [0, 0];
    htmx.swap(panel, html, { swapStyle: "innerHTML" });
    this.drawn[name] = html;
    const again = panel.querySelector(".scroll, .log");
    if (again) [again.scrollLeft, again.scrollTop] = places;
    if (name === "headline") this.say(panel.querySelector(".callout")?.textContent.trim() ?? "");
  }

  /** Tell a screen reader what is new about incidents; the figures of calm traffic are none. */
  say(text) {
    const news = text.startsWith("No incident") ? "No incident." : text;
    if (news === this.told) return;
    this.told = news;
    document.getElementById("announce").textContent = news;
  }

  /** Point the links of segments at this page, with the feed and span that it shows. */
  linkSegments(inside) {
    const here = new URLSearchParams(location.search);
    for (const link of inside.querySelectorAll("[data-segment]")) {
      here.set("segment", link.dataset.segment);
      link.href = `/?${here}`;
      if (link.dataset.segment === (new URLSearchParams(location.search).get("segment") ?? "wide-0")) link.setAttribute("aria-current", "true");
    }
  }

  /** Say what is marked at a time: incidents that go on then, and actions that begin or end within a point of it. */
  marksAt(at) {
    const reach = this.point_s;
    const near = this.marks.filter((mark) =>
      mark.kind === "incident" ? mark.at - reach <= at && at <= (mark.until ?? Infinity) : Math.abs(mark.at - at) <= reach);
    return [...new Set(near.map((mark) => mark.words))].join(" · ");
  }

  /** Write the values under the cursor, or else the last ones, beside each chart's name. */
  point(index) {
    this.cursor = index;
    const place = index ?? this.points.at.length - 1;
    const at = this.points.at[place];
    if (at === undefined) return;
    const when = index == null ? "" : `${new Date(at * 1e3).toISOString().slice(11, 19)}  `;
    document.getElementById("marks").textContent = index == null ? "" : this.marksAt(at);
    for (const output of document.querySelectorAll("[data-value]")) {
      const name = output.dataset.value;
      const write = WRITE[CHARTS[name].write];
      const [low, high] = CHARTS[name].band.map((band) => this.points[band]?.[place]);
      const normal = low == null ? "" : ` · normal ${write(low)} to ${write(high)}`;
      output.textContent = `${when}${write(this.points[name]?.[place])}${normal}`;
    }
  }
}

const liveData = document.getElementById("live-data");
const livePage = liveData ? new LivePage(JSON.parse(liveData.textContent)) : null;
// Before there is anything to draw, the page shows whether it can be waited for.
if (livePage === null) document.addEventListener("live", ({ detail: { feed, state } }) => {
  const said = document.querySelector("main [data-ending]")?.textContent ?? "";
  if (feed || said !== state.ended) location.reload();
});
