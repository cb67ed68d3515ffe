import { join } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import type { Example } from "./example.ts";

export const QUESTION = "Allow access to Demo Calendar";

/** An end user with a phone of their own. */
export class Person {
  readonly id: string;
  readonly page: Page;
  readonly context: BrowserContext;

  private constructor(id: string, context: BrowserContext, page: Page) {
    this.id = id;
    this.context = context;
    this.page = page;
    page.setDefaultTimeout(45_000);
  }

  static async with(browser: Browser, id: string): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true });
    return new Person(id, context, await context.newPage());
  }

  /** Opens the page with their questions by a new link and its code. */
  static async come(browser: Browser, example: Example, id: string): Promise<Person> {
    const person = await Person.with(browser, id);
    const { url, code } = await example.client.endUsers.createLink(id);
    await person.page.goto(url);
    await person.page.getByLabel("Code").fill(code);
    await person.page.getByRole("button", { name: "Open my questions" }).click();
    await person.page.waitForURL("**/questions");
    await person.page.locator(".hp-questions").waitFor();
    return person;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  /** The one that is open. */
  get connect(): Locator {
    return this.button("Connect Demo Calendar");
  }

  /** From the button to the page that asks for consent. */
  async goToConsent(account = this.id): Promise<void> {
    await this.connect.click();
    const who = this.page.getByRole("heading", { name: "Who are you?" });
    const consent = this.button("Allow").first();
    await who.or(consent).waitFor();
    if (await who.isVisible()) await this.page.locator(`button[value=${account}]`).click();
    await consent.waitFor();
  }

  async allow(): Promise<void> {
    await this.goToConsent();
    await this.button("Allow").first().click();
    await this.page.getByRole("heading", { name: "Connected" }).waitFor();
  }

  /** Says yes at the provider and stops there: the address of the callback, code and all, which nobody has opened. */
  async consentWithoutReturning(): Promise<string> {
    const { request } = this.context; // with this browser's cookies
    let at = this.page.url();
    let answer = await request.post(at, { form: { consent: "yes" }, maxRedirects: 0 });
    for (;;) {
      at = new URL(answer.headers()["location"] ?? "", at).href;
      if (at.includes("/v1/oauth/")) return at;
      answer = await request.get(at, { maxRedirects: 0 });
    }
  }

  async back(): Promise<void> {
    await this.page.getByRole("link", { name: "Back to your questions" }).click();
    await this.page.waitForURL("**/questions");
  }

  /** For the eye, where somebody asks for it. */
  async look(name: string): Promise<void> {
    const shots = process.env["CALENDAR_SHOTS"];
    if (shots !== undefined) await this.page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  }
}
