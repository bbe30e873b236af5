/**
 * Runs an action on every item, at most `limit` at a time. After a failure or an abort no further item is begun; those under
 * way are awaited, so that nothing runs on when this returns.
 *
 * @throws the first failure, or the signal's reason
 */
export async function forEachParallel<T>(
  items: Iterable<T>,
  limit: number,
  action: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const takeItems = async (): Promise<void> => {
    while (!failure && !signal?.aborted) {
      const next = rest.next();
      if (next.done) return;
      try {
        await action(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, takeItems));
  if (failure) throw failure.error;
  signal?.throwIfAborted();
}
