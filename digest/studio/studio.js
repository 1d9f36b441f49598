// The page of the preview studio. What a dump says reaches this page as text only: every element is
// made by `el`, and the mail itself stands in a frame in which nothing can run.

import { findings, linksAsked, spamSaid } from "/checks.js";
import { el } from "/el.js";

const $ = (id) => document.getElementById(id);
const picks = $("picks").elements;
const look = $("look").elements;
const LOOKS = ["view", "width", "scheme", "images"];

const PATIENCE = 1000; // ms that a mail is waited for: a frame may never be loaded
const MOMENT = 250; // ms that a mail is shown before it is checked, as who turns on would wait for that
const IDLE = 1000; // ms without a question until the editions around are made, as a save waits for them
const AHEAD = 2; // editions on either side that are made ahead
const KEPT = 2 * AHEAD + 2; // mails that are kept as they were loaded, the one on the screen among them

let today = "";
let days = [];
let shown = null; // the edition on the screen
let asked = 0; // the last question for an edition; answers to earlier ones come too late
let reader = ""; // whose mail it is; what is being typed is nobody yet
let missed = ""; // that there is no audience of the name that was asked for
let linked = ""; // the theme that the page's address names
let checked = null; // what is known of it
let checking = new AbortController(); // ends the questions about a mail that is shown no more
let awaited = null; // the frame that comes on the screen as soon as it is loaded
let idling = 0; // the timer until the editions around are made
let suggesting = new AbortController(); // ends a question for readers when another is asked
const told = new Map(); // editions by what was wanted, of one version

// --- what is asked of the program ---------------------------------------------------------------

async function ask(path, values = {}, { signal } = {}) {
  return read(await fetch(`${path}?${new URLSearchParams(values)}`, { signal }));
}

async function order(path, values) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(values),
  });
  return read(answer);
}

async function read(answer) {
  const said = answer.headers.get("content-type") === "application/json" ? await answer.json() : {};
  if (answer.ok) return said;
  throw new Error(said.said ?? `The program answered ${answer.status}.`);
}

const wanted = () => ({
  day: picks.day.value,
  audience: picks.audience.value,
  to: reader,
});

// --- the edition --------------------------------------------------------------------------------

async function show(first = null) {
  const question = ++asked;
  clearTimeout(idling);
  remember();
  const answer = await tried(edition(wanted(), first));
  if (!answer || question !== asked) return;
  tellProblem(answer.problem);
  if (answer.problem) return;
  const same = shown?.key === answer.key;
  shown = answer;
  $("subject").textContent = answer.subject;
  document.title = `${answer.subject} – Preview studio`;
  $("standing").hidden = false;
  $("standing").textContent = answer.published ? "Published" : "Draft";
  $("standing").classList.toggle("published", answer.published);
  if (!same) forget();
  // The mail is loaded first, for checks keep the program from handing it out.
  await patiently(project());
  if (!same || !checked) await pause(MOMENT);
  if (shown !== answer) return;
  if (same && checked) tellVerdict();
  else await check(answer);
  if (shown === answer && question === asked) idling = setTimeout(readyAround, IDLE);
}

// What was answered for this version is not asked again.
async function edition(values, first = null) {
  const name = JSON.stringify(values);
  const answer = first ?? told.get(name) ?? (await ask("/edition", values));
  told.delete(name);
  if (!answer.problem) told.set(name, answer);
  if (told.size > KEPT) told.delete(told.keys().next().value);
  return answer;
}

// When nothing else is to do, the mails around the one on the screen are loaded, one by one.
async function readyAround() {
  const question = asked;
  for (const day of around()) {
    if (look.view.value !== "mail") return;
    const answer = await tried(edition({ ...wanted(), day }));
    if (!answer || question !== asked) return;
    if (!answer.problem) await patiently(loaded.get(frameOf(answer)));
  }
}

const pause = (ms) => new Promise((enough) => setTimeout(enough, ms));
const patiently = (work) => Promise.race([work, pause(PATIENCE)]);

// What was found of another mail is not true of this one.
function forget() {
  checking.abort();
  checked = null;
  tell("Checking …", "");
  for (const each of $("findings").querySelectorAll(".check")) each.classList.add("stale");
}

// What was good before stays beside a mistake in a file, and so do its checks.
function tellProblem(problem) {
  if (problem && !problem.saves) clear();
  $("problem").replaceChildren(...(problem ? explained(problem) : []));
  $("stage").classList.toggle("old", Boolean(problem && shown));
  if (problem && shown) tell("These are the checks of the last good mail.", "bad");
}

function clear() {
  checking.abort();
  shown = checked = null;
  for (const id of ["screen", "findings", "verdict", "subject"]) $(id).replaceChildren();
  $("standing").hidden = true;
  document.title = "Preview studio";
  listThemes();
}

function* explained({ title, message, excerpt, line }) {
  yield el("h2", {}, title);
  yield el("p", {}, message);
  if (excerpt.length) {
    const rows = excerpt.map(([n, text]) =>
      el("span", { class: n === line ? "here" : null }, `${String(n).padStart(4)}  ${text}`),
    );
    yield el("pre", { class: "excerpt", tabindex: "0" }, ...rows);
  }
  if (shown) yield el("p", {}, `Below stands what was good last: ${shown.subject}.`);
}

// --- the screen ---------------------------------------------------------------------------------

const PRINTED = { text: "text", source: "html", headers: "headers" };

async function project() {
  const view = look.view.value;
  if (view !== "mail") {
    const printed = el("pre", { class: "printed" }, shown[PRINTED[view]]);
    keepPlace($("screen").querySelector("pre"), printed);
    picks.theme.disabled = true;
    return;
  }
  await swap(shown);
  listThemes();
}

const address = ({ key }) => `/mail/${key}${look.images.value === "off" ? "?images=off" : ""}`;

function keepPlace(before, after) {
  const { scrollTop } = $("screen");
  $("screen").replaceChildren(after);
  if (before) $("screen").scrollTop = scrollTop;
}

// The next mail is loaded behind the one that is shown, and takes its place at the same height.
async function swap(edition) {
  const before = mailFrame();
  const frame = (awaited = frameOf(edition));
  await loaded.get(frame);
  if (awaited !== frame || !frame.isConnected) return;
  dress(frame);
  if (frame === before) return;
  const height = before?.contentWindow?.scrollY ?? 0;
  frame.classList.remove("coming");
  before?.classList.add("coming");
  for (const other of $("screen").querySelectorAll(":scope > :not(iframe)")) other.remove();
  frame.contentWindow.scrollTo(0, height);
}

const loaded = new WeakMap(); // when each frame has its mail

// The frame of a mail; where there are too many, one goes of an edition that is remembered no more.
function frameOf(edition) {
  const frames = [...$("screen").querySelectorAll("iframe")];
  const src = address(edition);
  const known = frames.find((each) => each.getAttribute("src") === src);
  if (known) return known;
  const addresses = new Set([...told.values()].map(address));
  const spare = frames.filter((each) => each !== mailFrame() && each !== awaited);
  const old = spare.find((each) => !addresses.has(each.getAttribute("src"))) ?? spare[0];
  if (frames.length >= KEPT) old.remove();
  const frame = el("iframe", {
    class: "coming",
    title: "The mail",
    sandbox: "allow-same-origin",
    src,
  });
  const load = new Promise((done) => frame.addEventListener("load", done, { once: true }));
  loaded.set(frame, load.then(() => frame.contentDocument?.addEventListener("click", openOutside)));
  $("screen").append(frame);
  return frame;
}

// A link that led out of the frame would take the mail with it.
function openOutside(event) {
  const link = event.target.closest("a[href]");
  if (!link || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  if (/^https?:/.test(link.href)) window.open(link.href, "_blank", "noopener,noreferrer");
}

// Width and colours of a mail that is there already: nothing is asked for anew.
function dress(frame) {
  frame.classList.remove("phone", "tablet", "desktop", "light", "dark");
  frame.classList.add(look.width.value, look.scheme.value);
  paint(frame.contentDocument, look.scheme.value);
}

const SCHEME = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/g;

function paint(mail, scheme) {
  mail.documentElement.style.colorScheme = scheme;
  mail.querySelector("meta[name=color-scheme]")?.setAttribute("content", scheme);
  for (const sheet of mail.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof mail.defaultView.CSSMediaRule)) continue;
      rule.written ??= rule.media.mediaText;
      // A width that every screen has, or none.
      rule.media.mediaText = rule.written.replace(SCHEME, (_, asked) =>
        asked === scheme ? "(min-width: 0px)" : "(max-width: 0px)",
      );
    }
  }
}

function listThemes() {
  const headings = mailFrame()?.contentDocument?.querySelectorAll("h2[id]") ?? [];
  const options = [...headings].map((each) => el("option", { value: each.id }, each.textContent));
  const chosen = linked || picks.theme.value;
  picks.theme.replaceChildren(el("option", { value: "" }, "Top of the mail"), ...options);
  picks.theme.value = [...picks.theme.options].some(({ value }) => value === chosen) ? chosen : "";
  picks.theme.disabled = !options.length;
  if (linked) goToTheme();
  linked = "";
}

const mailFrame = () => $("screen").querySelector("iframe:not(.coming)");

function goToTheme() {
  const mail = mailFrame()?.contentDocument;
  if (!mail) return;
  const heading = picks.theme.value && mail.getElementById(picks.theme.value);
  if (heading) heading.scrollIntoView();
  else mail.defaultView.scrollTo(0, 0);
}

// --- the checks ---------------------------------------------------------------------------------

async function check({ key }) {
  checked = null;
  checking.abort();
  checking = new AbortController();
  const { signal } = checking;
  const found = await tried(ask(`/checks/${key}`, {}, { signal }));
  if (!found || signal.aborted) return;
  checked = found;
  tellVerdict();
  refresh($("findings"), findings(found, shown.notes, (event) => checkLinks(key, event.target)));
  judgeSpam(key, signal);
}

async function judgeSpam(key, signal) {
  const spam = await tried(ask(`/spam/${key}`, {}, { signal }));
  if (spam && !signal.aborted) $("spam").replaceChildren(...spamSaid(spam));
}

function tellVerdict() {
  if (shown.published) tell("Published: these are the bytes that were frozen.", "good");
  else if (checked.lint.errors) tell("This would not be published.", "bad");
  else if (shown.why_not) tell(`This would not be published: ${shown.why_not}.`, "bad");
  else tell("Ready to be published.", "good");
}

function tell(words, kind) {
  $("verdict").textContent = words;
  $("verdict").className = `verdict ${kind}`;
}

// New findings take the place of old ones; what was folded open stays so, and so does the focus.
function refresh(place, children) {
  const folds = () => [...place.querySelectorAll("details")];
  const name = (fold) => fold.closest("section").querySelector("h3").textContent + fold.className;
  const open = new Set(folds().filter((fold) => fold.open).map(name));
  const focused = folds().find((fold) => fold.firstChild === document.activeElement);
  place.replaceChildren(...children);
  for (const fold of folds()) fold.open = open.has(name(fold));
  if (focused) folds().find((fold) => name(fold) === name(focused))?.firstChild.focus();
}

async function checkLinks(key, button) {
  const place = $("links");
  button.disabled = true;
  place.replaceChildren(el("p", { class: "sum" }, "Asking …"));
  const found = await tried(order(`/links/${key}`, {}));
  place.replaceChildren(...(found ? linksAsked(found.links) : []));
  button.disabled = false;
}

const GONE = "The program does not answer. Is it still running?";

// --- words to the person ------------------------------------------------------------------------

async function tried(answer) {
  try {
    const found = await answer;
    $("said").textContent = missed;
    return found;
  } catch (error) {
    if (error.name === "AbortError") return null;
    $("said").textContent =
      error instanceof TypeError ? GONE : error.message;
    return null;
  }
}

async function sendTest(event) {
  event.preventDefault();
  const address = $("test-to").value.trim();
  const button = $("test").querySelector("button");
  button.disabled = true;
  $("sent").textContent = "Sending …";
  const { day, audience } = wanted();
  const answer = await tried(order("/test", { day, audience, address }));
  $("sent").textContent = answer?.said ?? "";
  $("sent").className = answer?.sent ? "good" : "bad";
  button.disabled = false;
}

// --- what is picked -----------------------------------------------------------------------------

// The address of the page holds all that is picked, so that loading it again shows the same.
function remember() {
  const values = { ...wanted(), theme: linked || picks.theme.value, ...Object.fromEntries(LOOKS.map((name) => [name, look[name].value])) };
  if (values.day === today) delete values.day;
  const kept = Object.entries(values).filter(([, value]) => value);
  history.replaceState(null, "", `?${new URLSearchParams(kept)}`);
}

function recall() {
  const given = new URLSearchParams(location.search);
  for (const name of LOOKS) if (given.get(name)) look[name].value = given.get(name);
  reader = given.get("to") ?? "";
  if (document.activeElement !== picks.to) picks.to.value = reader; // somebody types already
  picks.day.value = given.get("day") ?? "";
  linked = given.get("theme") ?? "";
  return given.get("audience") ?? "";
}

async function listChoices(audience, first = null) {
  const choices = first ?? (await tried(ask("/choices", { audience })));
  if (!choices) return;
  today = choices.today;
  days = [...new Set([...choices.days, choices.day, today])].sort();
  const names = choices.audiences.map(({ name, title }) => el("option", { value: name }, `${name}: ${title}`));
  picks.audience.replaceChildren(...names);
  picks.audience.value = choices.audience;
  picks.day.value ||= choices.day;
  missed = audience && audience !== choices.audience ? `There is no audience ${audience}.` : "";
  $("said").textContent = missed;
  $("transport").textContent = choices.transport;
  $("test-to").value ||= choices.owner;
  turnable();
  if (document.activeElement === picks.to) suggestReaders();
}

// An audience that is not known yet has no readers; an answer to an earlier question comes too late.
async function suggestReaders() {
  const audience = picks.audience.value;
  if (!audience) return;
  suggesting.abort();
  suggesting = new AbortController();
  const { signal } = suggesting;
  const to = picks.to.value.trim();
  const found = await tried(ask("/readers", { audience, to }, { signal }));
  if (signal.aborted) return;
  const options = found?.addresses.map((each) => el("option", { value: each })) ?? [];
  $("readers").replaceChildren(...options);
}

const before = () => days.findLast((day) => day < picks.day.value);
const after = () => days.find((day) => day > picks.day.value);

// The days of editions around the one that is picked, the nearest first.
function around() {
  const newer = days.filter((day) => day > picks.day.value);
  const older = days.filter((day) => day < picks.day.value).reverse();
  return [...Array(AHEAD).keys()].flatMap((n) => [newer[n], older[n]]).filter(Boolean);
}

// They keep the focus where there is nothing more to turn to.
function turnable() {
  $("older").setAttribute("aria-disabled", String(!before()));
  $("newer").setAttribute("aria-disabled", String(!after()));
}

async function turn(day) {
  if (!day) return;
  picks.day.value = day;
  turnable();
  await show();
}

function listen() {
  $("older").addEventListener("click", () => turn(before()));
  $("newer").addEventListener("click", () => turn(after()));
  picks.day.addEventListener("change", () => picks.day.validity.valid && turn(picks.day.value));
  picks.theme.addEventListener("change", () => {
    remember();
    goToTheme();
  });
  picks.audience.addEventListener("change", async () => {
    await listChoices(picks.audience.value);
    await show();
  });
  picks.to.addEventListener("input", suggestReaders);
  picks.to.addEventListener("focus", suggestReaders);
  picks.to.addEventListener("change", () => {
    reader = picks.to.value.trim();
    show();
  });
  $("look").addEventListener("change", () => {
    remember();
    if (shown) project();
  });
  for (const form of ["picks", "look"]) $(form).addEventListener("submit", (event) => event.preventDefault());
  $("test").addEventListener("submit", sendTest);
}

// A tab that nobody sees asks nothing: a browser has few connections to one host.
function follow(version) {
  let changes = null;
  const look = () => {
    changes?.close();
    changes = document.hidden ? null : new EventSource("/changes");
    changes?.addEventListener("error", () => ($("said").textContent = GONE));
    changes?.addEventListener("open", () => ($("said").textContent = ""));
    changes?.addEventListener("message", async ({ data }) => {
      if (data === version) return;
      version = data;
      told.clear();
      await listChoices(picks.audience.value);
      await show();
    });
  };
  document.addEventListener("visibilitychange", look);
  look();
}

// The page brings along what it shows first, and its end comes when that is made.
if (document.readyState === "loading") await new Promise((done) => document.addEventListener("DOMContentLoaded", done));
const first = JSON.parse($("first").textContent);
listen();
await listChoices(recall(), first?.choices);
await show(first?.edition);
follow(String(shown?.version ?? ""));
