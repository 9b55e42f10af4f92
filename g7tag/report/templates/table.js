/* Make tables sortable and searchable: every `table[data-sortable]` of the element that holds this script, or of the
   whole page if the script is not in an element of class g7tag-shown. A cell is sorted by its `data-value` if it has
   one, otherwise by its text. Rows of the foot stay below. A table that is wider than its parent gets the class
   `cards`, and its cells the heading as `data-label`. A page may also call `g7tagTables(root)` itself. */
(() => {
  "use strict";
  const MISSING = new Set(["", "–", "—"]);
  const FEW = 5; // rows that need no search
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  const valueOf = (cell) => {
    const text = (cell?.dataset.value ?? cell?.textContent ?? "").trim();
    return MISSING.has(text) ? "" : text;
  };

  /** Return a number as printed, such as "+1", "−0.5", "93%", ">99%" or "1,200"; NaN for other text. */
  const numberOf = (text) => {
    const plain = text.replace(/^([<>])\s*/, "").replace("−", "-").replace(/%$/, "").replace(/,(?=\d{3}\b)/g, "");
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
  };

  /** Return rows sorted by a column; rows without a value come last, equal rows keep their order. */
  const sorted = (rows, at, falling) => {
    const pairs = rows.map((row) => [row, valueOf(row.cells[at])]);
    const known = pairs.filter(([, value]) => value !== "");
    const numbers = known.every(([, value]) => !Number.isNaN(numberOf(value)));
    const compare = numbers ? (one, two) => numberOf(one) - numberOf(two) : words.compare;
    known.sort(([, one], [, two]) => (falling ? -compare(one, two) : compare(one, two)));
    return [...known, ...pairs.filter(([, value]) => value === "")].map(([row]) => row);
  };

  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  /** Put a button into each heading: ascending, descending, then the first order again. */
  const addSorting = (table, rows) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      const button = make("button", { type: "button", className: "sort", title: head.title }, ...head.childNodes);
      head.removeAttribute("title");
      head.append(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "" }[head.getAttribute("aria-sort")] ?? "ascending";
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        if (next) head.setAttribute("aria-sort", next);
        table.tBodies[0].append(...(next ? sorted(rows, at, next === "descending") : rows));
      });
    });
  };

  /** Put a search box above a table; rows that lack one of the words are hidden, and the others counted. */
  const addSearch = (table, rows) => {
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const box = make("input", { type: "search", autocomplete: "off", spellcheck: false });
    const count = make("span", { className: "count" });
    count.setAttribute("role", "status");
    const search = () => {
      const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows.forEach((row, at) => { row.hidden = !wanted.every((word) => texts[at].includes(word)); });
      const left = rows.filter((row) => !row.hidden).length;
      count.textContent = `${left} of ${rows.length} rows`;
    };
    box.addEventListener("input", search);
    box.addEventListener("keydown", (event) => event.stopPropagation()); // no shortcuts of the notebook
    search();
    table.before(make("div", { className: "g7tag-search" }, make("label", {}, "Filter rows ", box), count));
  };

  /** Mark a table that does not fit, whenever the width of its parent changes. */
  const addCards = (table) => {
    const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
    const cells = [...table.querySelectorAll(":is(tbody, tfoot) > tr > td")];
    cells.forEach((cell) => { cell.dataset.label ??= heads[cell.cellIndex] ?? ""; });
    new ResizeObserver(([entry]) => {
      if (!entry.contentRect.width) return;
      table.classList.remove("cards");
      table.classList.toggle("cards", table.getBoundingClientRect().width > entry.contentRect.width + 1);
    }).observe(table.parentElement);
  };

  const enhance = (table) => {
    if (table.dataset.ready || !table.tHead?.rows.length || !table.tBodies.length) return;
    table.dataset.ready = "true";
    const rows = [...table.tBodies[0].rows];
    addCards(table);
    if (rows.length > 1) addSorting(table, rows);
    if (rows.length > FEW && table.dataset.sortable !== "only") addSearch(table, rows);
  };

  globalThis.g7tagTables = (root) => root.querySelectorAll("table[data-sortable]").forEach(enhance);
  const own = document.currentScript?.closest(".g7tag-shown") ?? document;
  if (own === document && document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", () => globalThis.g7tagTables(document));
  } else {
    globalThis.g7tagTables(own);
  }
})();
