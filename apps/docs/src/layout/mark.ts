/** The mark: a small octagon with a gap. The same drawing is the site's icon. */
export const MARK = `<svg class="mark" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2.5" aria-hidden="true"><path d="M14 2.5h1.9l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1l5.6-5.6H10"/><path d="M12 2v7"/></svg>`;

/** The mark as a file of its own. */
export const ICON = MARK.replace('class="mark" ', 'xmlns="http://www.w3.org/2000/svg" ').replace(
  "currentColor",
  "#c77700",
);
