/** What is wider than its place can be scrolled with the keyboard: it takes the focus, but only then. */
export function startScrollers(): void {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (!(target instanceof HTMLElement)) continue;
      if (target.scrollWidth > target.clientWidth + 1) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const scroller of document.querySelectorAll(".scroller")) observer.observe(scroller);
  // A diagram begins in its middle, where it branches from.
  for (const diagram of document.querySelectorAll(".diagram")) {
    diagram.scrollLeft = (diagram.scrollWidth - diagram.clientWidth) / 2;
  }
}
