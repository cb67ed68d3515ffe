import type { PassageRecord } from "../search/passage-record.ts";
import { createPassageSearch } from "../search/passage-search.ts";
import type { PassageSearch } from "../search/passage-search.ts";
import { excerptOf } from "./excerpt.ts";

const LIMIT = 20;

/** The search: a dialog with a field and the passages that fit, links all. `root` leads to the site's root. */
export class SearchDialog {
  readonly #root: string;
  readonly #dialog = document.createElement("dialog");
  readonly #field = document.createElement("input");
  readonly #count = document.createElement("p");
  readonly #list = document.createElement("ol");
  #search: Promise<PassageSearch> | undefined;

  constructor(root: string) {
    this.#root = root;
    this.#dialog.className = "search";
    this.#dialog.setAttribute("aria-label", "Search the documentation");
    this.#field.type = "search";
    this.#field.placeholder = "Search the documentation";
    this.#field.setAttribute("aria-label", "Search for");
    this.#field.autocomplete = "off";
    this.#field.spellcheck = false;
    this.#count.setAttribute("role", "status");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "quiet";
    close.textContent = "Close";
    close.addEventListener("click", () => this.#dialog.close());
    const bar = document.createElement("div");
    bar.className = "search-bar";
    bar.append(this.#field, close);
    this.#dialog.append(bar, this.#count, this.#list);
    document.body.append(this.#dialog);
    this.#field.addEventListener("input", () => void this.#show());
    this.#dialog.addEventListener("keydown", (event) => this.#steer(event));
    this.#dialog.addEventListener("click", (event) => {
      const { target } = event;
      // The dialog itself is only hit beside its content; a link to this same page must not stay covered.
      if (target === this.#dialog || (target instanceof Element && target.closest("a") !== null))
        this.#dialog.close();
    });
  }

  open(): void {
    if (this.#dialog.open) return;
    this.#dialog.showModal();
    this.#field.select();
    void this.#show();
  }

  async #show(): Promise<void> {
    const query = this.#field.value.trim();
    try {
      this.#search ??= loadPassages(this.#root).then((records) => createPassageSearch(records));
      const search = await this.#search;
      if (query !== this.#field.value.trim()) return;
      const found = query === "" ? [] : search.find(query, LIMIT);
      this.#list.replaceChildren(...found.map((record) => this.#item(record, query)));
      this.#count.textContent = query === "" ? "" : countWords(found.length);
    } catch {
      this.#search = undefined;
      this.#count.textContent = "The search could not be loaded. Reload the page to try again.";
    }
  }

  #item(record: PassageRecord, query: string): HTMLLIElement {
    const link = document.createElement("a");
    link.href = `${this.#root}${record.id}`;
    const place = document.createElement("span");
    place.className = "search-place";
    place.textContent = record.heading === "" ? record.section : `${record.section} · ${record.page}`;
    const title = document.createElement("span");
    title.className = "search-title";
    title.textContent = record.heading === "" ? record.page : record.heading;
    const excerpt = document.createElement("span");
    excerpt.className = "search-excerpt";
    for (const { text, isMatch } of excerptOf(record.text, query)) {
      const part = document.createElement(isMatch ? "mark" : "span");
      part.textContent = text;
      excerpt.append(part);
    }
    link.append(place, title, excerpt);
    const item = document.createElement("li");
    item.append(link);
    return item;
  }

  // Arrows go through field and results; Enter in the field takes the first.
  #steer(event: KeyboardEvent): void {
    const links = Array.from(this.#list.querySelectorAll("a"));
    const at = links.findIndex((link) => link === document.activeElement);
    if (event.key === "Enter" && document.activeElement === this.#field) links[0]?.click();
    else if (event.key === "ArrowDown") (links[at + 1] ?? links.at(-1))?.focus();
    else if (event.key === "ArrowUp" && at !== -1) (links[at - 1] ?? this.#field).focus();
    else return;
    event.preventDefault();
  }
}

function countWords(count: number): string {
  if (count === 0) return "Nothing found.";
  if (count === 1) return "1 passage";
  return count < LIMIT ? `${count} passages` : `The best ${count} passages`;
}

declare global {
  var holdpointPassages: PassageRecord[] | undefined;
}

async function loadPassages(root: string): Promise<PassageRecord[]> {
  if (globalThis.holdpointPassages === undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const script = document.createElement("script");
    script.src = `${root}search-passages.js`;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error("search-passages.js did not load")));
    document.head.append(script);
    await promise;
  }
  return globalThis.holdpointPassages ?? [];
}
