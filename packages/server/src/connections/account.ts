/** Of an ID token that came from the token endpoint itself (OIDC Core 3.1.3.7), unchecked otherwise. */
export function readClaims(idToken: unknown): Record<string, unknown> | undefined {
  if (typeof idToken !== "string") return undefined;
  return JSON.parse(Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString()) as Record<
    string,
    unknown
  >;
}

/** Whose account it is, for people to see: from the claims of an ID token or a userinfo answer. */
export function accountOf(claims: Readonly<Record<string, unknown>> | undefined): string | null {
  return bounded(claims?.["email"]) ?? bounded(claims?.["preferred_username"]) ?? bounded(claims?.["name"]);
}

/** What a provider says is shown, and stored: short, and text. */
export function bounded(value: unknown): string | null {
  return typeof value === "string" && value !== "" && !value.includes("\0") && value.isWellFormed()
    ? value.slice(0, 200)
    : null;
}
