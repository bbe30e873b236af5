// Preloaded into a command: says on stderr when OpenTelemetry's SDK is loaded.
import { register } from 'node:module';

const hooks = `
  import { writeSync } from 'node:fs';
  export async function load(url, context, next) {
    if (url.includes('@opentelemetry/sdk-node')) writeSync(2, 'loads the SDK\\n');
    return next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
