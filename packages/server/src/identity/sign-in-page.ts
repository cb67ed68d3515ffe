import { escapeHtml, renderPlainPage } from "../plain-page.ts";

const LINK_COMMAND = "npx holdpoint login-link";
const HOW_TO_GET_A_LINK = `<p>On the machine where Holdpoint runs, this prints a new one:</p><p><code>${LINK_COMMAND}</code></p>
<p>Or ask an admin of your organisation for one.</p>`;

/** Why somebody is not signed in. */
export type SignInProblem = "used" | "expired" | "not_found" | "foreign_page" | "signed_out";

const PROBLEMS: Record<SignInProblem, { status: number; title: string; body: string }> = {
  used: {
    status: 409,
    title: "This sign-in link was already used",
    body: `<p>Each link signs in once.</p>${HOW_TO_GET_A_LINK}`,
  },
  expired: {
    status: 410,
    title: "This sign-in link has expired",
    body: `<p>A link works for a short time only.</p>${HOW_TO_GET_A_LINK}`,
  },
  not_found: {
    status: 404,
    title: "This is not a sign-in link",
    body: `<p>It may have been cut off when it was copied.</p>${HOW_TO_GET_A_LINK}`,
  },
  foreign_page: {
    status: 403,
    title: "Not signed in",
    body: "<p>This request came from another site's page. Open the link itself, and press the button there.</p>",
  },
  signed_out: {
    status: 200,
    title: "Sign in to Holdpoint",
    body: `<p>You need a sign-in link.</p>${HOW_TO_GET_A_LINK}`,
  },
};

/** The page of a link that works: a button, because only a press signs in, and a mail scanner presses none. */
export function renderSignInPage(person: { name: string; email: string; organisation: string }): Response {
  const body = `<p>You sign in as <strong><bdi>${escapeHtml(person.name)}</bdi></strong> (${escapeHtml(person.email)})
to the organisation <bdi>${escapeHtml(person.organisation)}</bdi>.</p>
<form method="post"><button type="submit" autofocus>Sign in</button></form>`;
  return renderPlainPage(200, "Sign in to Holdpoint", body);
}

export function renderProblemPage(problem: SignInProblem): Response {
  const { status, title, body } = PROBLEMS[problem];
  return renderPlainPage(status, title, body);
}
