// Holds a step in a store, with a file half there, until it is killed: PLACE LOCAL
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '../../../../src/pipeline/store/open-store.js';
import { isHeld } from '../../../../src/pipeline/store/store.js';

const [place, local] = process.argv.slice(2) as [string, string];
const store = await openStore(place, local);
const identity = { id: 'killed', kind: 'fake', version: 1, settings: null, inputs: {} };
const writer = await store.begin(identity, { owner: 'one to be killed', silence: 60 });
if (isHeld(writer)) throw new Error('held');
await writeFile(join(writer.folder, 'half.bin'), Buffer.alloc(1000));
process.stdout.write('writing\n');
setInterval(() => {}, 1000);
