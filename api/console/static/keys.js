// Single keys press what carries data-key, only while no field has the focus, and not at all when they are switched off.
// A key that an input method is using is never ours: it belongs to the word being composed.
const FIELDS = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]";
const PATIENCE = 700;
let typed = "";
let waiting = 0;

export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

function press(element) {
  element.focus();
  element.click();
}

function visible(key) {
  return [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((element) => element.offsetParent !== null && !element.disabled);
}

function longer(start) {
  return [...document.querySelectorAll("[data-key]")].some((element) => {
    const key = element.dataset.key;
    return /^\d+$/.test(key) && key.length > start.length && key.startsWith(start);
  });
}

// A digit for which there is no button goes where any number may be typed: twelve people are "1", "2" only in the box, nine are "9".
function type(digit) {
  const box = document.querySelector("[data-typed]");
  if (!box) return false;
  box.focus();
  box.value = digit;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (isComposing(event) || document.documentElement.dataset.keys === "off") return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const named = event.key.length > 1;
  if (event.target.closest(FIELDS) && !/^(F\d+|Escape)$/.test(event.key)) return;
  const digit = /^\d$/.test(event.key);
  typed = digit ? typed + event.key : event.key;
  clearTimeout(waiting);
  const key = typed;
  const element = visible(key);
  if (!element && !longer(key)) {
    typed = "";
    if (digit && type(event.key)) event.preventDefault();
    return;
  }
  event.preventDefault();
  if (named || !longer(key)) {
    typed = "";
    press(element);
    return;
  }
  waiting = setTimeout(() => {
    typed = "";
    if (element) press(element);
  }, PATIENCE);
});

// Enter that ends a composition must not send a form, whatever order this browser reports the two in.
let composed = 0;
document.addEventListener("compositionend", () => { composed = performance.now(); });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.closest("[data-ime] input")) return;
  if (isComposing(event) || performance.now() - composed < 80) event.preventDefault();
}, true);
