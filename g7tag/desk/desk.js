// The review desk in the page: it shows what the session sends, and sends which button was pressed.
// All text is set as text, never as markup. Rules and keys of the choice come from the session.

/**
 * @typedef {{value: string, label: string, key: string, definition: string}} Option
 * @typedef {{kind: string, title: string, options: Option[]}} Control
 * @typedef {{label: string, text: string, examples: string[]}} Entry
 * @typedef {{title: string, text: string, short: Record<string, [string, string][]>,
 *   examples: [string, string][]}} Welcome
 * @typedef {{annotator: string, adjudicating: boolean, has_agreement: boolean, has_tabs: boolean, is_new: boolean,
 *   welcome: Welcome, controls: Control[], codebook: {title: string, entries: Entry[]}[]}} Setup
 * @typedef {{sentence_id: string, member: string, date: string, before: string, text: string, after: string,
 *   note: string, source: string, url: string}} Card
 * @typedef {{dimensions: string[], strength: string, act: string, exclusion: string, contradicts: boolean,
 *   unsure: boolean, note: string}} Choice
 * @typedef {{who: string, kind: string, label: string, note: string, compared: string}} Said
 * @typedef {{step: number, card: Card | null, choice: Choice, said: Said[] | null,
 *   progress: {done: number, total: number, time_left: string}, message: {text: string, is_error: boolean},
 *   reviewing: boolean, can_undo: boolean, can_reveal: boolean, names_shown: boolean, blind: boolean,
 *   proposed_case: [string, string] | null, summary: string[]}} View
 * @typedef {{row_id: string, title: string, severity: string, facts: string[], text: string,
 *   proof: [string, string][], status: string, decision: string, published: string, version: string}} Row
 * @typedef {{tab: string, asks?: string, rows: Row[], saved: string, message: string, is_error: boolean}} Answer
 */

const PATIENCE = 2000; // milliseconds without an answer, after which Python counts as gone
const LONG_PATIENCE = 30000; // for a table that has to be computed
const NO_ANSWER = "The desk did not answer. Nothing was saved.";
const FAILED = "The desk failed, and the decision may not be saved.";
const ANSWERED_LATE = "The desk answers again. What you see here is what was saved.";
const AGAIN = "Restart the kernel and run the cell again.";
const TABS = { sentences: "Sentences", scores: "Scores", findings: "Findings" };
const RULINGS = { // of a row: its button, its key, and the title of its dialog
  scores: {
    agree: ["Agree", "a", "The published score is the final score"], change: ["Change", "c", "Another final score"],
    reopen: ["Reopen", "z", ""],
  },
  findings: {
    decide: ["Decided", "d", "It is a problem, and dealt with"], dismiss: ["Dismiss", "x", "It is not a problem"],
    reopen: ["Reopen", "z", ""],
  },
};
const TYPING = "input, textarea, select, [contenteditable]";

/**
 * Return a new element.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children strings become text
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  // On each element that can have the focus: the notebook looks there first, and then at the elements around it.
  if (made.matches("a, button, input, textarea, [tabindex]")) made.dataset.lmSuppressShortcuts = "true";
  made.append(...children);
  return made;
}

/** Return a button with its key. */
function button(label, key, shortcut = key) {
  const made = element("button", { type: "button" });
  if (key) {
    made.setAttribute("aria-keyshortcuts", shortcut);
    made.append(element("kbd", { "aria-hidden": "true" }, key));
  }
  made.append(element("span", {}, label));
  return made;
}

/** Return whether an address may be a link. */
function isWeb(url) {
  return /^https?:\/\//i.test(url);
}

class Desk {
  /** @param {{send: Function, on: Function, off: Function}} model */
  constructor(model, parent, again) {
    this.model = model;
    this.again = again; // how to start the desk again
    this.id = `g7tag-desk-${Math.random().toString(36).slice(2, 10)}`; // other desks and tabs have other ids
    this.sent = 0;
    this.waiting = new Map(); // request id -> timer
    this.lost = new Set(); // ids of requests that were not answered in time
    /** @type {View | null} */
    this.view = null;
    /** @type {Map<string, () => void>} */
    this.keys = new Map();
    this.choices = []; // {button, kind, value}
    this.tab = "sentences";
    this.panels = {}; // by tab: its button, its panel, its lines for messages, and its rows with the current one
    this.onMessage = (message) => this.receive(message);
    model.on("msg:custom", this.onMessage);
    this.build();
    parent.append(this.root);
    this.ask("start");
  }

  close() {
    this.model.off("msg:custom", this.onMessage);
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.root.remove();
  }

  // Messages ----------------------------------------------------------------------------------------------------------

  /** Send a request to the session. It is carried out only if the session still shows the same card. */
  ask(action, content = {}, patience = PATIENCE) {
    const id = `${this.id}-${++this.sent}`;
    this.waiting.set(id, setTimeout(() => this.lose(id), patience));
    try {
      this.model.send({ id, action, step: this.view?.step ?? 0, ...content });
    } catch (error) {
      console.error(error);
      this.lose(id);
    }
  }

  lose(id) {
    clearTimeout(this.waiting.get(id));
    this.waiting.delete(id);
    this.lost.add(id);
    this.waitsForRuling = false;
    this.say(`${NO_ANSWER} ${this.again}`, true);
  }

  receive(message) {
    if (typeof message?.id !== "string") return; // no answer of a desk
    clearTimeout(this.waiting.get(message.id));
    this.waiting.delete(message.id);
    const isMine = message.id.startsWith(this.id); // or else of another view of this desk
    if (message.failed) this.waitsForRuling = false;
    if (message.failed) return this.say(`${FAILED} ${this.again}`, true);
    if (message.setup) this.showSetup(message.setup);
    const isNew = this.view === null;
    if (message.view) this.show(message.view);
    if (isNew) this.takeFocus();
    if (isNew && message.setup?.is_new) this.open(this.welcomeDialog);
    if (isMine && message.tab) this.showTab(message.tab);
    if (isMine && message.settled) this.caseDialog.close();
    if (isMine && message.agreement?.length) this.showAgreement(message.agreement);
    if (!this.lost.delete(message.id)) return;
    const isStart = message.setup && !message.settled; // nothing could be saved yet
    this.say(isStart ? "" : ANSWERED_LATE, false);
  }

  // Building ----------------------------------------------------------------------------------------------------------

  build() {
    this.root = element("section", {
      class: "g7tag-desk", "aria-label": "Review desk", "data-lm-suppress-shortcuts": "true",
    });
    this.frame = element("div", { class: "frame" });
    this.root.append(this.frame);
    this.status = element("p", { class: "status", role: "status" });
    this.alert = element("p", { class: "alert", role: "alert" });
    this.news = element("p", { class: "unseen", "aria-live": "polite" });
    this.work = element("div", { class: "work" });
    this.work.append(
      this.buildItem(), this.buildSaid(), this.buildChoice(), this.alert, this.status, this.buildActions(), this.news,
    );
    const columns = element("div", { class: "columns" }, this.work, this.buildCodebook());
    this.panels.sentences = { panel: columns, alert: this.alert, status: this.status };
    this.frame.append(this.buildTop(), this.buildTabs(), ...Object.values(this.panels).map(({ panel }) => panel));
    this.frame.append(
      this.buildHelp(), this.buildAgreement(), this.buildCase(), this.buildRuling(), this.buildWelcome(),
    );
    for (const kind of ["keydown", "keyup", "keypress"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation());
    }
    this.root.addEventListener("keydown", (event) => this.press(event));
    this.root.addEventListener("focusin", (event) => this.enter(event));
    this.root.addEventListener("click", (event) => this.refocus(event));
  }

  buildTop() {
    this.bar = element("progress", { "aria-label": "Progress", max: "1", value: "0" });
    this.count = element("span", { class: "count" });
    this.mode = element("span", { class: "mode" });
    const off = element("span", { class: "keys-off" }, "Click here to use the keys");
    const on = element("span", { class: "keys-on" }, "Keys are on");
    const help = button("Keys", "?", "?");
    this.on("?", help, () => {
      this.showKeys();
      this.open(this.helpDialog);
    });
    return element("header", {}, this.bar, this.count, this.mode, element("span", { class: "hint" }, off, on), help);
  }

  buildTabs() {
    this.tabList = element("div", { class: "tabs", role: "tablist", "aria-label": "Parts of the desk" });
    this.tabList.hidden = true;
    for (const [name, title] of Object.entries(TABS)) {
      const tab = element("button", { type: "button", role: "tab", id: `${this.id}-tab-${name}` }, title);
      tab.setAttribute("aria-controls", `${this.id}-${name}`);
      tab.addEventListener("click", () => this.openTab(name));
      const panel = this.panels[name]?.panel ?? this.buildPanel(name);
      panel.id = `${this.id}-${name}`;
      this.panels[name].tab = tab;
      this.tabList.append(tab);
    }
    this.markTab();
    return this.tabList;
  }

  /** Return the panel of scores or findings, which has no rows yet. */
  buildPanel(name) {
    const parts = {
      count: element("p", { class: "count" }), rows: element("div", { class: "rows" }),
      alert: element("p", { class: "alert", role: "alert" }), status: element("p", { class: "status", role: "status" }),
    };
    const panel = element("div", { class: "panel" }, parts.count, parts.rows, parts.alert, parts.status);
    panel.hidden = true;
    this.panels[name] = { ...parts, panel, shown: new Map(), current: "" };
    panel.addEventListener("focusin", ({ target }) => {
      const id = target.closest(".case")?.dataset.row;
      if (id) this.markRow(name, id);
    });
    return panel;
  }

  buildItem() {
    this.meta = element("p", { class: "meta" });
    this.source = element("p", { class: "source" });
    this.before = element("p", { class: "context" });
    this.sentence = element("p", { class: "sentence" });
    this.after = element("p", { class: "context" });
    this.stage = element(
      "div", { class: "stage", role: "group", tabindex: "0", "aria-label": "Sentence in its item" },
      this.before, this.sentence, this.after,
    );
    return element("div", { class: "item" }, this.meta, this.source, this.stage);
  }

  buildSaid() {
    this.saidList = element("ul");
    this.said = element(
      "section", { class: "said", "aria-label": "What others said" }, element("h3", {}, "What others said"),
      this.saidList,
    );
    this.said.hidden = true;
    return this.said;
  }

  buildChoice() {
    this.controls = element("div", { class: "controls" });
    this.comment = element("textarea", { id: `${this.id}-note`, rows: "1", "aria-keyshortcuts": "m" });
    this.comment.addEventListener("change", () => this.ask("note", { note: this.comment.value }));
    const label = element("label", { for: `${this.id}-note` });
    label.append(element("kbd", { "aria-hidden": "true" }, "m"), element("span", {}, "Comment"));
    this.keys.set("m", () => this.comment.focus());
    this.commentRow = element("div", { class: "row comment" }, label, this.comment);
    this.choice = element("div", { class: "choice" }, this.controls, this.commentRow);
    return this.choice;
  }

  buildActions() {
    const action = (label, key, run, shortcut) => {
      const made = button(label, key, shortcut);
      this.on(shortcut ?? key, made, run);
      return made;
    };
    this.decideButton = action("Decide", "Enter", () => this.ask("decide"));
    this.decideButton.classList.add("primary");
    this.skipButton = action("Skip", "k", () => this.ask("skip"));
    this.undoButton = action("Undo", "z", () => this.ask("undo"));
    this.revealButton = action("What others said", "v", () => this.ask("reveal"));
    this.namesButton = action("Names", "h", () => this.ask("names"));
    this.caseButton = action("Add to settled cases", "a", () => this.openCase());
    this.agreementButton = action("Agreement", "g", () => this.ask("agreement", {}, LONG_PATIENCE));
    this.namesButton.hidden = this.caseButton.hidden = true;
    return element(
      "div", { class: "actions", role: "group", "aria-label": "Actions" }, this.decideButton, this.skipButton,
      this.undoButton, this.revealButton, this.namesButton, this.caseButton, this.agreementButton,
    );
  }

  buildCodebook() {
    this.search = element("input", {
      type: "search", id: `${this.id}-search`, autocomplete: "off", spellcheck: "false", "aria-keyshortcuts": "/",
    });
    this.search.addEventListener("input", () => this.filter());
    this.keys.set("/", () => {
      this.search.focus();
      this.search.select();
    });
    const label = element("label", { for: `${this.id}-search` });
    label.append(element("kbd", { "aria-hidden": "true" }, "/"), element("span", {}, "Search the codebook"));
    this.matches = element("p", { class: "matches", role: "status" });
    this.book = element("div", { class: "book", role: "group", tabindex: "0", "aria-label": "Codebook entries" });
    return element("aside", { "aria-label": "Codebook" }, label, this.search, this.matches, this.book);
  }

  /** Return a dialog with a title and a button that closes it. */
  buildDialog(title, ...children) {
    const heading = element("h3", { id: `${this.id}-${title.replace(/\W+/g, "-")}` }, title);
    const close = button("Close", "Esc", "Escape");
    const dialog = element("dialog", { "aria-labelledby": heading.id }, heading, ...children, close);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.goHome());
    return dialog;
  }

  buildHelp() {
    this.helpList = element("dl");
    this.helpDialog = this.buildDialog("Keys", this.helpList);
    return this.helpDialog;
  }

  buildAgreement() {
    this.table = element("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": "Table of agreement" });
    this.agreementDialog = this.buildDialog("Agreement", this.table);
    return this.agreementDialog;
  }

  buildCase() {
    this.caseText = element("textarea", { id: `${this.id}-case`, rows: "3" });
    this.caseDecision = element("textarea", { id: `${this.id}-decision`, rows: "3" });
    const save = button("Add to settled cases", "");
    save.classList.add("primary");
    save.addEventListener("click", () =>
      this.ask("settle", { case: this.caseText.value, decision: this.caseDecision.value }));
    this.caseAlert = element("p", { class: "alert", role: "alert" });
    this.caseDialog = this.buildDialog(
      "Add to settled cases",
      element("label", { for: `${this.id}-case` }, "Case: what such sentences have in common"), this.caseText,
      element("label", { for: `${this.id}-decision` }, "Decision: how they are labelled, and why"), this.caseDecision,
      this.caseAlert, save,
    );
    return this.caseDialog;
  }

  buildRuling() {
    this.reason = element("input", { id: `${this.id}-reason`, autocomplete: "off" });
    this.ruled = element("p", { class: "ruled" });
    this.now = element("p", { class: "now" });
    const scores = ["-1", "0", "+1"].map((score) =>
      element("label", {}, element("input", { type: "radio", name: `${this.id}-score`, value: score }), score));
    this.scores = element("fieldset", {}, element("legend", {}, "Final score"), ...scores);
    const alert = element("p", { class: "alert", role: "alert" });
    const form = element("form", { id: `${this.id}-ruling` }, this.ruled, this.now, this.scores,
      element("label", { for: this.reason.id }, "Reason (required)"), this.reason, alert);
    const save = button("Save", "Enter");
    save.type = "submit";
    save.setAttribute("form", form.id);
    save.classList.add("primary");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const score = this.scores.hidden ? undefined : this.scores.querySelector(":checked")?.value;
      this.rule(this.ruling, { note: this.reason.value, score });
    });
    this.ruleDialog = this.buildDialog("Decision", form, save);
    return this.ruleDialog;
  }

  buildWelcome() {
    this.welcome = element("div", { class: "welcome", role: "group", tabindex: "0", "aria-label": "What is asked" });
    this.welcomeDialog = this.buildDialog("Before you start", this.welcome);
    const start = this.welcomeDialog.lastChild;
    start.replaceChildren(...button("Start", "Enter").children);
    start.setAttribute("aria-keyshortcuts", "Enter");
    start.classList.add("primary");
    start.autofocus = true;
    this.welcomeDialog.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // or the sentence gets this key, too
      this.welcomeDialog.close();
    });
    this.keys.set("i", () => this.open(this.welcomeDialog));
    return this.welcomeDialog;
  }

  /** Run something when a button is clicked or its key is pressed. The session answers why a disabled one does nothing. */
  on(key, made, run) {
    made.addEventListener("click", run);
    this.keys.set(key, () => !made.hidden && run());
  }

  // Showing -----------------------------------------------------------------------------------------------------------

  /** @param {Setup} setup */
  showSetup(setup) {
    this.setup = setup;
    this.tabList.hidden = !setup.has_tabs;
    for (const [name, { panel, tab }] of Object.entries(this.panels)) {
      if (!setup.has_tabs) continue;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      this.keys.set("t", () => this.panels[this.tab].tab.focus());
    }
    this.agreementButton.hidden = !setup.has_agreement;
    this.namesButton.hidden = !setup.adjudicating;
    this.commentRow.querySelector("span").textContent = setup.adjudicating ? "Reason (required)" : "Comment";
    this.choices = [];
    this.controls.replaceChildren(...setup.controls.map((control) => this.control(control)));
    this.book.replaceChildren(...setup.codebook.map((chapter) => this.chapter(chapter)));
    this.showWelcome(setup.welcome);
    this.filter();
  }

  /** @param {Control} control */
  control({ kind, title, options }) {
    const buttons = options.map((option) => {
      const made = button(option.label, option.key);
      made.title = option.definition;
      made.setAttribute("aria-pressed", "false");
      made.addEventListener("click", () => this.ask("choose", { kind, value: option.value }));
      this.choices.push({ made, kind, value: option.value });
      // One key goes through all exclusions: an empty value asks for the next one.
      const value = kind === "exclusion" ? "" : option.value;
      if (option.key) this.keys.set(option.key, () => this.ask("choose", { kind, value }));
      return made;
    });
    const name = element("span", { class: "name", id: `${this.id}-${kind}` }, title);
    return element("div", { class: "row", role: "group", "aria-labelledby": name.id }, name,
      element("div", { class: "buttons" }, ...buttons));
  }

  chapter({ title, entries }) {
    const section = element("section", {}, element("h3", {}, title));
    for (const { label, text, examples } of entries) {
      const made = element("div", { class: "entry" }, element("h4", {}, label), element("p", {}, text));
      if (examples.length) made.append(element("ul", {}, ...examples.map((each) => element("li", {}, each))));
      section.append(made);
    }
    return section;
  }

  showKeys() {
    const { setup } = this;
    if (this.tab !== "sentences") return this.showLines([...Object.entries(RULINGS[this.tab]).map(([, [label, key]]) =>
      [key, label]), ["↑ ↓", "Another row"], ["Enter", "Open or close the row"], ["t", "Tabs (← → and Enter)"],
    ["?", "Keys"]]);
    const lines = setup.controls.flatMap(({ kind, options }) =>
      kind === "exclusion"
        ? [["x", `Exclusion: ${options.map((each) => each.label).join(", ")}, none`]]
        : options.filter(({ key }) => key).map(({ key, label }) => [key, label]));
    lines.push(["m", "Comment (Esc leaves it)"], ["Enter", "Decide and show the next sentence"],
      ["k", "Skip: the sentence comes back at the end"], ["z", "Undo the last decision"],
      ["v", "What others said of the last decided sentence"]);
    if (setup.adjudicating) lines.push(["h", "Show or hide names"], ["a", "Add to settled cases"]);
    if (setup.has_agreement) lines.push(["g", "Agreement"]);
    if (setup.has_tabs) lines.push(["t", "Tabs (← → and Enter)"]);
    lines.push(["/", "Search the codebook (Esc leaves it)"], ["i", "What is asked"], ["?", "Keys"]);
    this.showLines(lines);
  }

  showLines(lines) {
    this.helpList.replaceChildren(...lines.map(([key, text]) =>
      element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, text))));
  }

  /** @param {View} view */
  show(view) {
    const hadFocus = this.hasFocus();
    const isNew = view.step !== this.view?.step;
    this.view = view;
    this.root.classList.toggle("reviewing", view.reviewing);
    if (isNew) this.showCard(view);
    this.showProgress(view);
    const who = this.setup ? (this.setup.adjudicating ? `Adjudication: ${this.setup.annotator}` : this.setup.annotator) : "";
    this.mode.textContent = view.blind ? who : `${who}, labels are not blind`;
    this.showChoice(view);
    this.showSaid(view.said);
    this.undoButton.disabled = !view.can_undo;
    this.revealButton.disabled = !view.can_reveal;
    this.revealButton.querySelector("span").textContent = view.reviewing ? "Back" : "What others said";
    this.decideButton.querySelector("span").textContent = view.reviewing ? "Save the change" : "Decide";
    this.namesButton.setAttribute("aria-pressed", String(view.names_shown));
    this.caseButton.hidden = view.proposed_case === null;
    this.say(view.message.text, view.message.is_error);
    if (hadFocus && !this.hasFocus()) this.goHome();
  }

  /** @param {View} view */
  showCard({ card, summary, progress, reviewing }) {
    this.root.classList.toggle("finished", card === null);
    this.choice.hidden = this.decideButton.hidden = card === null;
    this.skipButton.hidden = card === null || reviewing;
    if (card === null) {
      this.meta.replaceChildren();
      this.source.replaceChildren();
      this.before.textContent = this.after.textContent = "";
      this.sentence.textContent = progress.total ? "All sentences are decided." : "";
      this.after.append(...summary.map((line) => element("span", { class: "line" }, line)));
      this.news.textContent = [this.sentence.textContent, ...summary].join(" ");
      return;
    }
    this.showMeta(card);
    this.before.textContent = card.before;
    this.sentence.textContent = card.text;
    this.after.textContent = card.after;
    const space = Math.max(0, this.stage.clientHeight - this.sentence.offsetHeight);
    this.stage.scrollTop = this.sentence.offsetTop - space / 2; // in the middle of its item
    const which = reviewing ? "Decided sentence" : `Sentence ${progress.done + 1} of ${progress.total}`;
    this.news.textContent = `${which}. ${card.member}. ${card.text}`;
  }

  /** @param {Card} card */
  showMeta(card) {
    const parts = [card.date, card.note && `Note ${card.note}`].filter(Boolean);
    this.meta.replaceChildren(
      element("strong", {}, card.member), ...parts.map((part) => element("span", {}, part)),
      element("span", { class: "id" }, card.sentence_id),
    );
    this.source.title = card.source;
    this.source.replaceChildren(isWeb(card.url)
      ? element("a", { href: card.url, target: "_blank", rel: "noopener noreferrer" }, card.source || card.url)
      : card.source);
  }

  /** @param {View} view */
  showProgress({ progress }) {
    const { done, total, time_left } = progress;
    this.bar.max = Math.max(total, 1);
    this.bar.value = done;
    this.count.textContent = `${done} of ${total}${time_left ? ` · ${time_left}` : ""}`;
  }

  /** @param {View} view */
  showChoice({ choice }) {
    for (const { made, kind, value } of this.choices) {
      const chosen = kind === "dimension" ? choice.dimensions.includes(value)
        : kind === "flag" ? choice[value] : choice[kind] === value;
      made.setAttribute("aria-pressed", String(chosen));
    }
    if (!this.comment.matches(":focus")) this.comment.value = choice.note;
  }

  /** @param {Said[] | null} said */
  showSaid(said) {
    this.said.hidden = said === null;
    this.saidList.replaceChildren(...(said ?? []).map(({ who, kind, label, note, compared }) => {
      const line = element("li", {}, element("strong", {}, who), element("span", { class: "kind" }, kind),
        element("span", {}, label));
      if (compared) line.append(element("span", { class: "compared" }, compared));
      if (note) line.append(element("span", { class: "why" }, note));
      return line;
    }));
    if (said?.length === 0) this.saidList.append(element("li", {}, "Nobody else labelled this sentence."));
  }

  /** @param {Record<string, string>[]} rows */
  showAgreement(rows) {
    const names = Object.keys(rows[0]);
    const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
    const lines = rows.map((row) => element("tr", {}, ...names.map((name) => element("td", {}, String(row[name] ?? "")))));
    this.table.replaceChildren(
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines)));
    this.open(this.agreementDialog);
  }

  /** @param {Welcome} welcome */
  showWelcome({ title, text, short, examples }) {
    const asked = [
      "Read the marked sentence in its item. What does it show about this commitment?",
      "Choose each dimension in which it shows action, or none; how strong the action is; and what became of the act.",
      "Press Enter: the decision is saved. What the tagger and others said is shown only afterwards.",
    ];
    const list = (pairs) => element("dl", {}, ...pairs.map(([name, words]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, words))));
    this.welcome.replaceChildren(
      element("h4", {}, title), element("p", { class: "quote" }, text),
      element("h4", {}, "What is asked"), element("ol", {}, ...asked.map((line) => element("li", {}, line))),
      ...Object.entries(short).flatMap(([name, pairs]) => [element("h4", {}, name), list(pairs)]),
    );
    if (!examples.length) return;
    this.welcome.append(element("h4", {}, "Solved examples"), ...examples.map(([sentence, label]) =>
      element("p", { class: "quote" }, sentence, element("strong", {}, ` ${label}`))));
  }

  // Scores and findings -----------------------------------------------------------------------------------------------

  openTab(name) {
    this.tab = name;
    this.markTab();
    if (name === "sentences") return this.goHome();
    if (!this.panels[name].shown.size) this.say("Reading…", false);
    this.ask("tab", { tab: name }, LONG_PATIENCE);
  }

  markTab() {
    for (const [name, { tab, panel }] of Object.entries(this.panels)) {
      tab?.setAttribute("aria-selected", String(name === this.tab));
      if (tab) tab.tabIndex = name === this.tab ? 0 : -1;
      panel.hidden = name !== this.tab;
    }
  }

  /** @param {Answer} answer */
  showTab({ tab: name, asks, rows, saved, message, is_error }) {
    const place = this.panels[name];
    const hadFocus = this.hasFocus();
    this.waitsForRuling = false;
    if (asks) return this.showQuestion(name, asks);
    if (rows.length || !is_error) this.showRows(name, rows);
    if (name !== this.tab) return;
    const next = rows.findIndex((row) => row.row_id === saved);
    const open = [...rows.slice(next + 1), ...rows].find((row) => row.status === "open");
    if (saved && rows[next].status !== "open" && open) this.markRow(name, open.row_id);
    if (this.ruleDialog.open && saved) this.ruleDialog.close(); // takes the focus to the row
    else if (!this.ruleDialog.open && hadFocus) this.goHome();
    else this.showNow(place.shown.get(this.ruled.dataset.row)?.row);
    this.say(saved ? `Saved. ${rows[next].title}: ${rows[next].decision}` : message, is_error);
  }

  showQuestion(name, asks) {
    const back = button("Back to the sentences", "");
    const open = button("Open it: my labels are not blind", "");
    back.addEventListener("click", () => this.openTab("sentences"));
    open.addEventListener("click", () => this.ask("tab", { tab: name, confirmed: true }, LONG_PATIENCE));
    const { count, rows } = this.panels[name];
    count.textContent = "";
    rows.replaceChildren(element("p", { class: "asks" }, asks), element("div", { class: "actions" }, back, open));
    this.say("", false);
    back.focus();
  }

  /** Show the rows; those that did not change stay as they are. */
  showRows(name, rows) {
    const place = this.panels[name];
    const shown = new Map();
    for (const row of rows) {
      const before = place.shown.get(row.row_id);
      const isOpen = before?.made.querySelector("details")?.open ?? false;
      shown.set(row.row_id, before?.row.version === row.version ? before : { row, made: this.buildRow(name, row, isOpen) });
    }
    place.shown = shown;
    place.rows.replaceChildren(...[...shown.values()].map(({ made }) => made));
    const nOpen = rows.filter(({ status }) => status === "open").length;
    place.count.textContent = `${rows.length} ${name}, ${nOpen} open`;
    const first = rows.find(({ status }) => status === "open") ?? rows[0];
    if (first) this.markRow(name, shown.has(place.current) ? place.current : first.row_id);
  }

  /** @param {Row} row */
  buildRow(name, row, isOpen) {
    const id = `${this.id}-${name}-${row.row_id}`;
    const head = element("p", { class: "head" }, element("strong", { id }, row.title));
    if (row.severity) head.prepend(element("span", { class: `severity ${row.severity.toLowerCase()}` }, row.severity));
    head.append(...row.facts.map((fact) => element("span", { class: "fact" }, fact)),
      element("span", { class: "decision" }, row.decision));
    const made = element("div", { class: `case ${row.status}`, role: "group", tabindex: "-1", "aria-labelledby": id },
      head, element("p", {}, row.text));
    made.dataset.row = row.row_id;
    if (row.proof.length) {
      const lines = row.proof.map(([what, text]) => element("li", {}, what && element("strong", {}, what), ` ${text}`));
      const summary = element("summary", {}, name === "scores" ? "What would change it" : "Proof");
      const details = element("details", {}, summary, element("ul", {}, ...lines));
      details.open = isOpen;
      made.append(details);
    }
    const actions = element("div", { class: "actions" });
    for (const [does, [label, key]] of Object.entries(RULINGS[name])) {
      if (does === "reopen" ? row.status === "open" : does === "agree" && !row.published) continue;
      const press = button(label, key);
      press.addEventListener("click", () => this.startRuling(name, row.row_id, does));
      actions.append(press);
    }
    made.append(actions);
    return made;
  }

  markRow(name, id) {
    const place = this.panels[name];
    place.shown.get(place.current)?.made.setAttribute("tabindex", "-1");
    place.current = id;
    place.shown.get(id)?.made.setAttribute("tabindex", "0");
  }

  /** Ask for the reason of a decision; to open a row again needs none. */
  startRuling(name, id, does) {
    const shown = this.panels[name].shown.get(id);
    if (!shown) return;
    this.markRow(name, id);
    this.ruling = does;
    if (does === "reopen") return shown.row.status !== "open" && this.rule(does, {});
    if (does === "agree" && !shown.row.published) return;
    this.ruleDialog.querySelector("h3").textContent = `${RULINGS[name][does][2]}: ${shown.row.title}`;
    this.ruled.textContent = [...shown.row.facts, shown.row.text].join(". ");
    this.ruled.dataset.row = id;
    this.showNow(shown.row);
    this.scores.hidden = does !== "change";
    for (const radio of this.scores.querySelectorAll("input")) radio.checked = false;
    this.reason.value = "";
    this.open(this.ruleDialog);
    (does === "change" ? this.scores.querySelector("input") : this.reason).focus();
  }

  /** @param {Row | undefined} row */
  showNow(row) {
    this.now.textContent = row && row.status !== "open" ? `Now: ${row.decision}` : "";
  }

  rule(does, content) {
    const { current, shown } = this.panels[this.tab];
    if (this.waitsForRuling) return; // one decision after the other
    this.waitsForRuling = true;
    this.say("Saving…", false);
    this.ask("tab", { tab: this.tab, does, row: current, version: shown.get(current).row.version, ...content },
      LONG_PATIENCE);
  }

  /** Do what a key does in a tab of rows, and return whether it does anything. */
  pressRow(event) {
    const { shown, current } = this.panels[this.tab];
    const ids = [...shown.keys()];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      shown.get(ids[ids.indexOf(current) + step])?.made.focus();
      return true;
    }
    if (event.key === "Enter" && event.target.matches(".case")) {
      const details = event.target.querySelector("details");
      if (details) details.open = !details.open;
      return true;
    }
    const ruling = Object.entries(RULINGS[this.tab]).find(([, [, key]]) => key === event.key.toLowerCase());
    if (ruling && !event.repeat) this.startRuling(this.tab, current, ruling[0]);
    return Boolean(ruling);
  }

  /** Move the focus among the tabs, and return whether the key does so. */
  moveTab(key) {
    const tabs = [...this.tabList.children];
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[key];
    if (at >= 0 && to !== undefined) tabs[to % tabs.length].focus();
    return at >= 0 && to !== undefined;
  }

  openCase() {
    const proposed = this.view?.proposed_case;
    if (!proposed) return;
    [this.caseText.value, this.caseDecision.value] = proposed;
    this.open(this.caseDialog);
    this.caseText.focus();
  }

  open(dialog) {
    for (const line of dialog.querySelectorAll(".alert")) line.textContent = "";
    if (!dialog.open) dialog.showModal();
  }

  /** Show a line. An error is announced at once. */
  say(text, isError) {
    const { alert, status } = this.panels[this.tab];
    alert.textContent = isError ? text : "";
    status.textContent = isError ? "" : text;
    const inDialog = this.frame.querySelector("dialog[open] .alert"); // the page behind a dialog is out of reach
    if (inDialog) inDialog.textContent = text;
  }

  /** Show the entries of the codebook that have all words of the search. */
  filter() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    const entries = this.book.querySelectorAll(".entry");
    for (const entry of entries) {
      const text = entry.textContent.toLowerCase();
      entry.hidden = !words.every((word) => text.includes(word));
      shown += !entry.hidden;
    }
    for (const section of this.book.children) section.hidden = !section.querySelector(".entry:not([hidden])");
    this.matches.textContent = words.length ? `${shown} of ${entries.length} entries match` : `${entries.length} entries`;
  }

  // Keys and focus ----------------------------------------------------------------------------------------------------

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("dialog")) return; // Esc closes it
    if (target.closest(TYPING)) {
      if (event.key === "Escape") {
        event.preventDefault();
        this.goHome();
      }
      return;
    }
    if (event.key === "Enter" && target.matches("a, summary, button:focus-visible")) return;
    const isRows = this.tab !== "sentences";
    if (this.moveTab(event.key) || (isRows && this.pressRow(event))) return event.preventDefault();
    if (isRows && !"?t".includes(event.key)) return;
    const run = this.keys.get(this.keyOf(event));
    if (!run) return;
    event.preventDefault();
    if (event.repeat) return; // a key held down acts once
    this.goHome();
    run();
  }

  /** Put the focus where the keys work: on the sentence, or on the current row. */
  goHome() {
    const place = this.panels[this.tab];
    const row = place.shown?.get(place.current)?.made;
    if (row) row.focus();
    else if (place.shown) (place.rows.querySelector("button") ?? place.tab).focus();
    else this.stage.focus({ preventScroll: true });
  }

  hasFocus() {
    return this.root.matches(":focus-within");
  }

  /** Let the keys work without a click, unless somebody types elsewhere. */
  takeFocus() {
    if (document.activeElement?.closest(TYPING)) return;
    this.stage.focus({ preventScroll: true });
    this.root.scrollIntoView({ block: "nearest" });
  }

  /** Bring the whole desk into sight when the keyboard enters it. */
  enter(event) {
    const isNew = !this.root.contains(event.relatedTarget);
    if (isNew && event.target.matches(":focus-visible")) this.root.scrollIntoView({ block: "nearest" });
  }

  /** Return the key; where a keyboard has digits on shifted keys, the digit of the place. */
  keyOf(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    return this.keys.has(key) ? key : /^(Digit|Numpad)[1-9]$/.test(event.code) ? event.code.at(-1) : key;
  }

  /** After a click, keep the focus where the keys work. */
  refocus(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const isMouse = event.detail > 0;
    if (target.closest(`${TYPING}, a, label, dialog, .book, summary, [role=tab]`)) return;
    if (target.closest("button") && !isMouse) return;
    if (this.frame.querySelector("dialog[open]")) return;
    this.goHome();
  }
}

function render({ model, el, again = AGAIN }) {
  const desk = new Desk(model, el, again);
  return () => desk.close();
}

export default { render };
