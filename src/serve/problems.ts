import { basename } from 'node:path';
import { adaptorError } from './load-errors.js';

/** A network or adaptor that is to be served but cannot be. */
export interface Problem {
  /** As the index has it: `demo`, `demo:jpeg=10`; `demo:FOLDER` for an adaptor whose level cannot be read. */
  name: string;
  network: string;
  /** Of an adaptor. */
  folder?: string;
  level?: string;
  error: Error;
  /** What its files were when it was last tried. */
  signature: string;
  /** It ended the engine process more than once: it is tried again only with other files. */
  isAside?: boolean;
  /** It is the folder of all adaptors: who follows that says when it is well again. */
  isRoot?: boolean;
}

/** What cannot be served, by name; whoever keeps the log hears of every change. */
export class Problems {
  private readonly all = new Map<string, Problem>();

  /** @param onChange called for a new problem, or another reason of one, and without an error when it is solved */
  constructor(private readonly onChange: (name: string, error?: Error) => void) {}

  get names(): string[] {
    return [...this.all.keys()];
  }

  get(name: string): Problem | undefined {
    return this.all.get(name);
  }

  /** Those of a network's adaptors. */
  of(network: string): Problem[] {
    return [...this.all.values()].filter((problem) => problem.network === network && problem.name !== network);
  }

  list(): Problem[] {
    return [...this.all.values()];
  }

  add(problem: Problem): void {
    const before = this.all.get(problem.name);
    this.all.set(problem.name, problem);
    if (before?.error.message !== problem.error.message) this.onChange(problem.name, problem.error);
  }

  /** Forgets one that is not wanted any more. */
  forget(name: string): void {
    this.all.delete(name);
  }

  solve(name: string): void {
    if (this.all.delete(name)) this.onChange(name);
  }
}

/** What clients call an adaptor. */
export function itemName(network: string, { level, folder }: { level?: string; folder: string }): string {
  return `${network}:${level ?? basename(folder)}`;
}

/** An adaptor that is to be served and lies nowhere any more: by its level, or by its folder. */
export function missingItem(network: string, wanted: string): Problem {
  const name = `${network}:${basename(wanted)}`;
  const item = wanted.includes('/') ? { folder: wanted } : { level: wanted };
  return { ...item, name, network, error: adaptorError(name, 'none any more'), signature: '' };
}

/** A network's name, or an item's: `NETWORK:LEVEL`. */
export function partsOf(name: string): { network: string; level?: string } {
  const colon = name.indexOf(':');
  return colon < 0 ? { network: name } : { network: name.slice(0, colon), level: name.slice(colon + 1) };
}
