/** Drawn on a 16 px grid with one stroke, so that they sit beside words like a letter. */
const PATHS = {
  hold: "M9.4 1.5h1l4.1 4.1v4.8l-4.1 4.1H5.6l-4.1-4.1V5.6l4.1-4.1h1M8 1v6",
  check: "M2.5 8.5l3.5 3.5 7.5-8",
  cross: "M3.5 3.5l9 9m0-9l-9 9",
  skip: "M3 3.5l5 4.5-5 4.5zM12.5 3.5v9",
  clock: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 4.5V8l2.5 1.8",
  progress: "M8 1.8A6.2 6.2 0 0 1 14.2 8M8 14.2A6.2 6.2 0 0 1 1.8 8",
  warning: "M8 1.8l6.6 12H1.4zM8 6.3v3.5M8 11.6v.6",
  undo: "M5.5 2.5L2 6l3.5 3.5M2.2 6h7a4 4 0 0 1 0 8H6",
  final: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM3.7 3.7l8.6 8.6",
  pause: "M5 3v10M11 3v10",
  inbox: "M1.8 9.2h3.7l1 2h3l1-2h3.7M1.8 9.2V13h12.4V9.2L12 3H4z",
  runs: "M2 4h5M2 8h9M2 12h6M10 4h4M14 8h0M11 12h3",
  audit: "M4 1.8h5.5L12.5 5v9.2h-8.5zM6 7h4.5M6 9.5h4.5M6 12h3",
  policy: "M8 1.8l5.5 2v4.4c0 3-2.2 5-5.5 6.2-3.3-1.2-5.5-3.2-5.5-6.2V3.8zM5.4 8l1.9 1.9L10.8 6.2",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  external: "M6 3H3v10h10v-3M9 2.5h4.5V7M13.2 2.8L7.5 8.5",
  person: "M8 8.2a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14c.6-2.6 2.7-4 5.5-4s4.9 1.4 5.5 4",
  agent: "M3 5.5h10v7H3zM8 5.5v-3M5.8 8.5v1M10.2 8.5v1",
  tool: "M9.5 2.2a3.6 3.6 0 0 0-3.8 4.9L2 10.8 5.2 14l3.7-3.7a3.6 3.6 0 0 0 4.9-3.8l-2.3 2.3-2.6-.7-.7-2.6z",
  edit: "M2.5 13.5v-3l8-8 3 3-8 8zM8.8 4.2l3 3",
  back: "M9.5 3L4.5 8l5 5",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.7 3.7",
  down: "M8 2.5v11M3.5 9L8 13.5 12.5 9",
  keyboard: "M1.5 4h13v8.5h-13zM4 7h.5M7 7h.5M10 7h.5M4.5 10h7",
  theme: "M8 2.2a5.8 5.8 0 1 0 0 11.6zM8 2.2a5.8 5.8 0 0 1 0 11.6",
  message: "M2 3h12v8H7l-3 2.5V11H2z",
  play: "M4.5 3l8 5-8 5z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      className={`inline-block shrink-0 ${name === "progress" ? "turning" : ""} ${className}`}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: an octagon with a gap, where something is held. */
export function Mark() {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 24 24"
      width="22"
      height="22"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.2"
    >
      <path d="M14 2.5h1.9l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1l5.6-5.6H10M12 2v7" />
    </svg>
  );
}
