export function countOf(changes: number): string {
  return changes === 1 ? "1 change" : `${changes} changes`;
}
