// Takes turns where more goes on than fits, keeps the screen awake, and says how many there are.
const TURN = 15000;
const ONE_NEEDS = 720;
const turn = document.getElementById("turn");
let first = 0;

function fitting() {
  const upright = innerHeight > innerWidth;
  return upright ? Infinity : Math.max(1, Math.floor((innerWidth * 0.78) / (ONE_NEEDS * (innerHeight / 1080))));
}

function show() {
  const slides = [...document.querySelectorAll(".slide")];
  const most = fitting();
  if (first >= slides.length) first = 0;
  const until = first + most;
  slides.forEach((slide, number) => {
    slide.hidden = number < first || number >= until;
  });
  const said = slides.length > most ? turn.dataset.say.replace("{from}", first + 1).replace("{to}", Math.min(until, slides.length)).replace("{all}", slides.length) : "";
  if (turn.textContent !== said) turn.textContent = said;
}

setInterval(() => {
  first += fitting();
  show();
}, TURN);
new MutationObserver(show).observe(document.querySelector("main"), { childList: true });
addEventListener("resize", show);
show();

// Browsers give the lock back when the page is hidden, and only over https or on this machine.
async function stayAwake() {
  if (document.visibilityState !== "visible" || !navigator.wakeLock) return;
  try {
    await navigator.wakeLock.request("screen");
  } catch {
    // A low battery or a setting forbids it: the screen's own settings decide then.
  }
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
