// The seconds in which a message can be taken back are counted down, and then the page is read again.
import { swapParts } from "./swap.js";

async function follow() {
  const left = document.querySelector("[data-undo]");
  if (!left) return;
  const seconds = Number(left.dataset.undo) - 1;
  if (seconds > 0) {
    left.dataset.undo = seconds;
    left.textContent = left.dataset.words.replace("{seconds}", seconds);
  } else {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.ok) swapParts(await answer.text());
  }
}

setInterval(follow, 1000);
