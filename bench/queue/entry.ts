// The process in which a worker's sleeping steps run: entry.ts STORE [VERSION]
import { openStore } from '../../src/pipeline/store/open-store.js';
import { hostSteps } from '../../src/queue/host.js';
import { type Described, prepare } from './describe.js';

const [folder, version] = process.argv.slice(2);
const store = await openStore(folder!);
hostSteps({
  prepare: (step) => prepare(step as unknown as Described, store, Number(version ?? 1)),
  computer: () => ({}),
});
