/** Drawn on a 16 px grid with one stroke, so that they sit beside words like a letter. */
const PATHS = {
  check: "M2.5 8.5l3.5 3.5 7.5-8",
  cross: "M3.5 3.5l9 9m0-9l-9 9",
  clock: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 4.5V8l2.5 1.8",
  warning: "M8 1.8l6.6 12H1.4zM8 6.3v3.5M8 11.6v.6",
  external: "M6 3H3v10h10v-3M9 2.5h4.5V7M13.2 2.8L7.5 8.5",
  edit: "M2.5 13.5v-3l8-8 3 3-8 8zM8.8 4.2l3 3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      className="hp-icon"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
