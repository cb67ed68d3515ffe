import { escapeHtml, renderPlainPage } from "../plain-page.ts";
import type { FlowPage, PlainPage } from "./sign-in-flow.ts";

const START_AGAIN = "<p>Go back to where you came from and press the button there again.</p>";
const BACK = '<p><a class="button" href="/questions">Back to your questions</a></p>';
const CLOSE = "<p>You can close this page.</p>";

const PLAIN: Record<PlainPage, { status: number; title: string; body: string }> = {
  ticket_unknown: {
    status: 404,
    title: "This link leads nowhere",
    body: `<p>It may have been cut off when it was copied.</p>${START_AGAIN}`,
  },
  ticket_used: {
    status: 409,
    title: "This link was already used",
    body: `<p>Each link works once.</p>${START_AGAIN}`,
  },
  ticket_expired: {
    status: 410,
    title: "This link has expired",
    body: `<p>It works for ten minutes.</p>${START_AGAIN}`,
  },
  other_device: {
    status: 403,
    title: "This link belongs to another device",
    body: "<p>It works only in the browser in which the button was pressed. Nothing has happened.</p>",
  },
  closed: {
    status: 409,
    title: "This question is closed",
    body: `<p>It was answered, withdrawn, or its time is over. Nothing has happened.</p>${CLOSE}`,
  },
  state_unknown: {
    status: 400,
    title: "This sign-in was not begun here",
    body: `<p>Nothing was connected.</p>${START_AGAIN}`,
  },
  other_provider: {
    status: 400,
    title: "This answer is for another sign-in",
    body: `<p>It came back from another place than the one you were sent to. Nothing was connected.</p>${START_AGAIN}`,
  },
  other_browser: {
    status: 403,
    title: "This sign-in was begun in another browser",
    body: "<p>It can be finished only there. Nothing was connected.</p><p>If somebody sent you this link: it would have connected your account to their agent.</p>",
  },
  state_expired: {
    status: 410,
    title: "This took too long",
    body: `<p>A sign-in has to be finished within ten minutes. Nothing was connected.</p>${START_AGAIN}`,
  },
  state_used: {
    status: 409,
    title: "This sign-in is already finished",
    body: `<p>This page was loaded again; nothing more has happened.</p>${CLOSE}`,
  },
  in_progress: {
    status: 409,
    title: "This sign-in is being finished",
    body: "<p>Another tab is at it. Load this page again in half a minute if nothing happens there.</p>",
  },
  provider_gone: {
    status: 404,
    title: "There is no such provider here any more",
    body: "<p>Nothing was connected. Tell whoever runs this service.</p>",
  },
};

/** What happened, in plain words, and how to go on. */
export function renderFlowPage(page: FlowPage): Response {
  // A code may be in this page's address.
  const headers = { "referrer-policy": "no-referrer" };
  const label = "label" in page ? `<bdi>${escapeHtml(page.label)}</bdi>` : "";
  const way = "hasDevice" in page && page.hasDevice ? BACK : CLOSE;
  switch (page.type) {
    case "connected": {
      const account =
        page.account === null ? "" : ` as <strong><bdi>${escapeHtml(page.account)}</bdi></strong>`;
      if (page.missing.length === 0)
        return renderPlainPage(
          200,
          "Connected",
          `<p>You are signed in at ${label}${account}. The agent goes on by itself.</p>${way}`,
          headers,
        );
      const missing = page.missing.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join("");
      return renderPlainPage(
        200,
        "Connected, but not for everything",
        `<p>You are signed in at ${label}${account}, and did not allow this:</p><ul>${missing}</ul><p>The agent still waits for it. Press its button again to allow it, or answer no there.</p>${way}`,
        headers,
      );
    }
    case "refused":
      return renderPlainPage(
        200,
        "Not connected",
        `<p>You said no at ${label}. The agent is told so and goes on without it.</p>${way}`,
        headers,
      );
    case "unreachable":
      return renderPlainPage(
        503,
        "Not reached",
        `<p>${label} could not be reached just now. Nothing is lost: load this page again in a moment.</p>`,
        { ...headers, "retry-after": "10" },
      );
    case "failed":
      return renderPlainPage(
        502,
        "Not connected",
        `<p>The sign-in at ${label} did not work. Nothing was connected.</p><p><code>${escapeHtml(page.message)}</code></p>${START_AGAIN}${page.hasDevice ? BACK : ""}`,
        headers,
      );
    default: {
      const { status, title, body } = PLAIN[page.type];
      return renderPlainPage(status, title, body, headers);
    }
  }
}
