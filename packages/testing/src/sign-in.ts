import { Holdpoint } from "@holdpoint/client";
import type { Role } from "@holdpoint/protocol";

/** Adds a member and signs them in as their browser would. */
export async function signIn(
  admin: Holdpoint,
  url: string,
  { name, role }: { name: string; role: Role },
): Promise<Holdpoint> {
  const mailbox = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, ".");
  const { signInLink } = await admin.members.add({ name, email: `${mailbox}@example.com`, role });
  const answer = await fetch(signInLink.url, {
    method: "POST",
    headers: { origin: url },
    redirect: "manual",
  });
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0];
  if (cookie === undefined) throw new Error(`${name} could not sign in: ${answer.status}.`);
  return new Holdpoint({
    url,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set("cookie", cookie);
      headers.set("origin", url);
      return fetch(input, { ...init, headers });
    },
  });
}
