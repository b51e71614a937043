// Sets the chosen theme before the page is painted: a classic script in the head, not a module.
// Without a choice the system's preference rules (color-scheme in style.css).
(() => {
  const KEY = 'halley.theme';
  const root = document.documentElement;
  try {
    const chosen = localStorage.getItem(KEY);
    if (chosen === 'light' || chosen === 'dark') {
      root.dataset.theme = chosen;
    }
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }

  const isDark = () =>
    root.dataset.theme
      ? root.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;

  const announce = () => dispatchEvent(new CustomEvent('themechange'));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', announce);

  window.halleyTheme = {
    isDark,
    toggle() {
      root.dataset.theme = isDark() ? 'light' : 'dark';
      try {
        localStorage.setItem(KEY, root.dataset.theme);
      } catch {
        // As above.
      }
      announce();
    },
  };
})();
