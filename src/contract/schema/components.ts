/**
 * Strongly connected components (Tarjan), without recursion: what is in a circle with what. Things already in `done`
 * are taken as finished; all reached ones are added to it.
 *
 * @returns the circles: things that lead to each other, or one that leads to itself.
 */
export function circular<T extends object>(from: T, next: (thing: T) => readonly T[], done: Set<T>): T[][] {
  const index = new Map<T, number>();
  const low = new Map<T, number>();
  const path: T[] = [];
  const onPath = new Set<T>();
  const found: T[][] = [];
  const stack: { thing: T; to: readonly T[]; at: number }[] = [];
  const enter = (thing: T): void => {
    index.set(thing, index.size);
    low.set(thing, index.get(thing)!);
    path.push(thing);
    onPath.add(thing);
    stack.push({ thing, to: next(thing), at: 0 });
  };
  if (!done.has(from)) enter(from);
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const { thing } = top;
    if (top.at < top.to.length) {
      const to = top.to[top.at++]!;
      if (done.has(to)) continue;
      if (!index.has(to)) enter(to);
      else if (onPath.has(to)) low.set(thing, Math.min(low.get(thing)!, index.get(to)!));
      continue;
    }
    stack.pop();
    const parent = stack.at(-1);
    if (parent) low.set(parent.thing, Math.min(low.get(parent.thing)!, low.get(thing)!));
    if (low.get(thing) !== index.get(thing)) continue;
    const together = path.splice(path.lastIndexOf(thing));
    for (const one of together) {
      onPath.delete(one);
      done.add(one);
    }
    if (together.length > 1 || top.to.includes(thing)) found.push(together);
  }
  return found;
}
