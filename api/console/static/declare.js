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
