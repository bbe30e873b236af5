import { basename } from 'node:path';
import type { ModelDescription } from './inference.js';
import type { Problem } from './problems.js';

/** What a network was loaded with, beside what is to be served. */
export interface Difference {
  /** Levels that are loaded and not wanted. */
  surplus: string[];
  /** Problems of what is wanted. */
  missed: Problem[];
  /** Levels and folders that are wanted and of which nothing is left. */
  gone: string[];
}

/**
 * @param wanted levels, or folders where levels cannot be read
 * @param folders of the adaptors that are there, by level
 */
export function compareWanted(
  wanted: ReadonlySet<string>,
  { adaptors }: Pick<ModelDescription, 'adaptors'>,
  problems: readonly Problem[],
  folders: ReadonlyMap<string, string>,
): Difference {
  const isWanted = (level = '', folder = ''): boolean =>
    [level, folder, basename(folder)].some((one) => wanted.has(one));
  const there = new Set([
    ...adaptors.map(({ level }) => level),
    ...problems.flatMap(({ level, folder }) => [level, folder]),
    ...folders.keys(),
    ...folders.values(),
  ]);
  return {
    surplus: adaptors.map(({ level }) => level).filter((level) => !isWanted(level, folders.get(level))),
    missed: problems.filter(({ level, folder }) => isWanted(level, folder)),
    gone: [...wanted].filter((one) => !there.has(one)),
  };
}
