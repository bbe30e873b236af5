import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Frees what JavaScript holds no more. V8 counts the bytes behind typed arrays as cheap and leaves hundreds of megabytes of weights that were
 * read, turned or written to a file lie for minutes. It takes tens of milliseconds: for after something large, never for every frame.
 */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  collect();
}
