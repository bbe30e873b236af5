import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { parse, parseAllDocuments } from 'yaml';
import { configSchema } from '../../src/pipeline/config.js';
import { experimentOf } from '../../src/pipeline/experiment.js';
import { storesFolder } from '../../src/pipeline/store/stores-folder.js';
import { ROOT, readSource } from '../support/sources.js';
import { compose, dockerfile, only, serveOptions } from './support/files.js';

interface Workload {
  kind: string;
  metadata: { name: string };
  spec: {
    selector?: { matchLabels?: object };
    ports?: { port: number }[];
    template?: {
      metadata: { labels: object };
      spec: {
        terminationGracePeriodSeconds?: number;
        containers: Container[];
        volumes?: { name: string; persistentVolumeClaim?: { claimName: string }; emptyDir?: object }[];
        restartPolicy?: string;
      };
    };
  };
}

interface Container {
  image: string;
  args: string[];
  env: { name: string; value: string }[];
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
}

interface ComposeWorker {
  image: string;
  command: string[];
  environment: Record<string, string>;
  stop_grace_period: string;
  volumes: string[];
}

/** Seconds within which a worker that is told to stop has handed its step back. */
const FAREWELL = 25;

/** An experiment whose data are named by a variable, and whose base by a relative path. */
const EXPERIMENT = 'experiments/camvid-jpeg/config.json';

/** Where its data and base lie for a process with these variables to which its config has this path. */
function placesOf(path: string, environment: NodeJS.ProcessEnv): string[] {
  const config = configSchema.parse(JSON.parse(readSource(EXPERIMENT)));
  const { data, base } = experimentOf(config, path, environment);
  return [data.slice(data.indexOf(':') + 1), base.checkpoint!];
}

const isIn = (folder: string, path: string): boolean => path.startsWith(`${folder}/`);

/** Where the image says that what comes from buckets is kept. */
function storesInImage(): string {
  const variable = dockerfile()
    .at(-1)!
    .find(({ name, text }) => name === 'ENV' && text.startsWith('GEARNN_STORES='))!;
  return storesFolder({ GEARNN_STORES: variable.text.split('=')[1] });
}

describe('deploy: workers', () => {
  const documents = ['workers', 'run', 'workers-once'].flatMap((name) =>
    parseAllDocuments(readSource(`deploy/kubernetes-${name}.yaml`)).map((document) => document.toJS() as Workload),
  );
  const named = (kind: string, name: string): Workload =>
    documents.find((one) => one.kind === kind && one.metadata.name === name)!;

  it('of Kubernetes call gearnn worker as it is, find their queue and their store, and have time to hand a step back', () => {
    const pod = named('Deployment', 'gearnn-workers').spec.template!;
    const [container] = pod.spec.containers;
    const { options, rest } = serveOptions(container!.args);
    expect(rest).to.deep.equal([]);
    const { hostname, port } = new URL(options['queue'] as string);
    const service = named('Service', hostname);
    expect(service.spec.ports!.map((own) => String(own.port))).to.deep.equal([port]);
    expect(named('StatefulSet', 'gearnn-queue').spec.template!.metadata.labels).to.deep.equal(service.spec.selector);
    const mounted = container!.volumeMounts.find(({ mountPath }) => mountPath === options['store'])!;
    const volume = pod.spec.volumes!.find(({ name }) => name === mounted.name)!;
    expect(named('PersistentVolumeClaim', volume.persistentVolumeClaim!.claimName)).to.be.an('object');
    expect(pod.spec.terminationGracePeriodSeconds).to.be.above(FAREWELL);
    expect(container!.image).to.equal(compose().image);
  });

  it('of Kubernetes that leave when the work is done are the others but for --once', () => {
    const pods = [named('Job', 'gearnn-workers-once'), named('Deployment', 'gearnn-workers')].map(
      ({ spec }) => spec.template!.spec,
    );
    const [{ restartPolicy, ...job }, deployment] = pods as [(typeof pods)[0], (typeof pods)[0]];
    // Of a pod that ends well a Deployment would make another.
    expect(restartPolicy).to.equal('OnFailure');
    const { options, rest } = serveOptions(job.containers[0]!.args);
    expect({ rest, once: options['once'] }).to.deep.equal({ rest: [], once: true });
    const args = job.containers[0]!.args.filter((own) => own !== '--once');
    expect({ ...job, containers: [{ ...job.containers[0]!, args }] }).to.deep.equal(deployment);
  });

  it('of Kubernetes and gearnn run see the queue, one store, the same data, and a base that a config names beside itself', () => {
    const policy = named('NetworkPolicy', 'gearnn-queue') as unknown as {
      spec: { ingress: [{ from: [{ podSelector: { matchLabels: object } }] }] };
    };
    const run = named('Job', 'gearnn-run').spec.template!.spec.containers[0]!;
    const called = serveOptions(run.args);
    const [config] = called.rest as [string];
    expect(called.rest).to.have.length(1);
    expect(config).to.satisfy((path: string) => path.endsWith(`/${EXPERIMENT}`));
    for (const [kind, name] of [
      ['Deployment', 'gearnn-workers'],
      ['Job', 'gearnn-workers-once'],
      ['Job', 'gearnn-run'],
    ] as const) {
      const { metadata, spec } = named(kind, name).spec.template!;
      expect(metadata.labels).to.include(policy.spec.ingress[0].from[0].podSelector.matchLabels);
      const [container] = spec.containers as [Container];
      const { options } = serveOptions(container.args);
      expect(options, name).to.include({ queue: called.options['queue'], store: called.options['store'] });
      const environment = Object.fromEntries(container.env.map((own) => [own.name, own.value]));
      const { mountPath: data } = container.volumeMounts.find(({ readOnly }) => readOnly)!;
      for (const place of placesOf(config, environment)) expect(isIn(data, place), place).to.equal(true);
      const cache = container.volumeMounts.find(({ mountPath }) => mountPath === storesInImage())!;
      expect(spec.volumes!.find((volume) => volume.name === cache.name)).to.have.property('emptyDir');
    }
    for (const place of [called.options['out'], called.options['work']] as string[]) {
      const mounted = run.volumeMounts.find(({ mountPath }) => isIn(mountPath, place))!;
      expect(mounted.readOnly ?? false, place).to.equal(false);
    }
  });

  it('of Compose see what gearnn run on the same machine sees, and write what a bucket holds to a volume of their own', () => {
    const { services } = parse(readSource('deploy/compose-workers.yaml')) as { services: { worker: ComposeWorker } };
    const { environment, volumes } = services.worker;
    const root = resolve(ROOT);
    const mounted = volumes.map((volume) => volume.replaceAll('${PWD:?}', root).split(':') as [string, string?]);
    for (const place of placesOf(join(ROOT, EXPERIMENT), environment)) {
      expect(mounted.some(([, inside]) => inside !== undefined && isIn(inside, place))).to.equal(true);
    }
    // At the path that it has for gearnn run, which workers are told.
    expect(mounted).to.deep.include([root, root, 'ro']);
    // Without a name: Compose makes one per container.
    expect(mounted).to.deep.include([storesInImage()]);
  });

  it('can write to the folder of the image that GEARNN_STORES names', () => {
    const runtime = dockerfile().at(-1)!;
    const [user, group] = only(runtime, 'USER').split(':');
    expect(only(runtime, 'RUN')).to.equal(`install -d -o ${user} -g ${group} ${storesInImage()}`);
    expect(storesFolder({ GEARNN_HOME: '/opt/gearnn' })).to.equal('/opt/gearnn/stores');
  });

  it('of Compose do the same', () => {
    const { services } = parse(readSource('deploy/compose-workers.yaml')) as { services: { worker: ComposeWorker } };
    const { image, command, stop_grace_period, volumes } = services.worker;
    const { options, rest } = serveOptions(command);
    expect(rest).to.deep.equal([]);
    expect(Object.keys(services)).to.include(new URL(options['queue'] as string).hostname);
    expect(volumes).to.include(`./store:${options['store'] as string}`);
    expect(Number.parseInt(stop_grace_period, 10)).to.be.above(FAREWELL);
    expect(image).to.equal(compose().image);
  });

  it('of Slurm call gearnn worker as it is, in a script that bash reads', () => {
    const path = join(ROOT, 'deploy/slurm-workers.sbatch');
    execFileSync('bash', ['-n', path]);
    const call = /^srun "\$\{GEARNN:-gearnn\}" (worker .*)$/m.exec(readSource('deploy/slurm-workers.sbatch'))![1]!;
    const { options, rest } = serveOptions(call.replaceAll(/"\$\{SLURM_CPUS_PER_TASK:-1\}"/g, '4').split(' '));
    expect(rest).to.deep.equal([]);
    expect(options).to.include({ once: true, threads: 4 });
  });
});
