// `npm run picture`: draws README's picture again from checkpoints/demo. `npm run docs` leaves it alone, as it starts an engine.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/common/files.js';
import { encodePng } from '../src/image/encode.js';
import { levelsPicture } from './docs/picture.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

await writeFileAtomic(join(ROOT, 'docs/images/levels.png'), await encodePng(await levelsPicture(ROOT)));
