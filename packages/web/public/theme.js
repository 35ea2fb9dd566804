// Sets the colours before the first paint; a script in the page itself is what the Content-Security-Policy forbids.
(() => {
  const chosen = localStorage.getItem("hitagi-colours");
  const isDark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.mantineColorScheme = isDark ? "dark" : "light";
})();
