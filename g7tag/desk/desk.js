// The review desk in the page: it shows what the session sends, and sends which button was pressed.
// All text is set as text, never as markup. Rules and keys of the choice come from the session.

/**
 * @typedef {{value: string, label: string, key: string, definition: string}} Option
 * @typedef {{kind: string, title: string, options: Option[]}} Control
 * @typedef {{label: string, text: string, examples?: string[]}} Entry
 * @typedef {{title: string, entries: Entry[]}} Chapter
 * @typedef {{annotator: string, adjudicating: boolean, has_agreement: boolean, has_feedback: boolean, has_tabs: boolean,
 *   is_new: boolean, controls: Control[], welcome: Chapter[], codebook: Chapter[]}} Setup
 * @typedef {{sentence_id: string, member: string, date: string, before: string, text: string, after: string,
 *   note: string, source: string, url: string}} Card
 * @typedef {{dimensions: string[], strength: string, act: string, exclusion: string, contradicts: boolean,
 *   unsure: boolean, note: string, source_check: string, archived_url: string}} Choice
 * @typedef {{who: string, kind: string, label: string, note: string, compared: string}} Said
 * @typedef {{step: number, card: Card | null, choice: Choice, said: Said[] | null,
 *   progress: {done: number, total: number, time_left: string}, message: {text: string, is_error: boolean},
 *   reviewing: boolean, can_undo: boolean, can_reveal: boolean, names_shown: boolean, blind: boolean,
 *   proposed_case: [string, string] | null, summary: string[]}} View
 * @typedef {{row_id: string, title: string, severity: string, facts: string[], text: string,
 *   proof: [string, string][], status: string, decision: string, published: string, version: string}} Row
 */

const PATIENCE = 2000; // milliseconds without an answer, after which Python counts as gone
const LONG_PATIENCE = 30000; // for a table that has to be computed
const ROW_PATIENCE = 8000; // for a decision on a score or a finding
const NO_ANSWER = "The desk did not answer. Nothing was saved.";
const FAILED = "The desk failed, and the decision may not be saved.";
const ANSWERED_LATE = "The desk answers again. What you see here is what was saved.";
const AGAIN = "Restart the kernel and run the cell again.";
const TABS = { sentences: "Sentences", scores: "Scores", findings: "Findings" };
const ACTIONS = { // of a row in each tab: button, key, and title of the dialog
  scores: { agree: ["Agree", "a", "The published score stands"], change: ["Change", "c", "Another final score"] },
  findings: { decide: ["Decided", "d", "A problem, dealt with"], dismiss: ["Dismiss", "x", "No problem"] },
};
const REOPEN = { reopen: ["Reopen", "z", ""] };
const CYCLED = ["exclusion", "source_check"]; // groups of which one key goes through all values
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
    this.rows = []; // of the tab, as they are in its list
    this.at = 0; // the current one
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
    this.isSaving = false;
    this.say(`${NO_ANSWER} ${this.again}`, true);
  }

  receive(message) {
    if (typeof message?.id !== "string") return; // no answer of a desk
    clearTimeout(this.waiting.get(message.id));
    this.waiting.delete(message.id);
    this.isSaving = false;
    const isMine = message.id.startsWith(this.id); // or else of another view of this desk
    if (message.failed) return this.say(`${FAILED} ${this.again}`, true);
    if (message.setup) this.showSetup(message.setup);
    const isNew = this.view === null;
    if (message.view) this.show(message.view);
    if (isNew) this.takeFocus();
    if (isNew && message.setup?.is_new) this.open(this.welcomeDialog);
    if (isMine && message.tab?.tab === this.tab) this.showRows(message.tab);
    if (isMine && message.settled) this.caseDialog.close();
    if (isMine && message.agreement?.length) this.showTables(this.agreementDialog, [message.agreement]);
    if (isMine && message.feedback?.length) this.showTables(this.feedbackDialog, message.feedback);
    if (!this.lost.delete(message.id)) return;
    const isStart = message.setup && !message.settled; // nothing could be saved yet
    this.say(isStart ? "" : ANSWERED_LATE, false);
  }

  // Building ----------------------------------------------------------------------------------------------------------

  build() {
    this.frame = element("div", { class: "frame" });
    this.root = element("section", { class: "g7tag-desk", "aria-label": "Review desk" }, this.frame);
    this.root.dataset.lmSuppressShortcuts = "true";
    this.status = element("p", { class: "status", role: "status" });
    this.alert = element("p", { class: "alert", role: "alert" });
    this.news = element("p", { class: "unseen", "aria-live": "polite" });
    const work = element("div", { class: "work" }, this.buildItem(), this.buildSaid(), this.buildChoice(),
      this.alert, this.status, this.buildActions(), this.news);
    this.columns = element("div", { class: "columns", id: `${this.id}-sentences` }, work, this.buildCodebook());
    this.frame.append(this.buildTop(), ...this.buildTabs(), this.columns);
    this.helpList = element("dl");
    this.helpDialog = this.buildDialog("Keys", [this.helpList]);
    this.agreementDialog = this.buildTables("Agreement");
    this.feedbackDialog = this.buildTables("Your labels that were settled otherwise");
    this.frame.append(this.helpDialog, this.agreementDialog, this.feedbackDialog, this.buildCase(), this.buildReason(),
      this.buildWelcome());
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
    const help = this.on("?", "Keys", () => this.showKeys(this.setup));
    return element("header", {}, this.bar, this.count, this.mode, element("span", { class: "hint" }, off, on), help);
  }

  buildTabs() {
    this.tabs = Object.entries(TABS).map(([name, title]) => {
      const panel = `${this.id}-${name === "sentences" ? name : "rows"}`;
      const tab = element("button", { type: "button", role: "tab", "aria-controls": panel, id: `${panel}-${name}` }, title);
      tab.addEventListener("click", () => this.openTab(name));
      return tab;
    });
    this.tabList = element("div", { class: "tabs", role: "tablist", "aria-label": "Parts of the desk" }, ...this.tabs);
    this.rowCount = element("p", { class: "count" });
    this.rowList = element("div", { class: "rows" });
    this.rowAlert = element("p", { class: "alert", role: "alert" });
    this.rowStatus = element("p", { class: "row-status", role: "status" });
    this.panel = element("div", { class: "panel", role: "tabpanel", id: `${this.id}-rows` },
      this.rowCount, this.rowList, this.rowAlert, this.rowStatus);
    this.panel.addEventListener("focusin", ({ target }) => this.markRow(target.closest(".case")));
    this.panel.hidden = this.tabList.hidden = true;
    this.keys.set("t", () => !this.tabList.hidden && this.tabs.find((tab) => tab.tabIndex === 0).focus());
    return [this.tabList, this.panel];
  }

  buildItem() {
    this.meta = element("p", { class: "meta" });
    this.source = element("p", { class: "source" });
    this.before = element("p", { class: "context" });
    this.sentence = element("p", { class: "sentence" });
    this.after = element("p", { class: "context" });
    this.stage = element("div", { class: "stage", role: "group", tabindex: "0", "aria-label": "Sentence in its item" },
      this.before, this.sentence, this.after);
    return element("div", { class: "item" }, this.meta, this.source, this.stage);
  }

  buildSaid() {
    this.saidList = element("ul");
    this.said = element("section", { class: "said", "aria-label": "What others said" },
      element("h3", {}, "What others said"), this.saidList);
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
    this.archived = element("input", {
      type: "url", class: "archived", placeholder: "Address of an archived copy", autocomplete: "off",
      "aria-label": "Address of an archived copy", "aria-keyshortcuts": "e",
    });
    this.archived.addEventListener("change", () => this.ask("archived_url", { archived_url: this.archived.value }));
    this.keys.set("e", () => this.archived.focus());
    return this.choice;
  }

  buildActions() {
    this.decideButton = this.on("Enter", "Decide", () => this.ask("decide"));
    this.decideButton.classList.add("primary");
    this.skipButton = this.on("k", "Skip", () => this.ask("skip"));
    this.undoButton = this.on("z", "Undo", () => this.ask("undo"));
    this.revealButton = this.on("v", "What others said", () => this.ask("reveal"));
    this.namesButton = this.on("h", "Names", () => this.ask("show_names"));
    this.caseButton = this.on("a", "Add to settled cases", () => this.openCase());
    this.agreementButton = this.on("g", "Agreement", () => this.ask("agreement", {}, LONG_PATIENCE));
    this.feedbackButton = this.on("f", "Feedback", () => this.ask("feedback", {}, LONG_PATIENCE));
    this.namesButton.hidden = this.feedbackButton.hidden = this.caseButton.hidden = true;
    return element("div", { class: "actions", role: "group", "aria-label": "Actions" }, this.decideButton,
      this.skipButton, this.undoButton, this.revealButton, this.namesButton, this.caseButton, this.agreementButton,
      this.feedbackButton);
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
  buildDialog(title, children, close = button("Close", "Esc", "Escape")) {
    const heading = element("h3", { id: `${this.id}-${title.replace(/\W+/g, "-")}` }, title);
    const dialog = element("dialog", { "aria-labelledby": heading.id }, heading, ...children, close);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.goHome());
    return dialog;
  }

  /** Return a dialog for tables. */
  buildTables(title) {
    return this.buildDialog(title, [
      element("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": title }),
    ]);
  }

  buildCase() {
    this.caseText = element("textarea", { id: `${this.id}-case`, rows: "3" });
    this.caseDecision = element("textarea", { id: `${this.id}-decision`, rows: "3" });
    const save = button("Add to settled cases", "");
    save.classList.add("primary");
    save.addEventListener("click", () =>
      this.ask("settle", { case: this.caseText.value, decision: this.caseDecision.value }));
    this.caseDialog = this.buildDialog("Add to settled cases", [
      element("label", { for: `${this.id}-case` }, "Case: what such sentences have in common"), this.caseText,
      element("label", { for: `${this.id}-decision` }, "Decision: how they are labelled, and why"), this.caseDecision,
      element("p", { class: "alert", role: "alert" }), save,
    ]);
    return this.caseDialog;
  }

  buildReason() {
    const scores = ["-1", "0", "+1"].map((score) =>
      element("label", {}, element("input", { type: "radio", name: `${this.id}-score`, value: score }), score));
    this.scores = element("fieldset", {}, element("legend", {}, "Final score"), ...scores);
    this.subject = element("p", { class: "subject" });
    this.reason = element("input", { class: "reason", id: `${this.id}-reason`, autocomplete: "off" });
    const save = button("Save", "Enter");
    save.type = "submit";
    save.classList.add("primary");
    save.setAttribute("form", `${this.id}-form`);
    const form = element("form", { id: `${this.id}-form` }, this.subject, this.scores,
      element("label", { for: this.reason.id }, "Reason (required)"), this.reason,
      element("p", { class: "alert", role: "alert" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.saveRow(this.reason.value, this.scores.querySelector(":checked")?.value);
    });
    this.reasonDialog = this.buildDialog("Decision", [form, save]);
    return this.reasonDialog;
  }

  buildWelcome() {
    this.welcome = element("div", { class: "welcome", role: "group", tabindex: "0", "aria-label": "What is asked" });
    const start = button("Start", "Enter");
    start.classList.add("primary");
    start.autofocus = true;
    this.welcomeDialog = this.buildDialog("Before you start", [this.welcome], start);
    this.welcomeDialog.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // or the sentence gets this key, too
      this.welcomeDialog.close();
    });
    this.keys.set("i", () => this.open(this.welcomeDialog));
    return this.welcomeDialog;
  }

  /** Return a button that does the same as its key. The session answers why a disabled one does nothing. */
  on(key, label, run) {
    const made = button(label, key);
    made.addEventListener("click", run);
    this.keys.set(key, () => !made.hidden && run());
    return made;
  }

  // Showing -----------------------------------------------------------------------------------------------------------

  /** @param {Setup} setup */
  showSetup(setup) {
    this.setup = setup;
    this.tabList.hidden = !setup.has_tabs;
    this.markTab();
    this.welcome.replaceChildren(...setup.welcome.map((chapter) => this.chapter(chapter)));
    this.agreementButton.hidden = !setup.has_agreement;
    this.feedbackButton.hidden = !setup.has_feedback;
    this.namesButton.hidden = !setup.adjudicating;
    this.commentRow.querySelector("span").textContent = setup.adjudicating ? "Reason (required)" : "Comment";
    this.choices = [];
    this.controls.replaceChildren(...setup.controls.map((control) => this.control(control)));
    this.book.replaceChildren(...setup.codebook.map((chapter) => this.chapter(chapter)));
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
      // One key goes through all values of some groups: an empty value asks for the next one.
      const value = CYCLED.includes(kind) ? "" : option.value;
      if (option.key) this.keys.set(option.key, () => this.ask("choose", { kind, value }));
      return made;
    });
    const name = element("span", { class: "name", id: `${this.id}-${kind}` }, title);
    if (kind === "source_check") buttons.push(this.archived);
    return element("div", { class: "row", role: "group", "aria-labelledby": name.id }, name,
      element("div", { class: "buttons" }, ...buttons));
  }

  chapter({ title, entries }) {
    const section = element("section", {}, element("h3", {}, title));
    for (const { label, text, examples = [] } of entries) {
      const made = element("div", { class: "entry" }, element("h4", {}, label), element("p", {}, text));
      if (examples.length) made.append(element("ul", {}, ...examples.map((each) => element("li", {}, each))));
      section.append(made);
    }
    return section;
  }

  /** @param {Setup} setup */
  showKeys(setup) {
    const actions = Object.values({ ...ACTIONS[this.tab], ...REOPEN }).map(([label, key]) => [key, label]);
    const lines = this.tab !== "sentences" ? [...actions, ["↑ ↓", "Other row"], ["Enter", "Unfold or fold the row"]]
      : this.sentenceKeys(setup);
    if (setup.has_tabs) lines.push(["t", "Tabs (← → and Enter)"]);
    lines.push(["?", "Keys"]);
    this.helpList.replaceChildren(...lines.map(([key, text]) =>
      element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, text))));
    this.open(this.helpDialog);
  }

  sentenceKeys(setup) {
    const lines = setup.controls.flatMap(({ kind, title, options }) =>
      CYCLED.includes(kind)
        ? [[options[0].key, `${title}: ${options.map((each) => each.label).join(", ")}, none`]]
        : options.filter(({ key }) => key).map(({ key, label }) => [key, label]));
    lines.push(["e", "Address of an archived copy (Esc leaves it)"], ["m", "Comment (Esc leaves it)"],
      ["Enter", "Decide and show the next sentence"],
      ["k", "Skip: the sentence comes back at the end"], ["z", "Undo the last decision"],
      ["v", "What others said of the last decided sentence"]);
    if (setup.adjudicating) lines.push(["h", "Show or hide names"], ["a", "Add to settled cases"]);
    if (setup.has_agreement) lines.push(["g", "Agreement"]);
    if (setup.has_feedback) lines.push(["f", "Your labels that were settled otherwise, and why"]);
    lines.push(["/", "Search the codebook (Esc leaves it)"], ["i", "What is asked"]);
    return lines;
  }

  /** @param {View} view */
  show(view) {
    const hadFocus = this.hasFocus();
    const isNew = view.step !== this.view?.step;
    this.view = view;
    this.root.classList.toggle("reviewing", view.reviewing);
    if (isNew) this.showCard(view);
    this.showProgress(view);
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
  showProgress({ progress, blind }) {
    const { done, total, time_left } = progress;
    this.bar.max = Math.max(total, 1);
    this.bar.value = done;
    const { annotator = "", adjudicating } = this.setup ?? {};
    this.mode.textContent = `${adjudicating ? "Adjudication: " : ""}${annotator}${blind ? "" : ", labels are not blind"}`;
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
    if (!this.archived.matches(":focus")) this.archived.value = choice.archived_url;
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

  /** @param {Record<string, string>[][]} tables */
  showTables(dialog, tables) {
    dialog.querySelector(".scroll").replaceChildren(...tables.map((rows) => this.tableOf(rows)));
    this.open(dialog);
  }

  tableOf(rows) {
    const names = Object.keys(rows[0]);
    const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name)));
    const lines = rows.map((row) => element("tr", {}, ...names.map((name) => element("td", {}, String(row[name] ?? "")))));
    return element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines));
  }

  // Scores and findings -----------------------------------------------------------------------------------------------

  openTab(name) {
    this.tab = name;
    this.rows = [];
    this.rowList.textContent = this.rowCount.textContent = "";
    this.markTab();
    this.say(name === "sentences" ? "" : "Reading…", false);
    if (name === "sentences") this.goHome();
    else this.ask("tab", { tab: name }, LONG_PATIENCE);
  }

  markTab() {
    for (const [at, name] of Object.keys(TABS).entries()) {
      this.tabs[at].setAttribute("aria-selected", String(name === this.tab));
      this.tabs[at].tabIndex = name === this.tab ? 0 : -1;
      if (name === this.tab) this.panel.setAttribute("aria-labelledby", this.tabs[at].id);
    }
    this.panel.hidden = this.tab === "sentences";
    this.columns.hidden = !this.panel.hidden;
  }

  /** @param {{asks?: string, rows: Row[], saved: boolean, message: string}} answer */
  showRows({ asks, rows, saved, message }) {
    if (asks) return this.showQuestion(asks);
    const hadFocus = this.hasFocus();
    const current = this.rows[this.at]?.row_id;
    if (rows.length || !message) {
      const unfolded = [...this.rowList.children].map((made) => made.querySelector("[open]") && made.dataset.row);
      this.rowList.replaceChildren(...rows.map((row, at) => this.buildRow(row, at, unfolded.includes(row.row_id))));
      this.rows = rows;
      this.rowCount.textContent = `${rows.length} ${this.tab}, ${rows.filter((row) => row.status === "open").length} open`;
    }
    const at = Math.max(this.rows.findIndex((row) => row.row_id === current), 0);
    const next = this.rows.findIndex((row, place) => place >= at && row.status === "open");
    this.markRow(this.rowList.children[(saved || !current) && next >= 0 ? next : at]);
    if (this.reasonDialog.open && saved) this.reasonDialog.close(); // the focus goes to the next open row
    else if (this.reasonDialog.open) this.describe();
    else if (hadFocus) this.goHome();
    this.say(message || (saved ? `Saved. ${rows[at].title}: ${rows[at].decision}` : ""), message !== "");
  }

  showQuestion(asks) {
    const back = button("Back to the sentences", "");
    const open = button("Open it: my labels are not blind", "");
    back.addEventListener("click", () => this.openTab("sentences"));
    open.addEventListener("click", () => this.ask("tab", { tab: this.tab, confirmed: true }, LONG_PATIENCE));
    this.rowList.replaceChildren(element("p", {}, asks), element("div", { class: "actions" }, back, open));
    this.say("", false);
    back.focus();
  }

  buildRow(row, at, isUnfolded) {
    const id = `${this.id}-row-${at}`;
    const head = element("p", { class: "head" }, element("strong", { id }, row.title),
      ...row.facts.map((fact) => element("span", { class: "fact" }, fact)),
      element("span", { class: "decision" }, row.decision));
    if (row.severity) head.prepend(element("span", { class: `severity ${row.severity}` }, row.severity));
    const made = element("div", {
      class: `case ${row.status}`, role: "group", tabindex: "-1", "aria-labelledby": id, "data-row": row.row_id,
    }, head, element("p", {}, row.text));
    if (row.proof.length) {
      const details = element("details", {}, element("summary", {}, row.severity ? "Proof" : "What would change it"),
        element("ul", {}, ...row.proof.map(([name, text]) => element("li", {}, element("strong", {}, name), ` ${text}`))));
      details.open = isUnfolded;
      made.append(details);
    }
    const actions = Object.entries({ ...ACTIONS[this.tab], ...(row.status === "open" ? {} : REOPEN) });
    made.append(element("div", { class: "actions" }, ...actions.map(([does, [label, key]]) => {
      const press = button(label, key);
      press.disabled = does === "agree" && !row.published;
      press.addEventListener("click", () => this.startRow(does, made));
      return press;
    })));
    return made;
  }

  /** Make a row the current one, which the keys act on. */
  markRow(made) {
    if (!made?.dataset.row) return;
    for (const each of this.rowList.children) each.tabIndex = each === made ? 0 : -1;
    this.at = [...this.rowList.children].indexOf(made);
  }

  /** Ask for the reason of a decision; to reopen a row needs none. */
  startRow(does, made) {
    this.markRow(made);
    this.doing = { does, row: made.dataset.row };
    if (does === "reopen") return this.saveRow("");
    this.reason.form.reset();
    this.scores.hidden = does !== "change";
    this.describe();
    this.open(this.reasonDialog);
    (does === "change" ? this.scores.querySelector("input") : this.reason).focus();
  }

  /** Show what is decided in the dialog, as it is now. */
  describe() {
    const { title, facts, text, decision } = this.rows[this.at];
    this.reasonDialog.querySelector("h3").textContent = `${title}: ${ACTIONS[this.tab][this.doing.does][2]}`;
    this.subject.textContent = [facts.join(", "), text, decision].filter(Boolean).join("\n");
  }

  saveRow(note, score) {
    if (this.isSaving) return; // one decision after the other
    this.isSaving = true;
    const version = this.rows.find((row) => row.row_id === this.doing.row)?.version;
    this.ask("tab", { tab: this.tab, version, note, score, ...this.doing }, ROW_PATIENCE);
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
    const [alert, status] = this.panel.hidden ? [this.alert, this.status] : [this.rowAlert, this.rowStatus];
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
      if (event.key !== "Escape") return;
      event.preventDefault();
      return this.goHome();
    }
    if (event.key === "Enter" && target.matches("a, summary, button:focus-visible")) return;
    if (this.moveTab(event) || this.pressRow(event)) return event.preventDefault();
    const run = this.panel.hidden || "?t".includes(event.key) ? this.keys.get(this.keyOf(event)) : null;
    if (!run) return;
    event.preventDefault();
    if (event.repeat) return; // a key held down acts once
    this.goHome();
    run();
  }

  /** Move the focus among the tabs, and return whether the key does so. */
  moveTab({ key, target }) {
    const at = this.tabs.indexOf(target);
    const to = at < 0 ? undefined : { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[key];
    if (to !== undefined) this.tabs.at(to % this.tabs.length).focus();
    return to !== undefined;
  }

  /** Do what a key does to the rows, and return whether it does anything. */
  pressRow({ key, repeat }) {
    const row = this.rowList.children[this.at];
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (this.panel.hidden || !row) return false;
    const pressed = key === "Enter" ? row.querySelector("summary")
      : row.querySelector(`[aria-keyshortcuts="${CSS.escape(key.toLowerCase())}"]`);
    if (step) this.rowList.children[this.at + step]?.focus();
    else if (!repeat) pressed?.click();
    return Boolean(step ?? pressed);
  }

  /** Put the focus where the keys work: on the sentence, or on the current row. */
  goHome() {
    if (this.panel.hidden) return this.stage.focus({ preventScroll: true });
    const row = this.rowList.querySelector('.case[tabindex="0"]') ?? this.rowList.querySelector("button");
    (row ?? this.tabs.find((tab) => tab.tabIndex === 0)).focus();
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
