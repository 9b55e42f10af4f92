"use strict";
/* Filters and addresses of the page of a run. Everything is readable without this script. */
(() => {
  document.documentElement.classList.add("scripted");
  const folds = document.querySelectorAll("details.fold"), all = document.getElementById("fold");
  function fold(open) {
    folds.forEach((each) => { each.open = open; });
    if (!all) return;
    all.textContent = open ? "Close all" : "Open all";
    all.setAttribute("aria-pressed", open);
  }
  fold(false);
  all?.addEventListener("click", () => fold(all.getAttribute("aria-pressed") === "false"));
  const form = document.getElementById("filters");
  const START = "#show?";

  /* What the browser does not do by itself: open a target, and what is folded around it. */
  function unfold(element) {
    element.querySelectorAll(":scope > details.fold").forEach((each) => { each.open = true; });
    for (let each = element; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  }

  if (!form) return;
  const count = document.getElementById("count");
  const selects = [...form.querySelectorAll("select")];
  const ticks = [...form.querySelectorAll("input[type=checkbox]")];
  const search = form.elements.q;
  const items = [...document.querySelectorAll("article.item")].map((element) => ({
    element,
    code: element.dataset.code,
    tokens: element.dataset.tokens.split(" ").map((token) => token.split(":")),
    flags: new Set(element.dataset.flags.split(" ")),
    checks: new Set(element.dataset.checks.split(" ")),
    shown: true,
  }));
  const groups = [...document.querySelectorAll("section.group")].map((element) => ({
    element, items: items.filter((item) => element.contains(item.element)),
  }));
  form.hidden = false;

  /* One label must have the dimension, the strength and the act that are chosen. */
  const ofLabel = ["dimension", "strength", "act"];
  function holds(item, chosen) {
    if (chosen.member && item.code !== chosen.member) return false;
    if (chosen.state && !item.flags.has(chosen.state)) return false;
    if (chosen.check && !item.checks.has(chosen.check)) return false;
    if (!chosen.flags.every((flag) => item.flags.has(flag))) return false;
    if (!item.tokens.some((token) => ofLabel.every((name, at) => !chosen[name] || chosen[name] === (token[at] || "none")))) return false;
    return chosen.words.every((word) => text(item).includes(word));
  }
  function text(item) {
    item.text ??= [...item.element.querySelectorAll("h4, .sentence, .source, .history")]
      .map((part) => part.textContent).join(" ").toLowerCase();
    return item.text;
  }
  function choice() {
    const chosen = {flags: ticks.filter((tick) => tick.checked).map((tick) => tick.value)};
    for (const select of selects) chosen[select.name] = select.value;
    chosen.words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    return chosen;
  }

  let waitingCounts = 0;
  function apply() {
    const chosen = choice();
    let n = 0;
    for (const item of items) {
      const shown = holds(item, chosen);
      if (shown !== item.shown) item.element.hidden = !shown;
      item.shown = shown;
      n += shown;
    }
    for (const group of groups) {
      group.element.hidden = !group.items.some((item) => item.shown);
      if (n < items.length && !group.element.hidden) group.element.querySelector("details.fold").open = true;
    }
    count.textContent = `${n} of ${items.length} items`;
    clearTimeout(waitingCounts);
    waitingCounts = setTimeout(() => showCounts(chosen), 30); // after the items are drawn
  }

  /* The number beside each choice: the items that choosing it would show. */
  function showCounts(chosen) {
    for (const select of selects) {
      const others = {...chosen, [select.name]: ""};
      const numbers = new Map();
      for (const item of items) {
        if (!holds(item, others)) continue;
        for (const value of values(item, select.name, others)) numbers.set(value, (numbers.get(value) || 0) + 1);
      }
      for (const option of select.options) {
        if (option.value) option.textContent = `${option.dataset.words} (${numbers.get(option.value) || 0})`;
      }
    }
    for (const tick of ticks) {
      const others = {...chosen, flags: chosen.flags.filter((flag) => flag !== tick.value)};
      const n = items.filter((item) => item.flags.has(tick.value) && holds(item, others)).length;
      tick.parentElement.querySelector(".n").textContent = `(${n})`;
    }
  }
  function values(item, name, chosen) {
    if (name === "member") return [item.code];
    if (name === "state") return item.flags;
    if (name === "check") return item.checks;
    const at = ofLabel.indexOf(name);
    const fits = item.tokens.filter((token) => ofLabel.every((other, place) => !chosen[other] || chosen[other] === (token[place] || "none")));
    return new Set(fits.map((token) => token[at] || "none"));
  }

  /* The address holds the filters, so that a view can be sent and the back button works. */
  function address() {
    const parts = new URLSearchParams();
    for (const select of selects) if (select.value) parts.append(select.name, select.value);
    for (const tick of ticks) if (tick.checked) parts.append("flag", tick.value);
    if (search.value.trim()) parts.append("q", search.value.trim());
    return START + parts; // also if there are none: going back to this view clears the filters
  }
  function fill(parts) {
    for (const select of selects) {
      select.value = parts.get(select.name) || "";
      if (select.selectedIndex < 0) select.value = "";
    }
    const flags = parts.getAll("flag");
    for (const tick of ticks) tick.checked = flags.includes(tick.value);
    search.value = parts.get("q") || "";
    apply();
  }
  function follow() {
    const hash = location.hash;
    if (hash.startsWith(START)) {
      fill(new URLSearchParams(hash.slice(START.length)));
      const heading = document.getElementById("evidence-head");
      heading.focus({preventScroll: true});
      reach(heading);
      return;
    }
    if (!hash) {
      fill(new URLSearchParams());
      return;
    }
    let name = hash.slice(1);
    try { name = decodeURIComponent(name); } catch { /* a broken address names nothing */ }
    const target = document.getElementById(name);
    if (!target) return;
    const row = target.closest("tr");
    if (row && row.hidden) clearSearch(row.closest("table"));
    if (target.closest("[hidden]")) fill(new URLSearchParams());
    unfold(target);
    reach(target);
  }
  function clearSearch(table) {
    const box = table.parentElement.querySelector(".g7tag-search input");
    box.value = "";
    box.dispatchEvent(new Event("input"));
  }
  /* Twice: items that were not laid out yet have another height once they are. */
  function reach(element) {
    element.scrollIntoView();
    requestAnimationFrame(() => requestAnimationFrame(() => element.scrollIntoView()));
  }

  form.addEventListener("change", (event) => {
    if (event.target === search) return;
    apply();
    history.pushState(null, "", address());
  });
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { apply(); history.replaceState(null, "", address()); }, 60);
  });
  form.addEventListener("reset", () => setTimeout(() => { apply(); history.pushState(null, "", address()); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", follow);
  apply();
  (window.requestIdleCallback || setTimeout)(() => items.forEach(text)); // the first search need not wait
  if (location.hash) follow();
})();
