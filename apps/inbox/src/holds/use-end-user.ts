import { useQuery } from "@tanstack/react-query";
import { endUserQuery } from "../service/end-user-queries.ts";

/** The name that the app gave the end user; undefined while it is not known, and where there is none. */
export function useEndUser(id: string | null): string | undefined {
  const { data } = useQuery({ ...endUserQuery(id ?? ""), enabled: id !== null });
  return data?.name ?? undefined;
}
