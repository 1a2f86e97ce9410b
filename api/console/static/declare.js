// Makes the place box quick: offers while typing, and the next step without a whole new page. Without it the same steps are forms and links.
import { isComposing } from "./keys.js";

const PAUSE = 120;
let timer = 0;
let asked = 0;

function swap(text, address) {
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("declare");
  if (!fresh) {
    location.assign(address);
    return;
  }
  document.getElementById("declare").replaceWith(document.adoptNode(fresh));
  history.pushState({}, "", address);
  fresh.querySelector("[autofocus]")?.focus();
}

async function go(address) {
  const mine = ++asked;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.redirected || !answer.ok) location.assign(address);
    else if (mine === asked) swap(await answer.text(), address);
    else await answer.text();
  } catch {
    location.assign(address);
  }
}

async function offer(input) {
  const mine = ++asked;
  const address = `${input.dataset.suggest}&q=${encodeURIComponent(input.value)}`;
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) return;
    const found = await answer.json();
    if (mine === asked) show(input, found);
  } catch {
    // Typing goes on; Enter asks again.
  }
}

function show(input, found) {
  const address = new URL(location.href);
  address.searchParams.delete("place");
  address.searchParams.set("q", input.value);
  const links = found.map((one, position) => {
    const link = document.createElement("a");
    address.searchParams.set("place", one.id);
    link.href = address.pathname + address.search;
    const key = document.createElement("kbd");
    key.setAttribute("aria-hidden", "true");
    key.textContent = position ? "" : "↵";
    const name = document.createElement("span");
    name.textContent = one.name;
    if (one.aside) {
      const aside = document.createElement("span");
      aside.className = "aside";
      aside.textContent = one.aside;
      name.append(" ", aside);
    }
    link.append(key, name);
    if (!position) link.classList.add("first");
    return link;
  });
  document.querySelector("[data-offers]").replaceChildren(...links);
  document.getElementById("map")?.toggleAttribute("hidden", Boolean(input.value));
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "place" || event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(offer, PAUSE, event.target);
});

document.addEventListener("compositionend", (event) => {
  if (event.target.id !== "place") return;
  clearTimeout(timer);
  timer = setTimeout(offer, PAUSE, event.target);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" && event.target.id === "place" && !isComposing(event)) {
    document.querySelector("[data-offers] a")?.focus();
    event.preventDefault();
  }
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "place-form") return;
  event.preventDefault();
  clearTimeout(timer);
  go(`${event.target.action}?${new URLSearchParams(new FormData(event.target))}`);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("#declare a[href^='/declare?']");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.href);
});

window.addEventListener("popstate", () => location.reload());

// What is typed is kept by the service as it is typed: whoever hangs up in mid-sentence is not lost with the page.
const KEEP_AFTER = 600;
const TYPED = "#declare [name=q], #declare [name^=caller_], #declare [name=words]";
let keeping = 0;
let kept = "";
let decided = false;

function typed() {
  const form = document.getElementById("draft");
  if (!form) return null;
  const data = new URLSearchParams(new FormData(form));
  for (const field of document.querySelectorAll(TYPED)) {
    if (field.type !== "hidden" && !data.get(field.name)) data.set(field.name, field.value);
  }
  return ["q", "place", "from", "caller_name", "caller_phone", "caller_home", "words"].some((name) => data.get(name)) || kept ? data : null;
}

function keep(leaving) {
  clearTimeout(keeping);
  const data = decided ? null : typed();
  if (!data || data.toString() === kept) return;
  kept = data.toString();
  const action = document.getElementById("draft").action;
  if (leaving) navigator.sendBeacon(action, data);
  else fetch(action, { method: "POST", body: data, credentials: "same-origin", keepalive: true }).catch(() => { kept = ""; });
}

// The page has a name from its first sight, so that a reload is the same call.
function nameCall() {
  const call = document.querySelector("#draft [name=call]")?.value;
  const address = new URL(location.href);
  if (!call || address.searchParams.get("call") === call) return;
  address.searchParams.set("call", call);
  history.replaceState(history.state, "", address);
}

document.addEventListener("input", (event) => {
  if (!event.target.matches(TYPED)) return;
  clearTimeout(keeping);
  keeping = setTimeout(keep, KEEP_AFTER, false);
});
document.addEventListener("submit", (event) => {
  if (event.target.closest("#declare") && event.target.method === "post") decided = true;
});
window.addEventListener("pagehide", () => keep(true));
nameCall();
keep(false);
