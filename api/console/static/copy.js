// Copies a text; where the browser gives no clipboard, it is selected so that a hand can.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    const said = button.parentElement.querySelector("[role=status]");
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = button.dataset.copied;
    } catch {
      // No clipboard without https, or in some browsers within WeChat.
      said.textContent = document.execCommand("copy") ? button.dataset.copied : button.dataset.selected;
    }
  });
}
