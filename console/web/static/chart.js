// Time charts in the page's colours: a line or two, the band of normal traffic, marks of what happened.
"use strict";

const chartProbe = document.createElement("span");
chartProbe.hidden = true;
document.documentElement.append(chartProbe);

/** The value of a colour token in the present theme, as a canvas takes it. */
function colour(token) {
  chartProbe.style.color = `var(--${token})`;
  return getComputedStyle(chartProbe).color;
}

const WRITE = {
  percent: (value) => (value == null ? "–" : `${(100 * value).toFixed(value > 0.995 ? 2 : 1)} %`),
  number: (value) => (value == null ? "–" : value >= 100 ? value.toFixed(0) : value.toPrecision(2)),
  ms: (value) => (value == null ? "–" : `${Math.round(value).toLocaleString("en")} ms`),
};

const UTC = (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "Etc/UTC");

/**
 * Draw into `element`. `about`: lines [{name, token}], band [low, high] or null, write (key of WRITE),
 * most (a limit of the scale) or null. `points` are columns by name with `at` in seconds; `marks` as the live page sends them.
 */
function drawChart(element, about, points, marks) {
  const names = [...(about.band ?? []), ...about.lines.map((line) => line.name)];
  const state = { marks };
  const write = WRITE[about.write];
  const options = {
    width: element.clientWidth,
    height: element.clientHeight,
    tzDate: UTC,
    legend: { show: false },
    padding: [6, 8, 0, 0],
    cursor: {
      sync: { key: "live" },
      points: { size: 6 },
      drag: { x: false, y: false },
      bind: { mousedown: () => null, mouseup: () => null, dblclick: () => null },
    },
    scales: { x: { time: true }, y: { range: (plot, low, high) => rangeOf(low, high, about.most) } },
    axes: [
      axis({ size: 26, space: 70, values: (plot, splits, _, __, step) => splits.map((at) => timeOf(at, step)) }),
      axis({ size: 66, space: 30, values: (plot, splits) => splits.map((value) => write(value)) }),
    ],
    series: [
      {},
      ...(about.band ?? []).map(() => ({ stroke: "transparent", width: 0, points: { show: false } })),
      ...about.lines.map((line) => ({ stroke: () => colour(line.token), width: line.width ?? 1.6, points: { show: false } })),
    ],
    bands: about.band ? [{ series: [2, 1], fill: () => colour("band") }] : [],
    hooks: {
      drawClear: [(plot) => drawMarks(plot, state.marks)],
      setCursor: [(plot) => element.dispatchEvent(new CustomEvent("cursor", { detail: plot.cursor.idx }))],
    },
  };
  const columnsOf = (given) => [given.at, ...names.map((name) => given[name] ?? given.at.map(() => null))];
  const plot = new uPlot(options, columnsOf(points), element);
  new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: element.clientHeight })).observe(element);
  document.addEventListener("theme", () => plot.redraw(false, true));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw(false, true));
  return {
    plot,
    update(given, newMarks) {
      state.marks = newMarks;
      plot.setData(columnsOf(given));
    },
  };
}

function axis(more) {
  return {
    stroke: () => colour("muted"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: () => colour("line"), width: 1 },
    ticks: { show: false },
    ...more,
  };
}

function rangeOf(low, high, most) {
  if (low == null || high == null) return [0, 1];
  const room = Math.max((high - low) * 0.12, Math.abs(high) * 0.01, 1e-6);
  return [Math.max(0, low - room), most == null ? high + room : Math.min(most, high + room)];
}

function timeOf(at, step) {
  const text = new Date(at * 1e3).toISOString();
  return step < 60 ? text.slice(11, 19) : step < 86400 ? text.slice(11, 16) : text.slice(5, 10);
}

const MARKS = { incident: "bad", action: "good", end: "strong-line" };

function drawMarks(plot, marks) {
  const { ctx, bbox } = plot;
  const place = (at) => Math.round(plot.valToPos(at, "x", true));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const mark of marks) {
    const from = place(mark.at);
    const dot = devicePixelRatio;
    ctx.fillStyle = colour(MARKS[mark.kind]);
    ctx.fillRect(from, bbox.top, (mark.kind === "incident" ? 2 : 1) * dot, bbox.height);
    if (mark.kind === "incident") {
      // A strip along the top for as long as it lasts: the whole height in its colour would shout.
      const until = mark.until == null ? bbox.left + bbox.width : place(mark.until);
      ctx.fillRect(from, bbox.top, Math.max(until - from, 1), 3 * dot);
    }
  }
  ctx.restore();
}
