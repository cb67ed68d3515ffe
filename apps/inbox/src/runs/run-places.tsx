import { Link } from "@tanstack/react-router";

const PLACES = [
  ["/runs", "All runs"],
  ["/sessions", "Conversations"],
] as const;

/** Runs one by one, or by the conversation that they belong to. */
export function RunPlaces({ here }: { here: "/runs" | "/sessions" }) {
  return (
    <nav aria-label="Runs" className="mt-3 flex gap-x-5 border-b border-line">
      {PLACES.map(([to, name]) => (
        <Link
          key={to}
          to={to}
          aria-current={to === here ? "page" : undefined}
          className={`-mb-px inline-flex min-h-9 items-center border-b-2 ${to === here ? "border-ink font-semibold" : "border-transparent text-quiet hover:text-ink"}`}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
