import { useState } from "react";
import { Icon } from "./icon.tsx";

/** Copies `text`; says so in place. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("failed");
    }
    setTimeout(() => setState("idle"), 2_000);
  };
  return (
    <button
      type="button"
      onClick={() => void copy()}
      className="inline-flex min-h-6 min-w-6 items-center justify-center gap-1 rounded-control px-1 text-xs text-quiet hover:bg-sunken hover:text-ink"
    >
      <Icon name={state === "copied" ? "check" : "copy"} />
      <span className={state === "idle" ? "sr-only" : ""} role="status">
        {state === "idle" ? `Copy ${what}` : state === "copied" ? "Copied" : "Not allowed here"}
      </span>
    </button>
  );
}
