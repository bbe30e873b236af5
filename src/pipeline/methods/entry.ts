import { z } from 'zod';
import { methodKinds } from './registry.js';

const name = z
  .string()
  .regex(/^[\w.%+-]+$/, 'expected letters, digits, `-`, `_`, `.`, `+` and `%`')
  .optional()
  .describe("its name in tables. Default: the method's");

/** One entry per method: the method's name, the shown name, and the method's own options. */
const entries = Object.entries(methodKinds).map(([method, { options }]) =>
  options.extend({ method: z.literal(method), name }),
);

/** What stands in the config's `methods`: a name, or an object with options. */
const methodEntrySchema = z.preprocess(
  (entry) => (typeof entry === 'string' ? { method: entry } : entry),
  z.discriminatedUnion('method', entries as [(typeof entries)[number], ...typeof entries], {
    error: `expected one of ${Object.keys(methodKinds).join(', ')}, or an object with "method"`,
  }),
);

/** A method to compare, under the name that tables show. */
export interface MethodEntry {
  name: string;
  /** As the registry names it. */
  kind: string;
  options: Readonly<Record<string, unknown>>;
}

/** All entries of a config; names are unique, and none is that of another method. */
export const methodsSchema = z
  .array(methodEntrySchema)
  .min(1)
  .transform((list) =>
    (list as GivenEntry[]).map(({ method: kind, name: shown = kind, ...options }): MethodEntry => ({
      name: shown,
      kind,
      options,
    })),
  )
  .superRefine((list, { addIssue }) => {
    const names = list.map((entry) => entry.name);
    names.forEach((text, i) => {
      if (names.indexOf(text) < i) {
        const message = `expected a name of its own, got "${text}" again; give one of the two another "name"`;
        addIssue({ code: 'custom', path: [i, 'name'], message });
      } else if (text !== list[i]!.kind && Object.hasOwn(methodKinds, text)) {
        addIssue({ code: 'custom', path: [i, 'name'], message: `"${text}" is the name of another method` });
      }
    });
  });

type GivenEntry = { method: string; name?: string } & Record<string, unknown>;
