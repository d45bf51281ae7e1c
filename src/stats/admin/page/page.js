"use strict";
const WINDOW = 120;  // seconds that the charts show
const SLOW = 3;      // seconds that a rate is taken over
const HANGS = 5;     // seconds in flight without a delivery until a sink counts as hanging
const RECENT = 10;   // seconds that a loss stays in the headline

const byId = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat("en-US");
const store = window.sessionStorage;

let samples = [];    // {t, run, lines, sinks: {name: {submitted, delivered, dropped, …}}}, oldest first
let run = 0;         // counts the restarts of the shipper
let latest = null;   // the last answer of stats
let goneSince = null;
const cards = new Map();

// ---- what numbers look like

function rateText(rate) {
  if (rate === null || rate === undefined) return "–";
  if (rate >= 1e6) return (rate / 1e6).toFixed(rate >= 1e7 ? 1 : 2) + "M";
  if (rate >= 1e5) return (rate / 1e3).toFixed(0) + "k";
  if (rate >= 10 || rate === 0) return whole.format(Math.round(rate));
  return rate.toFixed(1);
}
function secondsText(seconds) {
  if (!seconds) return "–";
  if (seconds < 1e-6) return (seconds * 1e9).toFixed(0) + " ns";
  if (seconds < 0.001) return (seconds * 1e6).toFixed(0) + " µs";
  if (seconds < 1) return (seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0) + " ms";
  return seconds.toFixed(seconds < 10 ? 1 : 0) + " s";
}
function bytesText(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) { bytes /= 1024; unit += 1; }
  return (unit === 0 || bytes >= 100 ? bytes.toFixed(0) : bytes.toFixed(1)) + " " + units[unit];
}
function uptimeText(seconds) {
  const s = Math.floor(seconds), d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${m} min`;
  return m > 0 ? `${m} min ${s % 60} s` : `${s} s`;
}
function percentText(part, all) {
  if (!part || !all) return "0 %";
  return Math.max(1, Math.floor((part * 100) / all)) + " %";
}
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const lostBy = (sink) => sum(Object.values(sink.dropped));

// ---- what came when

function sampleOf(stats, now) {
  const sinks = {};
  for (const [name, sink] of Object.entries(stats.sinks)) {
    sinks[name] = {
      submitted: sink.submitted, delivered: sink.delivered, dropped: lostBy(sink), queue_depth: sink.queue_depth,
      spooled: sink.spooled, reasons: sink.dropped, flushes: sink.flush_seconds.count, flush_seconds: sink.flush_seconds.sum,
    };
  }
  const inputs = Object.fromEntries(Object.entries(stats.inputs).map(([name, input]) => [name, { lines: input.lines }]));
  return { t: now, run, lines: stats.input.lines, sinks, inputs };
}

function takeHistory(history, stats, now) {
  const old = samples.filter((sample) => sample.run !== run);
  const past = history.at.map((at, i) => {
    const sinks = {};
    for (const [name, columns] of Object.entries(history.sinks)) {
      if (columns.submitted[i] === null) continue;
      sinks[name] = Object.fromEntries(Object.entries(columns).map(([key, values]) => [key, values[i]]));
    }
    return { t: now - stats.fapilog_ship.uptime_seconds + at, run, lines: history.lines[i], sinks };
  });
  samples = old.concat(past.filter((sample) => sample.t < now - 0.5));
}

const countOf = (sample, name, key) => (name === null ? sample[key] : sample.sinks[name]?.[key]);

function inputRate(name) {
  const last = samples[samples.length - 1];
  const first = samples.find((sample) => sample.run === run && sample.t >= last.t - SLOW - 0.5 && sample.inputs?.[name]);
  if (!first || first === last) return null;
  return Math.max(0, (last.inputs[name].lines - first.inputs[name].lines) / (last.t - first.t));
}

// The rate between the last sample and the one some seconds before; null where there is none.
function rateNow(name, key, seconds = SLOW) {
  const last = samples[samples.length - 1];
  const first = samples.find((sample) => sample.run === run && sample.t >= last.t - seconds - 0.5);
  if (!last || !first || last === first) return null;
  const a = countOf(first, name, key), b = countOf(last, name, key);
  return a === undefined || b === undefined ? null : Math.max(0, (b - a) / (last.t - first.t));
}

// For a chart: [t, rate] for each sample; a rate of null is a gap.
function ratesOf(name, key) {
  const points = [];
  for (let i = 1; i < samples.length; i += 1) {
    const a = samples[i - 1], b = samples[i];
    const from = countOf(a, name, key), to = countOf(b, name, key);
    const usable = a.run === b.run && from !== undefined && to !== undefined && b.t - a.t > 0.2 && b.t - a.t < 5;
    points.push([b.t, usable ? Math.max(0, (to - from) / (b.t - a.t)) : null]);
  }
  return points;
}
// Losses that are none draw nothing: a red line at zero would look like one.
function lossesOf(name) {
  const points = ratesOf(name, "dropped");
  return points.map(([t, rate], i) => [t, rate || points[i - 1]?.[1] || points[i + 1]?.[1] ? rate : null]);
}
const valuesOf = (name, key) => samples.map((sample) => [sample.t, countOf(sample, name, key) ?? null]);

function quietSince(name, key) {
  const last = samples[samples.length - 1];
  let since = last.t;
  for (let i = samples.length - 1; i >= 0; i -= 1) {
    if (samples[i].run !== run || countOf(samples[i], name, key) !== countOf(last, name, key)) break;
    since = samples[i].t;
  }
  return last.t - since;
}

function isGrowing(name, key) {
  const last = samples[samples.length - 1];
  const first = samples.find((sample) => sample.run === run && sample.t >= last.t - SLOW - 0.5);
  return (countOf(last, name, key) ?? 0) > (countOf(first, name, key) ?? 0);
}

// ---- charts

const svgNode = (name, attributes) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
};

function niceTop(value) {
  if (value <= 5) return 5;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((top) => top >= value);
}

class Chart {
  constructor(figure, series, text) {
    this.series = series;
    this.text = text;
    this.legend = figure.querySelector(".legend");
    this.labels = series.map(({ tone, label }) => {
      const item = document.createElement("span");
      const dot = document.createElement("i");
      item.className = dot.className = tone;
      const words = document.createElement("span");
      item.append(dot, words);
      this.legend.append(item);
      return { words, label };
    });
    this.plot = document.createElement("div");
    this.plot.className = "plot";
    this.svg = svgNode("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", role: "img" });
    for (const y of [0.5, 50, 99.5]) this.svg.append(svgNode("line", { x1: 0, x2: 1000, y1: y, y2: y }));
    this.paths = series.map(({ tone }) => {
      const area = svgNode("path", { class: "area " + tone });
      const line = svgNode("path", { class: tone });
      this.svg.append(area, line);
      return { area, line };
    });
    this.cursor = svgNode("line", { class: "cursor", y1: 0, y2: 100, visibility: "hidden" });
    this.svg.append(this.cursor);
    this.top = document.createElement("small");
    this.top.className = "top";
    this.plot.append(this.svg, this.top);
    const axis = document.createElement("div");
    axis.className = "axis";
    for (const words of ["2 min ago", "1 min", "now"]) axis.append(Object.assign(document.createElement("span"), { textContent: words }));
    figure.append(this.plot, axis);
    this.at = null;
    this.plot.addEventListener("pointermove", (event) => this.point(event));
    this.plot.addEventListener("pointerleave", () => { this.at = null; this.show(); });
    this.data = series.map(() => []);
    this.end = 0;
  }

  point(event) {
    const box = this.plot.getBoundingClientRect();
    this.at = this.end - WINDOW * (1 - (event.clientX - box.left) / box.width);
    this.show();
  }

  draw(data, end, atLeast) {
    this.data = data;
    this.end = end;
    const seen = data.flat().map(([, value]) => value ?? 0);
    const top = niceTop(Math.max(atLeast, ...seen, 0));
    this.top.textContent = this.text(top);
    const x = (t) => (1000 * (1 - (end - t) / WINDOW)).toFixed(1);
    const y = (value) => (99.5 - (value / top) * 99).toFixed(1);
    data.forEach((points, i) => {
      let line = "", area = "", begun = null, last = null;
      const close = () => {
        if (begun !== null) area += `L${last},100L${begun},100Z`;
        begun = null;
      };
      for (const [t, value] of points) {
        if (t < end - WINDOW - 1) continue;
        if (value === null) { close(); continue; }
        const command = begun === null ? "M" : "L";
        if (begun === null) begun = x(t);
        last = x(t);
        line += `${command}${last},${y(value)}`;
        area += `${command}${last},${y(value)}`;
      }
      close();
      this.paths[i].line.setAttribute("d", line);
      this.paths[i].area.setAttribute("d", this.series[i].area ? area : "");
    });
    this.show();
  }

  show() {
    this.cursor.setAttribute("visibility", this.at === null ? "hidden" : "visible");
    let t = null;
    if (this.at !== null) {
      const times = (this.data[0] ?? []).map(([time]) => time);
      t = times.reduce((best, time) => (Math.abs(time - this.at) < Math.abs(best - this.at) ? time : best), times[0] ?? 0);
      const x = 1000 * (1 - (this.end - t) / WINDOW);
      this.cursor.setAttribute("x1", x);
      this.cursor.setAttribute("x2", x);
    }
    this.labels.forEach(({ words, label }, i) => {
      const point = t === null ? null : (this.data[i] ?? []).find(([time]) => time === t);
      words.textContent = label + (point ? " " + this.text(point[1] ?? 0) : "");
    });
  }
}

// ---- one card for each sink

function cardOf(name) {
  if (cards.has(name)) return cards.get(name);
  const article = byId("sink").content.firstElementChild.cloneNode(true);
  article.dataset.sink = name;
  byId("sinks").append(article);
  const stats = {};
  for (const node of article.querySelectorAll("[data-stat]")) stats[node.dataset.stat] = node;
  const figure = (chart) => article.querySelector(`[data-chart=${chart}]`);
  const card = {
    article, stats,
    rates: new Chart(figure("rates"), [{ tone: "in", label: "in", area: true }, { tone: "out", label: "out" },
      { tone: "lost", label: "lost", area: true }], rateText),
    queue: new Chart(figure("queue"), [{ tone: "wait", label: "waiting", area: true }], (value) => whole.format(Math.round(value ?? 0))),
  };
  cards.set(name, card);
  return card;
}

// What a loss for this reason says of the sink: in a few words, and in a sentence about it.
const LOSSES = {
  queue_full: ["dropping", "is too slow"], evicted: ["dropping", "is too slow"],
  rejected: ["refuses records", "refuses records"], expired: ["gave up on records", "gave up on records"],
  shutdown: ["ended too soon", "ended too soon"],
  duplicate: ["ids are taken", "has other records with these ids"],
  damaged: ["spool damaged", "has a damaged spool"], redact: ["cannot redact", "gets records that cannot be redacted"],
  size_guard: ["records too long", "gets records that are too long"],
};

// The reason that takes most records at the moment.
function reasonOfLosses(name, sink) {
  const last = samples[samples.length - 1];
  const first = samples.find((sample) => sample.run === run && sample.t >= last.t - RECENT - 0.5 && sample.sinks[name]?.reasons);
  const before = first && first !== last ? first.sinks[name].reasons : {};
  const grown = Object.entries(sink.dropped).map(([reason, count]) => [reason, count - (before[reason] ?? 0)]);
  return grown.reduce((most, each) => (each[1] > most[1] ? each : most), ["queue_full", 0])[0];
}

// What is to be said of a sink in a few words, the cause before what follows from it, and how bad it is.
function verdictOf(name, sink) {
  const losing = rateNow(name, "dropped", RECENT) > 0;
  const filled = Math.max(sink.queue_depth / sink.queue_size, sink.queue_bytes / sink.queue_max_bytes);
  const hangs = sink.in_flight > 0 && quietSince(name, "flushes") >= HANGS;
  const told = (words, why) => ({ state: losing ? "bad" : "warn", words, losing, why: `${name} ${why}` });
  if (sink.health === "needs_operator") return told("refuses us", "refuses us until it is fixed");
  if (sink.breaker === "open") return told("breaker open", "is down");
  if (sink.breaker !== "closed") return told("probing", "is being probed");
  if (hangs) return told("does not answer", "does not answer");
  if (sink.health === "failing") return told("failing", "is failing");
  if (sink.health === "throttling") return told("rate-limited", "is rate-limited");
  if (losing) return told(...(LOSSES[reasonOfLosses(name, sink)] ?? ["losing records", "is losing records"]));
  if (sink.spooled > 0) {
    return isGrowing(name, "spooled") ? told("spooling", "is too slow: records go to disk")
      : told("catching up", `has ${whole.format(sink.spooled)} records on disk to catch up on`);
  }
  if (filled > 0.9) return told("queue nearly full", "has a queue that is nearly full");
  return { state: "good", words: "healthy", losing, why: "" };
}

function booksOf(sink) {
  const books = [["submitted", sink.submitted], ["delivered", sink.delivered]];
  for (const [reason, count] of Object.entries(sink.dropped)) if (count) books.push(["dropped, " + reason.replace("_", " "), count, "lost"]);
  if (sink.protected.dropped) books.push(["of them protected", sink.protected.dropped, "lost"]);
  for (const key of ["filtered", "dead_lettered", "diverted", "pending", "in_flight", "spooled", "retries"]) {
    if (sink[key]) books.push([key.replace("_", " "), sink[key]]);
  }
  books.push(["batches", sink.batches]);
  if (sink.bytes_sent) books.push(["sent", sink.bytes_sent, "", bytesText]);
  for (const [stage, counts] of Object.entries(sink.stages)) {
    for (const [rule, hits] of Object.entries(counts.rules ?? {})) books.push([`${stage}: ${rule}`, hits]);
  }
  return books;
}

function showBooks(list, books) {
  list.replaceChildren(...books.map(([name, count, tone, text]) => {
    const row = document.createElement("div");
    if (tone) row.className = tone;
    row.dataset.book = name;
    row.append(Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: (text ?? whole.format)(count) }));
    return row;
  }));
}

function showSink(name, sink, now) {
  const { article, stats, rates, queue } = cardOf(name);
  const verdict = verdictOf(name, sink);
  const put = (key, text) => { stats[key].textContent = text; };
  article.dataset.state = verdict.state;
  put("name", name);
  put("type", sink.type);
  put("verdict", verdict.words);
  put("queue_depth", whole.format(sink.queue_depth));
  put("queue_size", whole.format(sink.queue_size));
  put("queue_bytes", bytesText(sink.queue_bytes) + " of " + bytesText(sink.queue_max_bytes));
  put("peak", percentText(sink.queue_depth_high_watermark, sink.queue_size));
  put("in_rate", rateText(rateNow(name, "submitted")));
  put("out_rate", rateText(rateNow(name, "delivered")));
  put("lost_rate", rateText(rateNow(name, "dropped")));
  article.querySelector(".now .lost").classList.toggle("some", rateNow(name, "dropped") > 0);
  const flushes = rateNow(name, "flushes", RECENT), busy = rateNow(name, "flush_seconds", RECENT);
  put("latency", flushes > 0 ? secondsText(busy / flushes) : "–");
  put("requests", whole.format(sink.requests_in_flight));
  put("requests_limit", whole.format(sink.requests_limit));
  put("quantiles", `${secondsText(sink.flush_seconds.p50)} · ${secondsText(sink.flush_seconds.p99)}`);
  const error = article.querySelector(".error");
  error.hidden = sink.last_error === "";
  const bad = sink.breaker !== "closed" || sink.health !== "good";
  error.toggleAttribute("data-now", bad);
  put("error_title", bad ? "Error" : "Last error");
  put("last_error", sink.last_error);
  article.querySelector(".advice").hidden = !sink.advice;
  put("advice", sink.advice?.text ?? "");
  const meter = article.querySelector(".meter");
  const filled = Math.min(1, Math.max(sink.queue_depth / sink.queue_size, sink.queue_bytes / sink.queue_max_bytes));
  meter.style.setProperty("--fill", (100 * filled).toFixed(1) + "%");
  meter.style.setProperty("--peak", Math.min(100, (100 * sink.queue_depth_high_watermark) / sink.queue_size).toFixed(1) + "%");
  meter.dataset.level = filled > 0.9 ? "full" : filled > 0.6 ? "high" : "low";
  meter.setAttribute("aria-valuenow", sink.queue_depth);
  meter.setAttribute("aria-valuemax", sink.queue_size);
  rates.draw([ratesOf(name, "submitted"), ratesOf(name, "delivered"), lossesOf(name)], now, 0);
  queue.draw([valuesOf(name, "queue_depth")], now, sink.queue_size);
  showBooks(article.querySelector(".books"), booksOf(sink));
  return verdict;
}

// A row for each input, where there are several or one that listens.
function showInputs(inputs) {
  const all = Object.entries(inputs);
  const shown = all.length > 1 || all.some(([, input]) => input.connections);
  byId("inputs").hidden = !shown;
  byId("inputs").querySelector("tbody").replaceChildren(...(shown ? all : []).map(([name, input]) => {
    const row = document.createElement("tr");
    row.dataset.input = name;
    const of = (count) => (count === undefined ? "–" : whole.format(count));
    const cells = [name, whole.format(input.lines), rateText(inputRate(name)), bytesText(input.bytes),
      of(input.connections?.now), of(input.connections?.refused), whole.format(input.cut)];
    row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
    return row;
  }));
}

// ---- what came in, what stages do, what is said

const LEVELS = ["SECURITY", "AUDIT", "FATAL", "CRITICAL", "ERROR", "WARNING", "INFO", "other", "DEBUG", "TRACE"];

function showLevels(levels) {
  const known = LEVELS.filter((level) => levels[level]);
  byId("levels").hidden = known.length === 0;
  const all = sum(known.map((level) => levels[level]));
  byId("levels").querySelector(".share").replaceChildren(...known.map((level) => {
    const part = Object.assign(document.createElement("i"), { className: "level-" + level });
    part.style.flexGrow = Math.max(levels[level] / all, 0.004);
    return part;
  }));
  showBooks(byId("levels").querySelector("dl"), known.map((level) => [level, levels[level], "level-" + level]));
}

function stageRow(of, name, stage) {
  const row = document.createElement("tr");
  row.dataset.stage = `${of} ${name}`;
  const each = stage.in > 0 ? secondsText(stage.seconds_each) : "–";
  const cells = [name, of, ...[stage.in, stage.in - stage.out, stage.changed, stage.errors].map((n) => whole.format(Math.max(0, n))), each];
  row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
  row.children[3].classList.toggle("some", stage.in > stage.out);
  row.children[5].classList.toggle("bad", stage.errors > 0);
  return row;
}

function showStages(stats) {
  const rows = Object.entries(stats.stages).map(([name, stage]) => stageRow("input", name, stage));
  for (const [sink, { stages }] of Object.entries(stats.sinks)) {
    rows.push(...Object.entries(stages).map(([name, stage]) => stageRow(sink, name, stage)));
  }
  byId("stages").hidden = rows.length === 0;
  byId("stages").querySelector("tbody").replaceChildren(...rows);
}

function showMessages(messages) {
  byId("messages").hidden = messages.length === 0;
  byId("messages").querySelector("ol").replaceChildren(...[...messages].reverse().map(({ at, level, text }) => {
    const row = document.createElement("li");
    row.dataset.level = level;
    row.append(Object.assign(document.createElement("time"), { dateTime: at, textContent: new Date(at).toLocaleTimeString() }),
      Object.assign(document.createElement("b"), { textContent: level }), Object.assign(document.createElement("span"), { textContent: text }));
    return row;
  }));
}

// ---- the whole

function say(state, words) {
  const node = byId("state");
  node.dataset.state = state;
  node.lastElementChild.textContent = words;
  document.title = (state === "good" ? "" : "⚠ ") + "fapilog-ship" + (state === "good" ? "" : ": " + words);
}

function headline(verdicts, lost) {
  const losing = verdicts.filter((verdict) => verdict.losing);
  if (losing.length) return say("bad", "Losing records: " + losing.map((verdict) => verdict.why).join(", "));
  const bad = verdicts.filter((verdict) => verdict.state !== "good");
  if (bad.length) return say("warn", bad.map((verdict) => verdict.why).join(", ") + "; nothing is being lost");
  return say("good", lost ? `Everything is delivered; ${whole.format(lost)} were lost before` : "Everything is delivered");
}

function show(stats, now) {
  const sinks = Object.entries(stats.sinks);
  const about = stats.fapilog_ship;
  byId("about").textContent = `${about.version}${about.preset ? " · " + about.preset : ""} · up ${uptimeText(about.uptime_seconds)}`;
  for (const [name, card] of cards) {
    if (name in stats.sinks) continue;
    card.article.remove();
    cards.delete(name);
  }
  showInputs(stats.inputs);
  const verdicts = sinks.map(([name, sink]) => showSink(name, sink, now));
  const of = (value) => sum(sinks.map(([, sink]) => value(sink)));
  const rateOf = (key) => {
    const rates = sinks.map(([name]) => rateNow(name, key)).filter((rate) => rate !== null);
    return rates.length ? sum(rates) : null;
  };
  const totals = {
    in_rate: rateText(rateNow(null, "lines")), lines: whole.format(stats.input.lines), bytes: bytesText(stats.input.bytes),
    out_rate: rateText(rateOf("delivered")), delivered: whole.format(of((sink) => sink.delivered)),
    sinks: sinks.length === 1 ? "1 sink" : sinks.length + " sinks",
    lost_rate: rateText(rateOf("dropped")), dropped: whole.format(of(lostBy)), protected: whole.format(of((sink) => sink.protected.dropped)),
    waiting: whole.format(of((sink) => sink.pending + sink.spooled)), pending: whole.format(of((sink) => sink.pending)),
    spooled: whole.format(of((sink) => sink.spooled)), sent: bytesText(of((sink) => sink.bytes_sent)),
  };
  for (const node of document.querySelectorAll("[data-total]")) node.textContent = totals[node.dataset.total];
  const tile = document.querySelector(".tile.lost");
  tile.classList.toggle("some", rateOf("dropped") > 0);
  tile.classList.toggle("ever", of(lostBy) > 0);
  headline(verdicts, of(lostBy));
  showLevels(stats.input.levels);
  showStages(stats);
  showMessages(stats.messages ?? []);
}

async function get(path) {
  const token = store.getItem("token");
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 5000);
  try {
    const answer = await fetch(path, { headers: token ? { Authorization: "Bearer " + token } : {}, cache: "no-store", signal: stop.signal });
    if (answer.status === 401) return null;
    if (!answer.ok) throw new Error(answer.statusText);
    return await answer.json();
  } finally {
    clearTimeout(timer);
  }
}

function askForToken() {
  const first = byId("login").hidden;
  byId("main").hidden = true;
  byId("login").hidden = false;
  byId("refused").hidden = store.getItem("token") === null;
  store.removeItem("token");
  say("waiting", "A token is needed");
  if (first) byId("token").focus();
}

async function look() {
  const stats = await get("stats");
  if (stats === null) return askForToken();
  const now = Date.now() / 1000;
  const last = samples[samples.length - 1];
  const restarted = latest !== null && stats.fapilog_ship.uptime_seconds < latest.fapilog_ship.uptime_seconds;
  if (restarted) run += 1;
  if (!last || restarted || now - last.t > 3) {
    const history = await get("history");
    if (history !== null) takeHistory(history, stats, now);
  }
  latest = stats;
  samples.push(sampleOf(stats, now));
  samples = samples.filter((sample) => sample.t > now - WINDOW - 2);
  goneSince = null;
  document.body.removeAttribute("data-gone");
  byId("login").hidden = true;
  byId("main").hidden = false;
  show(stats, now);
  return true;
}

async function live() {
  let wait = 1000;
  try {
    if (!(await look())) return;  // goes on with the token
  } catch (error) {
    goneSince ??= new Date();
    document.body.setAttribute("data-gone", "");
    say("waiting", `No answer since ${goneSince.toLocaleTimeString()}; trying again`);
  }
  setTimeout(live, wait);
}

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  store.setItem("token", byId("token").value);
  byId("token").value = "";
  live();
});
live();
