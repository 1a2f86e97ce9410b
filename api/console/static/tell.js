// Looks again whenever something was changed: whom it would reach and what would arrive, by the service's own rendering.
const form = document.getElementById("tell-form");
const WAIT = 350;
let timer = 0;
let asked = 0;

function take(fresh) {
  for (const id of ["carried", "chips", "found", "seen"]) {
    const now = document.getElementById(id);
    const next = fresh.getElementById(id);
    const held = now.contains(document.activeElement) ? document.activeElement.name + document.activeElement.value : "";
    now.replaceWith(document.adoptNode(next));
    if (held) [...next.querySelectorAll("input, button")].find((one) => one.name + one.value === held)?.focus({ preventScroll: true });
  }
  for (const field of form.querySelectorAll("textarea")) {
    const next = fresh.getElementById(field.id);
    if (document.activeElement !== field && field.value !== next.value) field.value = next.value;
  }
  const box = document.getElementById("tell-q");
  if (document.activeElement !== box || fresh.getElementById("tell-q").value === "") box.value = fresh.getElementById("tell-q").value;
}

async function look() {
  const mine = ++asked;
  const data = new FormData(form);
  data.delete("homes");
  data.set("do", "look");
  document.getElementById("seen").setAttribute("aria-busy", "true");
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), credentials: "same-origin", headers: { Accept: "text/html" } });
  const text = await answer.text();
  if (mine !== asked) return;
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if (fresh.getElementById("tell-form")) take(fresh);
  else location.reload();
}

// What was changed is looked at before it is sent: a press on an old preview would send what nobody has seen.
function soon(event) {
  if (event.target.name === "homes" || event.target.name === "q") return;
  clearTimeout(timer);
  timer = setTimeout(look, event.type === "input" && event.target.matches("textarea") ? 2 * WAIT : 0);
}

form.addEventListener("input", (event) => { if (event.target.matches("textarea, [name=minutes]")) soon(event); });
form.addEventListener("change", (event) => { if (!event.target.matches("textarea, [name=minutes]")) soon(event); });
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.target.name !== "q") return;
  event.preventDefault();
  look();
});
