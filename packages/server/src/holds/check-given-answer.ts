import { checkAnswer, type Decider } from "@holdpoint/core";
import type { JsonValue } from "@holdpoint/protocol";
import { ProblemError } from "../problem.ts";
import type { HoldRow } from "./hold-row.ts";
import { holdState } from "./hold-state.ts";
import type { SchemaCheck } from "./schema-check.ts";

/** Who answers is settled by the function; here it only matters that it is a person and no event. */
const PERSON: Decider = {
  id: "",
  name: "",
  kind: "member",
  memberId: null,
  role: null,
  via: "api",
  verifiedBy: "",
};

/**
 * A person's answer as it will be stored, checked against the question, which never changes. Throws `invalid_answer` with
 * every misfit; nothing is decided then.
 */
export function checkGivenAnswer(
  schemas: SchemaCheck,
  row: HoldRow,
  answer: JsonValue | undefined,
): JsonValue {
  const checked = checkAnswer(holdState(row), answer, PERSON, (schema, value) => {
    const errors = schemas.check(schema, value);
    return errors.length === 0 ? { value } : { errors };
  });
  if (!("errors" in checked)) return checked.value;
  const first = checked.errors[0];
  throw new ProblemError(
    "invalid_answer",
    `The answer does not fit the question: ${`${first?.path ?? ""} ${first?.message ?? ""}`.trim()}. The question stays open.`,
    {
      errors: checked.errors.map(({ path, message }) => ({
        path: path === "" ? "answer" : `answer.${path}`,
        message,
      })),
    },
  );
}
