import { decode } from 'fast-png';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A file that scripts/fixtures/images.py wrote with Pillow. */
export function fixture(name: string): Promise<Uint8Array> {
  return readFile(fileURLToPath(new URL(`../../fixtures/image/${name}`, import.meta.url)));
}

/** The values of an 8-bit PNG fixture, read without the code under test. */
export async function storedValues(name: string): Promise<Uint8Array> {
  return Uint8Array.from(decode(await fixture(name)).data);
}
