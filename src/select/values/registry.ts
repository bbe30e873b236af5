import { change } from './change.js';
import { relative } from './relative.js';
import { taylor } from './taylor.js';
import { total } from './total.js';
import type { ItemValue } from './value.js';

/** Every way to value items, the paper's first. */
export const values = { change, relative, total, taylor } satisfies Record<string, ItemValue>;

export type ValueName = keyof typeof values;
export const VALUE_NAMES = Object.keys(values) as [ValueName, ...ValueName[]];
