// Follows a file that is being read; the page itself is the truth, and without scripts it reads itself again.
import { swapParts } from "./swap.js";

const EVERY = 1000;
const title = document.title.replace(/^\(\d+%\) /, "");

async function look() {
  const part = document.getElementById("import");
  if (part?.dataset.reading === undefined) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.redirected && new URL(answer.url).pathname === "/login") return location.reload();
    if (answer.ok) swapParts(await answer.text());
  } catch {
    // The next look tries again.
  }
  const now = document.getElementById("import").dataset.reading;
  document.title = now ? `(${now}%) ${title}` : title;
  if (now !== undefined) setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
