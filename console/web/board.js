// The board's page: applies what the server sends, and tells the time. All
// markup is the server's; nothing here knows a phase or a state.
"use strict";
(() => {
  const root = document.documentElement;
  const lang = root.lang;
  const $ = (id) => document.getElementById(id);
  const MAX_NEWS = 30, SILENCE = 40000, RETRY = 3000;
  let ahead = Date.parse(root.dataset.now) - Date.now(); // of the server's clock over ours
  let source = null, heard = Date.now(), retry = 0, lostAt = 0;

  // --- time ---------------------------------------------------------------
  const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const hours = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const days = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const years = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
  const full = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "long", hourCycle: "h23" });
  const ago = new Intl.RelativeTimeFormat(lang, { numeric: "always", style: "short" });
  const units = {};
  for (const unit of ["second", "minute", "hour", "day"]) {
    units[unit] = new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 });
  }
  const now = () => Date.now() + ahead;
  function scale(ms) {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 60) return [s, "second"];
    if (s < 3600) return [Math.floor(s / 60), "minute"];
    if (s < 48 * 3600) return [Math.floor(s / 3600), "hour"];
    return [Math.floor(s / 86400), "day"];
  }
  function absolute(t) {
    const d = new Date(t), today = new Date(now());
    if (d.toDateString() === today.toDateString()) return hours.format(d);
    return (d.getFullYear() === today.getFullYear() ? days : years).format(d);
  }
  const put = (el, text) => { if (el.textContent !== text) el.textContent = text; };
  function tell(within) {
    for (const el of within.querySelectorAll("time[datetime]")) {
      const t = Date.parse(el.dateTime), [n, unit] = scale(now() - t);
      if ("abs" in el.dataset) {
        put(el, absolute(t));
        if (!el.title) el.title = full.format(new Date(t));
      } else if ("rel" in el.dataset) put(el, ago.format(-n, unit));
      else if ("age" in el.dataset) put(el, units[unit].format(n));
    }
  }

  // --- what the server sends ----------------------------------------------
  function element(html) {
    const t = document.createElement("template");
    t.innerHTML = html;
    tell(t.content);
    return t.content.firstElementChild;
  }
  const cards = new Map();
  for (const el of document.querySelectorAll(".card")) cards.set(el.dataset.id, el);

  const handlers = {
    hello(d) {
      if (d.build !== root.dataset.build) location.reload();
    },
    part(d) {
      const el = document.querySelector(`[data-part="${d.name}"]`);
      if (!el) return;
      el.innerHTML = d.html;
      tell(el);
    },
    card(d) {
      const next = element(d.html), old = cards.get(d.id);
      if (old) {
        if (old.dataset.phase !== next.dataset.phase) next.classList.add("changed");
        if (old.parentNode) old.replaceWith(next);
      }
      cards.set(d.id, next);
    },
    order(d) {
      const keep = new Set([...d.plants, ...d.others]);
      for (const [id, el] of cards) if (!keep.has(id)) { el.remove(); cards.delete(id); }
      arrange($("cards"), d.plants);
      arrange($("others"), d.others);
    },
    news(d) {
      const list = $("news");
      if ([...list.children].some((el) => el.dataset.id === d.id)) return;
      list.prepend(element(d.html));
      while (list.children.length > MAX_NEWS) list.lastElementChild.remove();
    },
    beat() {},
  };
  function arrange(box, ids) {
    let at = box.firstElementChild;
    for (const id of ids) {
      const el = cards.get(id);
      if (!el) continue;
      if (el === at) at = at.nextElementSibling;
      else box.insertBefore(el, at);
    }
  }

  // --- the link -----------------------------------------------------------
  function show(state) {
    $("link").dataset.state = state;
    const lost = state === "lost";
    if (lost && !lostAt) {
      lostAt = heard;
      $("lost-since").textContent = clock.format(new Date(heard + ahead));
    }
    if (!lost) lostAt = 0;
    $("lost").hidden = !lost;
  }
  function connect() {
    clearTimeout(retry);
    if (source) source.close();
    const url = new URL(root.dataset.stream, document.baseURI);
    const q = $("q").value.trim();
    if (q) url.searchParams.set("q", q);
    source = new EventSource(url);
    const mine = source;
    for (const [name, handle] of Object.entries(handlers)) {
      mine.addEventListener(name, (e) => {
        if (mine !== source) return;
        const d = JSON.parse(e.data);
        heard = Date.now();
        if (d.now) ahead = Date.parse(d.now) - heard;
        handle(d);
        show("live");
      });
    }
    mine.onerror = () => {
      if (mine !== source) return;
      show("lost");
      if (mine.readyState === EventSource.CLOSED) { // refused: the browser does not try again
        clearTimeout(retry);
        retry = setTimeout(connect, RETRY);
      }
    };
  }

  // --- the filter ---------------------------------------------------------
  let typing = 0;
  function filter() {
    const url = new URL(location.href), q = $("q").value.trim();
    if (q) url.searchParams.set("q", q); else url.searchParams.delete("q");
    history.replaceState(null, "", url);
    for (const a of document.querySelectorAll(".languages a")) {
      const to = new URL(a.href);
      if (q) to.searchParams.set("q", q); else to.searchParams.delete("q");
      a.href = to;
    }
    connect();
  }
  $("q").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(filter, 250); });
  $("q").form.addEventListener("submit", (e) => { e.preventDefault(); clearTimeout(typing); filter(); });

  root.classList.add("js");
  show("connecting");
  connect();
  function tick() {
    put($("clock"), clock.format(new Date(now())));
    tell(document);
  }
  tick();
  setInterval(() => {
    tick();
    // A link can die without an error; the server is heard every 15 s.
    if (Date.now() - heard > SILENCE) { show("lost"); heard = Date.now(); connect(); }
  }, 1000);
})();
