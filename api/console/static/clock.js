// Moves clocks, ages and countdowns once a second by the service's clock, not by this machine's.
let ahead = Date.parse(document.documentElement.dataset.now) - Date.now();

export function setNow(iso) {
  ahead = Date.parse(iso) - Date.now();
}

export function storyNow() {
  return Date.now() + ahead;
}

function duration(milliseconds) {
  const whole = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function tick() {
  const now = storyNow();
  for (const element of document.querySelectorAll("[data-age]")) say(element, duration(now - Date.parse(element.dataset.age)));
  for (const element of document.querySelectorAll("[data-due]")) {
    const due = Date.parse(element.dataset.due);
    element.classList.toggle("late", due <= now);
    say(element.querySelector("[data-left]"), duration(Math.abs(due - now)));
    const bar = element.querySelector("progress");
    if (bar) {
      const since = Date.parse(element.dataset.since);
      bar.value = Math.min(1000, Math.max(0, (1000 * (due - now)) / Math.max(1, due - since)));
    }
  }
  for (const element of document.querySelectorAll("[data-asks-at]")) {
    element.classList.toggle("asks", Date.parse(element.dataset.asksAt) <= now);
    element.classList.toggle("red", Date.parse(element.dataset.redAt) <= now);
  }
  for (const element of document.querySelectorAll("[data-clock]")) {
    const time = new Intl.DateTimeFormat("en-GB", { timeZone: element.dataset.clock, hour: "2-digit", minute: "2-digit" });
    say(element, time.format(now));
  }
}

setInterval(tick, 1000);
