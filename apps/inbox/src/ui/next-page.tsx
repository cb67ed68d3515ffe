import { Button } from "./button.tsx";

/** Of a list that is read page by page: the button for the next one, as long as there is one. */
export function NextPage({
  query,
  label = "Show more",
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
  label?: string;
}) {
  if (!query.hasNextPage) return null;
  return (
    <Button className="mt-4" isBusy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
      {label}
    </Button>
  );
}
