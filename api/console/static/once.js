// A form is sent once: a second press while the first is on its way does nothing. The service holds the same by itself.
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-once]");
  if (!form) return;
  if (sent.has(form)) event.preventDefault();
  sent.add(form);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
