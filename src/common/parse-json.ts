/** An object in a text of JSON has a key twice; the message reads on from `in which`. */
export class KeyTwiceError extends SyntaxError {}

/**
 * `JSON.parse`, which lets the last of two equal keys win without a word, but for that: two values of one name are an error.
 *
 * @throws SyntaxError; KeyTwiceError for an object with a key twice, naming the key and both places
 */
export function parseJson(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  const twice = keyGivenTwice(text);
  if (twice !== undefined) throw new KeyTwiceError(twice);
  return value;
}

/** Of a text that is JSON: `"classes" is given twice, at line 2 and line 9`; undefined where all keys of every object differ. */
function keyGivenTwice(text: string): string | undefined {
  /** Keys of the objects around a place, by where they begin; null for a list. */
  const open: (Map<string, number> | null)[] = [];
  const signs = /[{}[\]"]/g;
  for (let match = signs.exec(text); match; match = signs.exec(text)) {
    const [sign] = match;
    const at = match.index;
    if (sign === '{') open.push(new Map());
    else if (sign === '[') open.push(null);
    else if (sign === '}' || sign === ']') open.pop();
    else if (sign === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) {
        // Escapes may write one name in two ways.
        const key = JSON.parse(text.slice(at, end)) as string;
        const before = keys.get(key);
        if (before !== undefined) {
          return `${JSON.stringify(key)} is given twice, ${placeOf(text, before)} and ${placeOf(text, at)}`;
        }
        keys.set(key, at);
      }
      signs.lastIndex = end;
    }
  }
  return undefined;
}

/** Behind the closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}

/** Whether a colon follows. */
function isKey(text: string, end: number): boolean {
  while (' \t\n\r'.includes(text[end] ?? ':')) end++;
  return text[end] === ':';
}

function placeOf(text: string, at: number): string {
  const lines = text.slice(0, at).split('\n');
  return lines.length === 1 && !text.includes('\n') ? `at character ${at + 1}` : `in line ${lines.length}`;
}
