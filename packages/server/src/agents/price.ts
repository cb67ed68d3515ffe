/** What a model costs, per million tokens. */
export interface Price {
  /** ISO 4217, for example `USD`. */
  readonly currency: string;
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** By the models' names as runs show them (`openai/gpt-5.2`). */
export type Prices = Readonly<Record<string, Price>>;
