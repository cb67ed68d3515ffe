import { startCopyButtons } from "./copy-buttons.ts";
import { startMenu } from "./menu.ts";
import { startOutline } from "./outline.ts";
import { startScrollers } from "./scrollers.ts";
import { SearchDialog } from "./search-dialog.ts";
import { startThemeSwitch } from "./theme-switch.ts";

const themeSwitch = document.querySelector<HTMLButtonElement>("[data-theme-switch]");
const menuButton = document.querySelector<HTMLButtonElement>("[data-menu]");
const searchButton = document.querySelector<HTMLButtonElement>("[data-search]");
const menu = document.getElementById("menu");
const outline = document.querySelector<HTMLElement>("nav.outline");

if (themeSwitch !== null) startThemeSwitch(themeSwitch);
if (menuButton !== null && menu !== null) startMenu(menuButton, menu);
if (outline !== null) startOutline(outline);
if (searchButton !== null) startSearch(searchButton);
startScrollers();
startCopyButtons();

function startSearch(button: HTMLButtonElement): void {
  const dialog = new SearchDialog(document.body.dataset["root"] ?? "");
  button.addEventListener("click", () => dialog.open());
  button.hidden = false;
  addEventListener("keydown", (event) => {
    const isCommand = (event.ctrlKey || event.metaKey) && event.key === "k";
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isCommand && !(isSlash && !isTyping(event.target))) return;
    event.preventDefault();
    dialog.open();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
