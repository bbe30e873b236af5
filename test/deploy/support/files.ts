import type { Command } from 'commander';
import { parse, parseAllDocuments } from 'yaml';
import { createProgram } from '../../../cli/program.js';
import { readSource } from '../../support/sources.js';

/** One line of a Dockerfile, continuations joined. */
export interface Instruction {
  name: string;
  text: string;
}

/** Instructions of deploy/Dockerfile, by stage; those before the first FROM are the stage 0. */
export function dockerfile(): Instruction[][] {
  const lines = readSource('deploy/Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [[]];
  for (const line of lines) {
    const [, name, text] = /^([A-Z]+)\s+(.*)$/.exec(line)!;
    if (name === 'FROM') stages.push([]);
    stages.at(-1)!.push({ name: name!, text: text! });
  }
  return stages;
}

/** The text of the only instruction of that name in a stage. */
export function only(stage: Instruction[], name: string): string {
  const found = stage.filter((one) => one.name === name);
  if (found.length !== 1) throw new Error(`${found.length} of ${name}`);
  return found[0]!.text;
}

/** Arguments that the container, Compose and Kubernetes start gearnn with. */
export function calls(): Record<'Dockerfile' | 'compose.yaml' | 'kubernetes.yaml', string[]> {
  return {
    Dockerfile: JSON.parse(only(dockerfile().at(-1)!, 'CMD')) as string[],
    'compose.yaml': compose().command,
    'kubernetes.yaml': container().args,
  };
}

/** What `gearnn serve` makes of arguments; throws as the command line does. */
export function serveOptions(call: string[]): { options: Record<string, unknown>; rest: string[] } {
  const [name, ...flags] = call;
  const command: Command = createProgram().commands.find((one) => one.name() === name)!;
  const { operands, unknown } = command.parseOptions(flags);
  return { options: command.opts(), rest: [...operands, ...unknown] };
}

interface ComposeService {
  image: string;
  command: string[];
  ports: string[];
  tmpfs: string[];
  read_only: boolean;
  stop_grace_period: string;
}

export function compose(): ComposeService {
  return (parse(readSource('deploy/compose.yaml')) as { services: { gearnn: ComposeService } }).services.gearnn;
}

interface Probe {
  httpGet: { path: string; port: string };
}

export interface Container {
  image: string;
  args: string[];
  ports: { name: string; containerPort: number }[];
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
  lifecycle: { preStop: { exec: { command: string[] } } };
  resources: { limits: { cpu: string } };
  securityContext: object;
  volumeMounts: { name: string; mountPath: string }[];
}

interface Labels {
  labels: Record<string, string>;
}

export interface Manifest {
  Deployment: {
    metadata: { name: string };
    spec: {
      replicas: number;
      selector: { matchLabels: Record<string, string> };
      template: {
        metadata: Labels & { annotations: Record<string, string> };
        spec: {
          securityContext: { runAsUser: number };
          terminationGracePeriodSeconds: number;
          containers: [Container];
          volumes: { name: string; secret?: { secretName: string } }[];
        };
      };
    };
  };
  Service: { spec: { selector: Record<string, string>; ports: { targetPort: string }[] } };
  NetworkPolicy: {
    spec: { podSelector: { matchLabels: Record<string, string> }; ingress: [{ ports: [{ port: string }] }] };
  };
  PodDisruptionBudget: { spec: { minAvailable: number; selector: { matchLabels: Record<string, string> } } };
}

/** Objects of deploy/kubernetes.yaml by their kind; every document must be without a fault. */
export function manifest(): Manifest {
  const documents = parseAllDocuments(readSource('deploy/kubernetes.yaml'));
  if (!Array.isArray(documents)) throw new Error('deploy/kubernetes.yaml is empty');
  return Object.fromEntries(
    documents.map((document) => {
      const faults = [...document.errors, ...document.warnings];
      if (faults.length > 0) throw faults[0]!;
      const object = document.toJS() as { kind: string };
      return [object.kind, object];
    }),
  ) as unknown as Manifest;
}

export function container(): Container {
  return manifest().Deployment.spec.template.spec.containers[0];
}
