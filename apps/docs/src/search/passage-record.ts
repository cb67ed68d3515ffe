import type { ParsedPage } from "../markdown/parsed-page.ts";

/** What the search knows of one passage. Short names: there are many, and they travel. */
export interface PassageRecord {
  /** Address from the root of the site. */
  readonly id: string;
  readonly page: string;
  /** Empty for the words before the first heading. */
  readonly heading: string;
  readonly section: string;
  readonly text: string;
}

/** The passages of a page that a reader can go to. */
export function passageRecords(page: ParsedPage, section: string): PassageRecord[] {
  const { path } = page.source;
  return page.passages
    .filter((passage) => passage.heading !== undefined || passage.text !== "")
    .map(({ heading, text }) => ({
      id: heading === undefined ? path : `${path}#${heading.id}`,
      page: page.title,
      heading: heading?.text ?? "",
      section,
      text,
    }));
}
