export type Theme = "light" | "dark";

const KEY = "holdpoint-docs-theme";

/** What the reader chose; undefined where the system decides, or where nothing may be stored. */
export function storedTheme(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the choice for later pages, where the browser lets it. */
export function storeTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It then lasts as long as the page.
  }
}
