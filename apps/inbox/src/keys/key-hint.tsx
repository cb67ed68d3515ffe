import { singleKeys } from "../service/local-setting.ts";
import { useStore } from "../service/store.ts";
import { ariaKeys, keycaps, type KeyName } from "./key-table.ts";

/** The keycaps of a key, for the eye; assistive technology has `aria-keyshortcuts`. */
export function KeyHint({ name, tone = "quiet" }: { name: KeyName; tone?: "quiet" | "inherit" }) {
  if (useStore(singleKeys.store) === "off") return null;
  return (
    <span aria-hidden="true" className={`hidden md:inline-flex ${tone === "quiet" ? "text-quiet" : ""}`}>
      {keycaps(name).map((cap) => (
        <kbd key={cap} className="ml-1 font-mono text-xs">
          {cap}
        </kbd>
      ))}
    </span>
  );
}

/** `aria-keyshortcuts` of a control; nothing while keys are switched off. */
export function useAriaKeys(name: KeyName | undefined): { "aria-keyshortcuts"?: string } {
  const setting = useStore(singleKeys.store);
  return name === undefined || setting === "off" ? {} : { "aria-keyshortcuts": ariaKeys(name) };
}
