// Follows the service's hints and reads the page again; says within five seconds when the connection is lost.
import { setNow, storyNow } from "./clock.js";
import { isAiming, swapParts } from "./swap.js";

const line = document.getElementById("line");
const alarm = document.getElementById("alarm");
const SILENCE = 4000;
const BROKEN = 1500;
const LOOK = 500;
const AT_LEAST_EVERY = 15000;
const PATIENCE = 2500;
let heard = performance.now();
let broke = 0;
let read = performance.now();
let reading = false;
let again = false;
let source = null;

function show(state) {
  if (line.dataset.state === state) return;
  const was = line.dataset.state;
  line.dataset.state = state;
  line.querySelector("[data-said]").textContent = state === "live" ? line.dataset.live : line.dataset.lost;
  alarm.textContent = state === "lost" ? line.dataset.since.replace("{time}", clockAt(heard)) : "";
  if (was === "lost" && state === "live") refresh();
}

// The wall's clock, when the service was last heard.
function clockAt(instant) {
  const zone = document.querySelector("[data-clock]").dataset.clock;
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "medium" }).format(storyNow() - (performance.now() - instant));
}

async function showWhenStill(text) {
  for (let waited = 0; isAiming() && waited < PATIENCE; waited += 200) await new Promise((done) => setTimeout(done, 200));
  swapParts(text);
}

// What very many share is kept for a moment: a page that shows it from before the last change says when to look once more.
let later = 0;
function comeAgain() {
  clearTimeout(later);
  const milliseconds = Number(document.documentElement.dataset.again);
  // Not all pages at the same instant.
  if (milliseconds) later = setTimeout(refresh, milliseconds * (1 + Math.random() / 2));
}

async function refresh() {
  if (!document.querySelector("[data-part]")) return;
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  try {
    // A page that says what it shows is given what has changed since.
    const { shown } = document.documentElement.dataset;
    const headers = { Accept: "text/html", ...(shown && { "Tocsin-Shown": shown }) };
    const answer = await fetch(location.href, { headers, credentials: "same-origin" });
    if (answer.redirected && ["/login", "/sign-on"].includes(new URL(answer.url).pathname)) location.reload();
    else if (answer.status === 410) location.reload();
    else if (answer.ok) await showWhenStill(await answer.text());
    read = performance.now();
    comeAgain();
  } catch {
    // The watch below says so; the next beat or the next look tries again.
  } finally {
    reading = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

function open() {
  source = new EventSource(line.dataset.watch);
  source.addEventListener("beat", (event) => {
    heard = performance.now();
    setNow(JSON.parse(event.data).now);
    show("live");
  });
  source.addEventListener("error", () => {
    if (broke <= heard) broke = performance.now();
  });
  source.addEventListener("changed", () => {
    heard = performance.now();
    document.dispatchEvent(new Event("tocsin:changed"));
    refresh();
  });
  source.addEventListener("withdrawn", () => location.reload());
}

setInterval(() => {
  const now = performance.now();
  if (now - heard > SILENCE || (broke > heard && now - broke > BROKEN)) show("lost");
  if (source.readyState === EventSource.CLOSED && now - heard > SILENCE) {
    heard = now;
    open();
    refresh();
  }
  if (now - read > AT_LEAST_EVERY && line.dataset.state === "live") refresh();
}, LOOK);

window.addEventListener("pagehide", () => source.close());
open();
comeAgain();
