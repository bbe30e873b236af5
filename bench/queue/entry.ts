// The process in which a worker's sleeping steps run: entry.ts STORE [VERSION]
import { FolderStore } from '../../src/pipeline/store/folder-store.js';
import { hostSteps } from '../../src/queue/host.js';
import { type Described, prepare } from './describe.js';

const [folder, version] = process.argv.slice(2);
const store = new FolderStore(folder!);
hostSteps({
  prepare: (step) => prepare(step as unknown as Described, store, Number(version ?? 1)),
  computer: () => ({}),
});
