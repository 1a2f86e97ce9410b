// Reads the wall again every two seconds while somebody looks at it.
import { swapParts } from "./swap.js";

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    const text = await answer.text();
    keep();
    if (answer.ok) swapParts(text);
  } catch {
    // The next look tries again.
  }
}

// Down to what came last, once for each new message: whoever scrolls up to read is left there.
const seen = new Map();
function latest() {
  for (const handset of document.querySelectorAll(".handset")) {
    const caught = handset.querySelector(".caught");
    const count = caught.childElementCount;
    if (seen.get(handset.id) === count) caught.scrollTop = kept.get(handset.id) ?? caught.scrollHeight;
    else caught.scrollTop = caught.scrollHeight;
    seen.set(handset.id, count);
  }
}

const kept = new Map();
function keep() {
  for (const handset of document.querySelectorAll(".handset")) kept.set(handset.id, handset.querySelector(".caught").scrollTop);
}

latest();
setInterval(async () => {
  await look();
  latest();
}, 2000);
