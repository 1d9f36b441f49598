// What the checks have found of a mail becomes the panel beside it.

import { el } from "/el.js";

const number = new Intl.NumberFormat("en");
const counted = (n, noun) => `${number.format(n)} ${noun}${n === 1 ? "" : "s"}`;
const LARGEST = 5; // papers that are listed by their bytes before the rest is folded

export function findings(found, notes, checkLinks) {
  return [
    section("Rules", ...rules(found.lint.findings, "")),
    section("Contrast and accessibility", ...rules(found.lint.findings, "access")),
    section("Size", ...size(found.size, notes)),
    section("Mail programs", ...programs(found)),
    section("Spam", el("div", { id: "spam" }, sum("Asking SpamAssassin …"))),
    section("Links", ...links(found.links, checkLinks)),
    section("Changed since the last edition", ...changed(found.changed)),
  ];
}

let sections = 0;

function section(title, ...children) {
  const id = `check-${++sections}`;
  return el("section", { class: "check", "aria-labelledby": id }, el("h3", { id }, title), ...children);
}

const sum = (text, kind = "") => el("p", { class: `sum ${kind}` }, text);

// --- rules --------------------------------------------------------------------------------------

function* rules(all, group) {
  const some = all.filter((each) => (each.group === "access") === (group === "access"));
  if (!some.length) yield sum("Nothing to mend.", "good");
  else yield el("ul", {}, ...some.map(rule));
}

function rule({ severity, rule: name, where, found, times, why }) {
  const more = times > 1 ? ` (and ${number.format(times - 1)} more)` : "";
  return el(
    "li",
    {},
    el("b", { class: severity === "error" ? "bad" : "warn" }, `${severity}: ${name}`),
    el("p", {}, `${where}: ${found}${more}`),
    el("p", {}, why),
  );
}

// --- size ---------------------------------------------------------------------------------------

function* size({ html_encoded: html, limit, clip, frame, text_encoded: text, mail, papers }, notes) {
  const kind = html > clip ? "bad" : html > limit ? "warn" : "good";
  yield sum(`${number.format(html)} of ${number.format(limit)} bytes of HTML; Gmail cuts at ${number.format(clip)}.`, kind);
  const bar = { min: 0, max: clip, high: limit, low: limit, optimum: 0, value: html };
  yield el("meter", { ...bar, "aria-label": "Bytes of HTML, against where Gmail cuts" });
  yield sum(`The frame has ${number.format(frame)} of them. The text has ${number.format(text)} bytes, the whole mail ${number.format(mail)}.`);
  for (const note of notes) yield sum(note);
  const rows = [...papers]
    .sort((one, other) => other.bytes - one.bytes)
    .map(({ title, bytes }) => [title, number.format(bytes)]);
  if (rows.length) yield table(["Largest papers", "Bytes"], rows.slice(0, LARGEST));
  if (rows.length > LARGEST) {
    yield folded(`All ${counted(rows.length, "paper")}`, table(["Paper", "Bytes"], rows));
  }
}

// --- mail programs ------------------------------------------------------------------------------

const NAMES = {
  gmail: "Gmail",
  "apple-mail": "Apple Mail",
  outlook: "Outlook",
  yahoo: "Yahoo",
  "samsung-email": "Samsung",
  thunderbird: "Thunderbird",
};

function* programs({ programs: all, unlisted }) {
  if (unlisted.length) {
    yield sum(`Not in the list of known features: ${unlisted.join(", ")}`, "bad");
  }
  for (const [program, { shown, partly, lacking }] of Object.entries(all)) {
    const name = NAMES[program] ?? program;
    const short = [...lacking, ...partly];
    if (short.length) yield folded(`${name} shows ${shown} of ${counted(shown + short.length, "feature")}`, lacks(short));
    else yield sum(`${name} shows all ${counted(shown, "feature")}.`);
  }
}

const lacks = (lacking) =>
  el(
    "ul",
    {},
    ...lacking.map(({ feature, answer, because }) =>
      el("li", {}, el("code", {}, feature), ` ${answer}`, ...(because ? [el("p", {}, because)] : [])),
    ),
  );

// --- spam ---------------------------------------------------------------------------------------

export function* spamSaid({ score, rules: hit, why }) {
  if (score === null) return yield sum(why);
  yield sum(`${score.toFixed(1)} points by SpamAssassin; 5 is spam.`, score <= 0 ? "good" : score < 5 ? "warn" : "bad");
  if (hit.length) yield sum(hit.join(", "));
}

// --- links --------------------------------------------------------------------------------------

function* links(all, checkLinks) {
  yield sum(`${counted(all.length, "link")} to the web.`);
  if (!all.length) return;
  const rows = all.map(({ url, text }) => el("li", {}, outside(url), el("p", {}, text)));
  yield folded("List them", el("ul", {}, ...rows));
  const button = el("button", { type: "button" }, "Check them all");
  button.addEventListener("click", checkLinks);
  yield button;
  yield el("div", { id: "links", role: "status" });
}

export function linksAsked(all) {
  const wrong = all.filter(({ found }) => found !== "ok" && found !== "moved");
  const told = wrong.length
    ? sum(`${wrong.length} of ${counted(all.length, "link")} did not answer well.`, "bad")
    : sum(`${counted(all.length, "link")} answered.`, "good");
  const notable = all.filter(({ found }) => found !== "ok");
  const rows = notable.map((each) => el("li", {}, outside(each.url), el("p", {}, answer(each))));
  return [told, el("ul", {}, ...rows)];
}

const answer = ({ found, status, to, why }) =>
  [found, status, to && `to ${to}`, why].filter(Boolean).join(", ");

// Only the web is linked: an address comes from a dump.
const outside = (url) =>
  /^https?:\/\//.test(url)
    ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url)
    : el("code", {}, url);

// --- changes ------------------------------------------------------------------------------------

function* changed(change) {
  if (!change) return yield sum("There is no edition before this one.");
  const { before, papers, bytes, headings_new: come, headings_gone: gone, headers } = change;
  yield sum(`Since the edition of ${before}: ${pair(papers)} papers, ${pair(bytes)} bytes of HTML.`);
  if (come.length) yield sum(`New headings: ${come.join(", ")}`);
  if (gone.length) yield sum(`Headings that are gone: ${gone.join(", ")}`);
  if (headers.length) {
    yield table(["Header", "Was", "Is"], headers.map(({ name, was, is }) => [name, was || "–", is || "–"]));
  }
}

const pair = ([was, is]) =>
  was === is ? `still ${number.format(is)}` : `${number.format(was)} → ${number.format(is)}`;

// --- parts --------------------------------------------------------------------------------------

function table(heads, rows) {
  const last = (n) => (heads[n] === "Bytes" ? "n" : null);
  const head = el("tr", {}, ...heads.map((text, n) => el("th", { scope: "col", class: last(n) }, text)));
  const body = rows.map((row) => el("tr", {}, ...row.map((text, n) => el("td", { class: last(n) }, text))));
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...body));
}

const folded = (title, ...children) =>
  el("details", { class: title.split(" ", 1)[0] }, el("summary", {}, title), ...children);
