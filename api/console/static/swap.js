// Puts what the service renders now in the place of what is shown, without taking anything out of somebody's hands.
import { setNow, tick } from "./clock.js";

function inHand(part) {
  const active = document.activeElement;
  if (part.contains(active) && active.matches("input, textarea, select")) return true;
  return [...part.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => field.value !== field.defaultValue);
}

// Where something is: within the nearest element that has a name, the how-manieth of its kind. News above must not move the focus.
function whereIs(element) {
  const home = element.closest("[id]");
  return { home: home.id, tag: element.tagName, like: [home, ...home.querySelectorAll(element.tagName)].indexOf(element) };
}

function remember(part) {
  const open = [...part.querySelectorAll("details[open][id]")].map((element) => element.id);
  const place = part.contains(document.activeElement) ? whereIs(document.activeElement) : null;
  return () => {
    const now = document.getElementById(part.id);
    for (const id of open) now.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    const home = place && document.getElementById(place.home);
    if (home) [home, ...home.querySelectorAll(place.tag)][place.like]?.focus({ preventScroll: true });
  };
}

// Nothing moves under a hand that is about to press.
const HAND_MILLISECONDS = 1200;
let moved = -HAND_MILLISECONDS;
let aimed = false;
document.addEventListener("pointermove", (event) => {
  moved = performance.now();
  aimed = Boolean(event.target.closest?.("button, a, summary, input, select, label"));
}, { passive: true });

export function isAiming() {
  return aimed && performance.now() - moved < HAND_MILLISECONDS;
}

export function swapParts(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if (!fresh.documentElement.dataset.now) return false;
  setNow(fresh.documentElement.dataset.now);
  document.documentElement.dataset.again = fresh.documentElement.dataset.again ?? "";
  let all = true;
  for (const part of document.querySelectorAll("[data-part]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.dataset.shown) continue;
    if (inHand(part)) {
      all = false;
      continue;
    }
    const restore = remember(part);
    next.dataset.shown = next.innerHTML;
    part.replaceWith(document.adoptNode(next));
    restore();
  }
  // What was left in somebody's hands is asked for again.
  if (all) document.documentElement.dataset.shown = fresh.documentElement.dataset.shown ?? "";
  tick();
  return true;
}
