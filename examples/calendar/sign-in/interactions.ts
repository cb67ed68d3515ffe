import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type OidcProvider from "oidc-provider";
import type { InteractionResults } from "oidc-provider";
import { findPerson, PEOPLE } from "../people.ts";
import { html, sendPage } from "./page.ts";

/** What each scope lets an app do, in words for the person. What is not here needs no word of its own. */
const SCOPE_WORDS: Record<string, string> = {
  "calendar.read": "See the events and contacts in your calendar",
  "calendar.write": "Add and remove events in your calendar",
  offline_access: "Keep access while you are away, until you take it back",
};

type Details = Awaited<ReturnType<OidcProvider["interactionDetails"]>>;

/** The two questions of the sign-in service: who are you, and may this app. Answers `/interaction/{uid}`. */
export async function answerInteraction(
  provider: OidcProvider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Reads the cookie that binds the interaction to this browser; throws where it is another's or too old.
  const details = await provider.interactionDetails(request, response);
  if (request.method !== "POST") return ask(response, details);
  const pressed = new URLSearchParams(await text(request));
  const result =
    details.prompt.name === "login" ? signedIn(pressed) : await consented(provider, details, pressed);
  if (result === undefined) return ask(response, details);
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

function ask(response: ServerResponse, details: Details): void {
  if (details.prompt.name === "login") askWho(response);
  else askConsent(response, details);
}

function askWho(response: ServerResponse): void {
  const people = PEOPLE.map(
    ({ id, name, email }) =>
      html`<button name="person" value="${id}">${name} <small>${email}</small></button>`,
  );
  sendPage(response, {
    title: "Who are you?",
    body: html`<p>This is a demonstration: no password is asked.</p>
      <form method="post">${people}</form>`,
  });
}

function askConsent(response: ServerResponse, { params, session }: Details): void {
  const person = findPerson(session?.accountId);
  const words = scopesOf(params).flatMap((scope) => SCOPE_WORDS[scope] ?? []);
  sendPage(response, {
    title: "Holdpoint would like to use your calendar",
    body: html`<p>You are signed in as ${person?.name ?? "nobody"}. It would be able to:</p>
      <ul>
        ${words.map((line) => html`<li>${line}</li>`)}
      </ul>
      <form method="post">
        <button class="first" name="consent" value="yes">Allow</button>
        <button class="second" name="consent" value="no">Do not allow</button>
      </form>`,
  });
}

function signedIn(pressed: URLSearchParams): InteractionResults | undefined {
  const person = findPerson(pressed.get("person") ?? undefined);
  return person === undefined ? undefined : { login: { accountId: person.id } };
}

async function consented(
  provider: OidcProvider,
  details: Details,
  pressed: URLSearchParams,
): Promise<InteractionResults | undefined> {
  if (pressed.get("consent") === "no") {
    return { error: "access_denied", error_description: "The person did not allow it." };
  }
  if (pressed.get("consent") !== "yes" || details.session === undefined) return undefined;
  const existing = details.grantId === undefined ? undefined : await provider.Grant.find(details.grantId);
  const grant =
    existing ??
    new provider.Grant({
      accountId: details.session.accountId,
      clientId: String(details.params["client_id"]),
    });
  grant.addOIDCScope(scopesOf(details.params).join(" "));
  return { consent: { grantId: await grant.save() } };
}

function scopesOf(params: Details["params"]): string[] {
  return typeof params["scope"] === "string" ? params["scope"].split(" ") : [];
}
