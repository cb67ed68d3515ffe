import { z } from "zod";

/**
 * The names that an object at `path` of a value of this schema may have, for a hint at what was meant; none where the schema
 * is no object there, or several shapes are possible.
 */
export function membersAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const found = path.reduce<unknown>((current, part) => stepInto(bare(current), part), schema);
  const object = bare(found);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function stepInto(schema: unknown, part: PropertyKey): unknown {
  if (schema instanceof z.ZodObject) return Reflect.get(schema.shape, part);
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return undefined;
}

/** Without what only says that it may be absent. */
function bare(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable
    ? bare(schema.unwrap())
    : schema;
}
