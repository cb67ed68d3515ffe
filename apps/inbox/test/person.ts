import { Holdpoint } from "@holdpoint/client";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import type { ServiceProcess } from "./service-process.ts";

/** Somebody at a browser of their own, signed in, with what the page complained about. */
export class Person {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and policy violations that the page reported. Empty at the end of a good test. */
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      // Refused and failed requests are told by the browser too; tests cause them on purpose.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        this.complaints.push(message.text());
    });
  }

  static async signIn(
    browser: Browser,
    signInUrl: string,
    options: Parameters<Browser["newContext"]>[0] = {},
  ): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const person = new Person(context, await context.newPage());
    await person.page.goto(signInUrl);
    await person.page.getByRole("button", { name: "Sign in" }).click();
    await person.page.waitForURL("**/inbox");
    await person.isLive();
    return person;
  }

  /** A new member of the organisation, signed in. */
  static async join(
    browser: Browser,
    service: ServiceProcess,
    member: { name: string; role: "viewer" | "reviewer" | "manager" },
  ): Promise<Person> {
    const email = `${member.name.toLowerCase()}.${crypto.randomUUID().slice(0, 8)}@example.com`;
    const added = await service.client().members.add({ ...member, email });
    return Person.signIn(browser, added.signInLink.url);
  }

  async isLive(): Promise<void> {
    await this.page
      .getByRole("status", { name: "Connection" })
      .getByText("Live")
      .waitFor({ state: "attached" });
  }

  /** Nothing on the page is still being read. */
  async isRead(): Promise<void> {
    await this.page
      .getByText(/^Reading/)
      .first()
      .waitFor({ state: "detached" });
  }

  get list(): Locator {
    return this.page.getByRole("list", { name: "Holds" });
  }

  /** The card that is open. */
  get card(): Locator {
    return this.page.getByRole("article");
  }

  /** The state of the hold, in the words of the card. */
  get state(): Locator {
    return this.page.getByTestId("fulfilment");
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  /** The dialog that repeats the facts. */
  get confirmation(): Locator {
    return this.page.getByRole("alertdialog");
  }

  async open(service: Pick<ServiceProcess, "url">, path: string): Promise<void> {
    await this.page.goto(`${service.url}${path}`);
    await this.isLive();
  }

  async startRun(service: ServiceProcess, input: string): Promise<void> {
    await this.open(service, "/runs");
    await this.page.getByLabel(/What should/).fill(input);
    await this.button("Start the run").click();
    await this.page.waitForURL("**/runs/run_*");
  }
}

/** A hold of the data manager, waiting; its id. */
export async function waitingHold(service: ServiceProcess, input: string): Promise<string> {
  const client = service.client();
  const { id } = await client.runs.start("data_manager", { input });
  const run = await client.request<{ holds: { id: string; status: string }[] }>("GET", `/v1/runs/${id}/wait`);
  const hold = run.holds.find(({ status }) => status === "pending");
  if (hold === undefined) throw new Error("The run holds nothing.");
  return hold.id;
}

/** A member without a browser: signed in as they would be, with a session of their own. */
export async function joinAsMember(
  service: ServiceProcess,
  member: { name: string; role: "reviewer" | "manager" | "operator"; email?: string },
): Promise<Holdpoint> {
  const email = member.email ?? `${member.name.toLowerCase()}.${crypto.randomUUID().slice(0, 8)}@example.com`;
  const { signInLink } = await service.client().members.add({ ...member, email });
  const origin = new URL(service.url).origin;
  const page = await fetch(signInLink.url, { method: "POST", redirect: "manual", headers: { origin } });
  const cookie = page.headers
    .getSetCookie()
    .map((set) => set.split(";")[0])
    .join("; ");
  return new Holdpoint({
    url: service.url,
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set("cookie", cookie);
      headers.set("origin", origin);
      return fetch(url, { ...init, headers });
    },
  });
}
