/** Marks in "On this page" the section that is being read. */
export function startOutline(outline: HTMLElement): void {
  const links = new Map(
    Array.from(outline.querySelectorAll("a"), (link) => [decodeURIComponent(link.hash.slice(1)), link]),
  );
  const headings = Array.from(document.querySelectorAll("main :is(h2, h3)")).filter((heading) =>
    links.has(heading.id),
  );
  const mark = () => {
    const above = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
    const current = links.get((above.at(-1) ?? headings[0])?.id ?? "");
    if (current?.hasAttribute("aria-current") === true) return;
    for (const link of links.values()) link.removeAttribute("aria-current");
    current?.setAttribute("aria-current", "true");
    if (current !== undefined) keepInView(outline, current);
  };
  let waiting = false;
  addEventListener(
    "scroll",
    () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        mark();
      });
    },
    { passive: true },
  );
  mark();
}

// Not scrollIntoView, which would move the page as well.
function keepInView(outline: HTMLElement, link: HTMLElement): void {
  const frame = outline.getBoundingClientRect();
  const place = link.getBoundingClientRect();
  if (place.top < frame.top + 32 || place.bottom > frame.bottom - 32) {
    outline.scrollTop += place.top - frame.top - frame.height / 3;
  }
}
