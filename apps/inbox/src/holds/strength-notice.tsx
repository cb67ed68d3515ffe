import { HoldpointApiError } from "@holdpoint/client";
import type { Strength } from "@holdpoint/protocol";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";

const COMMAND = "npx holdpoint login-link";

/** What a decision asks for beyond being signed in; undefined where that is enough. */
export const ASKED_FOR: Partial<Record<Strength, string>> = {
  L2: "This counts only within 5 minutes of signing in.",
  L3: "This counts only with the signature of a passkey.",
};

export function isTooWeak(error: unknown): boolean {
  return error instanceof HoldpointApiError && error.code === "not_strong_enough";
}

/** The service wants to be surer who this is: how to show it. Nothing was decided. */
export function StrengthNotice({ strength }: { strength: Strength }) {
  return (
    <div role="alert" className="mt-4 flex gap-3 border-l-2 border-ink bg-sunken px-3 py-2.5">
      <Icon name="person" className="mt-[3px]" />
      <div className="min-w-0">
        <p className="font-semibold">Sign in again to decide this.</p>
        <p>{ASKED_FOR[strength] ?? "The service wants to be surer who you are."} Nothing was decided.</p>
        {strength === "L3" ? null : (
          <p className="mt-1 flex flex-wrap items-center gap-x-1">
            On the machine where Holdpoint runs, this prints a link: <code className="fact">{COMMAND}</code>
            <CopyButton text={COMMAND} what="the command" />
            or ask an admin for one.
          </p>
        )}
      </div>
    </div>
  );
}
