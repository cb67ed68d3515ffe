/** A browser as far as a sign-in needs one: cookies by host, and redirects followed one by one over real HTTP. */
export class TestBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** As a page of that same origin sends it. */
  post(url: string, body: object): Promise<Response> {
    const { origin } = new URL(url);
    const headers = { origin, "sec-fetch-site": "same-origin", "content-type": "application/json" };
    return this.get(url, headers, "POST", JSON.stringify(body));
  }

  /** One request, no redirect. */
  async get(
    url: string,
    headers: Record<string, string> = {},
    method = "GET",
    body?: string,
  ): Promise<Response> {
    const { hostname } = new URL(url);
    const jar = this.#cookies.get(hostname) ?? new Map<string, string>();
    this.#cookies.set(hostname, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      method,
      redirect: "manual",
      ...(body !== undefined && { body }),
      headers: { ...(cookie !== "" && { cookie }), ...headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const at = pair.indexOf("=");
      const isOver = attributes.some(
        (one) => /^\s*max-age=0$/i.test(one) || /expires=Thu, 01 Jan 1970/i.test(one),
      );
      if (isOver) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** As another tab of the same browser. */
  copy(from: TestBrowser): void {
    for (const [host, jar] of from.#cookies) this.#cookies.set(host, new Map(jar));
  }

  /** Follows redirects until `stop` says so of the next address, which is given and not opened; else the last answer. */
  async follow(
    url: string,
    stop: (next: string) => boolean = () => false,
  ): Promise<{ response: Response; next: string | undefined }> {
    let at = url;
    for (let hop = 0; hop < 20; hop++) {
      const response = await this.get(at);
      const location = response.headers.get("location");
      if (location === null) return { response, next: undefined };
      at = new URL(location, at).href;
      if (stop(at)) return { response, next: at };
    }
    throw new Error("too many redirects");
  }
}
