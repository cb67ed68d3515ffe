import { Questions } from "@holdpoint/react";
import { useEffect, useState } from "react";
import { questions } from "./client.ts";
import { Notice } from "./notice.tsx";
import { OpenLink } from "./open-link.tsx";

const LIST = "/questions";

/** The hosted page of one end user: their questions, or the way to them. */
export function QuestionsPage() {
  const [link, setLink] = useState(linkOf(window.location.pathname));
  useEffect(() => {
    const follow = () => setLink(linkOf(window.location.pathname));
    window.addEventListener("popstate", follow);
    return () => window.removeEventListener("popstate", follow);
  }, []);
  const showList = () => {
    // The link stays in no history of this device: what counts from now on is its cookie.
    window.history.replaceState(null, "", LIST);
    setLink(undefined);
  };
  return (
    <>
      <header className="page-head">
        <Mark />
        <h1>Questions for you</h1>
      </header>
      <main>
        {link === undefined ? (
          <Questions
            client={questions}
            openProvider={(url) => window.location.assign(url)}
            signedOut={<SignedOut />}
          />
        ) : (
          <OpenLink link={link} onOpened={showList} />
        )}
      </main>
    </>
  );
}

function SignedOut() {
  return (
    <Notice title="This device is not known here">
      <p>
        Open the link in the message that you were sent, on this device. If it has been a while, ask for a new
        one.
      </p>
    </Notice>
  );
}

/** The mark: an octagon with a gap, where something is held. */
function Mark() {
  return (
    <svg aria-hidden="true" viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor">
      <path strokeWidth="2.2" d="M14 2.5h1.9l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1l5.6-5.6H10M12 2v7" />
    </svg>
  );
}

function linkOf(path: string): string | undefined {
  const found = /^\/questions\/open\/([^/]+)\/?$/.exec(path)?.[1];
  if (found === undefined) return undefined;
  try {
    return decodeURIComponent(found);
  } catch {
    return found;
  }
}
