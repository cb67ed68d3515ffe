/** On a narrow screen the list of pages stands behind a button. Without this script it stands open. */
export function startMenu(button: HTMLButtonElement, menu: HTMLElement): void {
  const show = (open: boolean) => {
    menu.dataset["open"] = String(open);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    button.focus();
  });
  show(false);
  button.hidden = false;
  menu.querySelector('[aria-current="page"]')?.scrollIntoView({ block: "nearest" });
}
