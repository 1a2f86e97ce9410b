// Reads the wall again every two seconds while somebody looks at it.
import { swapParts } from "./swap.js";

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.ok) swapParts(await answer.text());
  } catch {
    // The next look tries again.
  }
}

function latest() {
  for (const caught of document.querySelectorAll(".caught")) caught.scrollTop = caught.scrollHeight;
}

latest();
setInterval(async () => {
  await look();
  latest();
}, 2000);
