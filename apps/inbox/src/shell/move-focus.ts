import type { RefObject } from "react";
import { useEffect } from "react";

/** Puts the focus on what is new, unless somebody is writing: letters must never land on a page that acts on keys. */
export function moveFocus(target: HTMLElement | null): void {
  const { activeElement } = document;
  if (activeElement?.matches("input, textarea, select, [contenteditable]") === true) return;
  target?.focus({ preventScroll: true });
}

/** The heading of a page takes the focus when the page is opened (WCAG 2.4.3). `page` names the page. */
export function useHeadingFocus(heading: RefObject<HTMLElement | null>, page: string): void {
  useEffect(() => moveFocus(heading.current), [heading, page]);
}
