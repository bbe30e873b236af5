import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT, readSource } from '../support/sources.js';
import { compose, serveOptions } from './support/files.js';

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
        containers: { image: string; args: string[]; volumeMounts: { name: string; mountPath: string }[] }[];
        volumes?: { name: string; persistentVolumeClaim?: { claimName: string } }[];
      };
    };
  };
}

/** Seconds within which a worker that is told to stop has handed its step back. */
const FAREWELL = 25;

describe('deploy: workers', () => {
  const documents = parseAllDocuments(readSource('deploy/kubernetes-workers.yaml')).map(
    (document) => document.toJS() as Workload,
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

  it('of Compose do the same', () => {
    const { services } = parse(readSource('deploy/compose-workers.yaml')) as {
      services: { worker: { image: string; command: string[]; stop_grace_period: string; volumes: string[] } };
    };
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
