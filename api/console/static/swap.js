// Puts what the service renders now in the place of what is shown, without taking anything out of somebody's hands.
import { setNow, tick } from "./clock.js";

function inHand(part) {
  const active = document.activeElement;
  if (part.contains(active) && active.matches("input, textarea, select")) return true;
  return [...part.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => field.value !== field.defaultValue);
}

function remember(part) {
  const open = [...part.querySelectorAll("details[open][id]")].map((element) => element.id);
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const like = active && [...part.querySelectorAll(active.tagName)].indexOf(active);
  return () => {
    const now = document.getElementById(part.id);
    for (const id of open) now.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    if (active) now.querySelectorAll(active.tagName)[like]?.focus({ preventScroll: true });
  };
}

export function swapParts(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if (!fresh.documentElement.dataset.now) return false;
  setNow(fresh.documentElement.dataset.now);
  for (const part of document.querySelectorAll("[data-part]")) {
    const next = fresh.getElementById(part.id);
    if (!next || inHand(part) || next.innerHTML === part.dataset.shown) continue;
    const restore = remember(part);
    next.dataset.shown = next.innerHTML;
    part.replaceWith(document.adoptNode(next));
    restore();
  }
  tick();
  return true;
}
