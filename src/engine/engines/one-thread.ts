/** What to say where more threads are asked for than the one that an engine has. */
export function oneThread(engine: string, threads = 1): string | undefined {
  return threads > 1 ? `The ${engine} engine runs on one thread in Node.js, not on ${threads}.` : undefined;
}
