// Paper is white: a page that is read in the dark is printed light, and is dark again afterwards.
(() => {
  let before = null;
  window.addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.theme ?? null;
    if (before === "dark") document.documentElement.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    if (before === "dark") document.documentElement.dataset.theme = before;
    before = null;
  });
})();
