/** One part of the site: a quadrant of Diataxis, or the pages about the project itself. */
export interface Section {
  /** Folder in the site, and in docs/ for the quadrants. */
  readonly name: string;
  readonly title: string;
  /** What a reader comes here for. */
  readonly purpose: string;
}

/** The sections in the order in which a reader meets them. */
export const SECTIONS: readonly Section[] = [
  {
    name: "tutorial",
    title: "Tutorial",
    purpose: "Learn Holdpoint by following one story from start to end.",
  },
  { name: "how-to", title: "How-to", purpose: "Get one thing done." },
  {
    name: "reference",
    title: "Reference",
    purpose: "Look up the API, the command line and the settings.",
  },
  { name: "explanation", title: "Explanation", purpose: "Understand how it works, and why it is so." },
  {
    name: "project",
    title: "Project",
    purpose: "See what is asked of it, take part, and report what is not safe.",
  },
];
