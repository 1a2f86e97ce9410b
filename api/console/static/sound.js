// The desk's sound: made here, of tones; a silence sounds again and again until somebody touches the desk or answers.
import { storyNow } from "./clock.js";

const button = document.getElementById("sound");
const EVERY = 15000;
const AGAIN = 4000;
const KEPT = 200;
const TONES = {
  // [hertz, starts at second, lasts seconds]
  new: { shape: "triangle", loud: 0.3, notes: [[880, 0, 0.18], [1175, 0.2, 0.3]] },
  silence: { shape: "square", loud: 0.16, notes: [[740, 0, 0.16], [988, 0.2, 0.16], [740, 0.4, 0.16], [988, 0.6, 0.24]] },
  answered: { shape: "sine", loud: 0.12, notes: [[523, 0, 0.14], [659, 0.15, 0.28]] },
};
let context = null;
let alarms = [];
let rang = -AGAIN;
let isFirst = false;
let stopped = -Infinity;

function remembered(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

function remember(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Without storage the page remembers as long as it is open.
  }
}

function duty(value) {
  try {
    if (value !== undefined) localStorage.setItem("tocsin-sound", value);
    return localStorage.getItem("tocsin-sound") ?? "off";
  } catch {
    return value ?? button.dataset.state;
  }
}

let heard = remembered("tocsin-heard");
let touched = new Set(remembered("tocsin-touched") ?? []);

function play(name) {
  button.dataset.played = name;
  if (duty() !== "on" || context?.state !== "running") return;
  const { shape, loud, notes } = TONES[name];
  for (const [hertz, starts, lasts] of notes) {
    const [voice, gain, at] = [context.createOscillator(), context.createGain(), context.currentTime + starts];
    voice.type = shape;
    voice.frequency.value = hertz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loud, at + 0.02);
    gain.gain.setValueAtTime(loud, at + lasts - 0.03);
    gain.gain.linearRampToValueAtTime(0, at + lasts);
    voice.connect(gain).connect(context.destination);
    voice.start(at);
    voice.stop(at + lasts);
  }
}

function show() {
  const wanted = duty();
  const state = wanted === "on" && context?.state !== "running" ? "blocked" : wanted;
  const ringing = state === "on" || state === "blocked" ? ringingNow() : [];
  button.dataset.state = state;
  button.toggleAttribute("data-ringing", ringing.length > 0);
  const words = ringing.length ? button.dataset.stop : button.dataset[`say${state[0].toUpperCase()}${state.slice(1)}`];
  if (button.lastElementChild.textContent !== words) button.lastElementChild.textContent = words;
}

function ringingNow() {
  return alarms.filter((one) => Date.parse(one.at) <= storyNow() && !touched.has(one.id));
}

async function unlock() {
  context ??= new AudioContext();
  if (context.state !== "running") await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 500))]);
  show();
}

async function stayAwake() {
  try {
    if (duty() === "on" && document.visibilityState === "visible") await navigator.wakeLock?.request("screen");
  } catch {
    // A screen that sleeps is no reason to be silent.
  }
}

// Of several open pages one sounds.
function takeTurns() {
  if (!navigator.locks) isFirst = true;
  else navigator.locks.request("tocsin-sound", () => { isFirst = true; return new Promise(() => {}); });
}

async function look() {
  try {
    const answer = await fetch("/console/alarms", { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const found = await answer.json();
    const known = new Set(heard ?? [...found.new, ...found.answered]);
    const [isNew, isAnswered] = [found.new, found.answered].map((ids) => ids.some((id) => !known.has(id)));
    heard = [...new Set([...known, ...found.new, ...found.answered])].slice(-KEPT);
    remember("tocsin-heard", heard);
    alarms = found.alarms;
    if (isFirst && isNew) play("new");
    else if (isFirst && isAnswered) play("answered");
  } catch {
    // The line above says that the connection is lost.
  }
  show();
}

function touch() {
  if (context?.state === "suspended" && duty() === "on") unlock();
  const ringing = ringingNow();
  if (!ringing.length) return;
  touched = new Set([...touched, ...ringing.map((one) => one.id)].slice(-KEPT));
  remember("tocsin-touched", [...touched]);
  stopped = performance.now();
  show();
}

button.addEventListener("click", async () => {
  if (performance.now() - stopped < 600) return; // the touch that stops a sound does not also mute the next one
  const state = button.dataset.state;
  duty(state === "on" ? "muted" : "on");
  await unlock();
  if (duty() === "on") play("new");
  stayAwake();
  show();
});
for (const what of ["pointerdown", "keydown"]) document.addEventListener(what, touch, { capture: true, passive: true });
document.addEventListener("visibilitychange", stayAwake);
document.addEventListener("tocsin:changed", look);
window.addEventListener("storage", show);
setInterval(look, EVERY);
setInterval(() => {
  show();
  if (!isFirst || !ringingNow().length || performance.now() - rang < AGAIN) return;
  rang = performance.now();
  play("silence");
}, 500);

button.hidden = false;
takeTurns();
if (duty() === "on") unlock().then(stayAwake);
look();
