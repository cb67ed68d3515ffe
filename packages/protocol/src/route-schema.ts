import { z } from "zod";
import { textSchema } from "./instant.ts";
import { DECIDING_ROLES } from "./legality.ts";
import { leavesOf, type Route } from "./route.ts";

export const durationSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,6}(s|m|h|d)$/, "must be a number and s, m, h or d, such as 30m")
  .describe("A span of time: a number and `s`, `m`, `h` or `d`, such as `30m`.");
/** A member: by id, or by mail address in any case. */
export const personSchema = textSchema(320, 3).describe("A member's id or mail address.");

const nameSchema = textSchema(100, 1);

const anyRouteSchema: z.ZodType<Route> = z
  .lazy(() => routeUnion)
  .meta({ id: "Route", description: "Who may decide." });

const routeUnion = z.union([
  z.strictObject({ role: z.enum(DECIDING_ROLES) }),
  z.strictObject({ user: personSchema }),
  z.strictObject({ group: nameSchema }),
  z.strictObject({ rotation: nameSchema }),
  z.strictObject({ allOf: z.array(anyRouteSchema).min(1).max(10) }),
  z.strictObject({ anyOf: z.array(anyRouteSchema).min(1).max(10) }),
  z.strictObject({ after: durationSchema, to: anyRouteSchema }),
]);

export const MAX_ROUTE_DEPTH = 4;
export const MAX_ROUTE_LEAVES = 32;

/** A route of at most 4 levels and 32 leaves. */
export const routeSchema = anyRouteSchema
  .refine((route) => depthOf(route) <= MAX_ROUTE_DEPTH, `must not be deeper than ${MAX_ROUTE_DEPTH} levels`)
  .refine(
    (route) => leavesOf(route).length <= MAX_ROUTE_LEAVES,
    `must not have more than ${MAX_ROUTE_LEAVES} parts`,
  );

function depthOf(route: Route): number {
  if ("allOf" in route) return 1 + Math.max(...route.allOf.map(depthOf));
  if ("anyOf" in route) return 1 + Math.max(...route.anyOf.map(depthOf));
  return "to" in route ? 1 + depthOf(route.to) : 1;
}
