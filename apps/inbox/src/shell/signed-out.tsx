import { CopyButton } from "../ui/copy-button.tsx";
import { Mark } from "../ui/icon.tsx";

const COMMAND = "npx holdpoint login-link";

/** Nobody is signed in: how to come in, and nothing else. */
export function SignedOut() {
  return (
    <main className="mx-auto max-w-md px-6 pt-[18vh]">
      <Mark />
      <h1 className="mt-4 text-xl font-semibold">You are not signed in</h1>
      <p className="mt-2">On the machine where Holdpoint runs, this prints a link that signs you in:</p>
      <p className="mt-3 flex items-center gap-1 border-l-2 border-line pl-3">
        <code className="fact">{COMMAND}</code>
        <CopyButton text={COMMAND} what="the command" />
      </p>
      <p className="mt-3 text-quiet">Or ask an admin of your organisation for one.</p>
    </main>
  );
}
