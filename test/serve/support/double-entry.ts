// An engine process for tests.
import { hostEngine } from '../../../src/serve/engine/host.js';
import { doubleKind } from './double.js';

hostEngine(doubleKind);
