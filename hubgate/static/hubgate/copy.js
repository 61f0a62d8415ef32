// Buttons that copy the code beside them. Without scripts they stay hidden; a click on the code selects all of it.
const live = document.getElementById("hg-live");
for (const button of document.querySelectorAll("[data-copy]")) {
  const code = button.parentElement.querySelector("code");
  if (!navigator.clipboard || !code) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      live.textContent = button.dataset.copied ?? "";
      button.classList.add("hg-code--copied");
      setTimeout(() => button.classList.remove("hg-code--copied"), 2000);
    } catch {
      getSelection().selectAllChildren(code);
    }
  });
}
