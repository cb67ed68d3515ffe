import { storeTheme } from "./stored-theme.ts";
import type { Theme } from "./stored-theme.ts";

/** The button that changes between light and dark; it names what a press would give. */
export function startThemeSwitch(button: HTMLButtonElement): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const current = (): Theme => {
    const chosen = document.documentElement.dataset["theme"];
    return chosen === "light" || chosen === "dark" ? chosen : system.matches ? "dark" : "light";
  };
  const other = (): Theme => (current() === "dark" ? "light" : "dark");
  const show = () => {
    button.textContent = other() === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", `${button.textContent} theme`);
  };
  button.addEventListener("click", () => {
    const theme = other();
    document.documentElement.dataset["theme"] = theme;
    storeTheme(theme);
    show();
  });
  system.addEventListener("change", show);
  show();
  button.hidden = false;
}
