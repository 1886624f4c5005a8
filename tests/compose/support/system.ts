import { randomBytes, randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reservePorts } from '@bud-monitoring/stack';
import { startIdentity, type Identity } from '../../../stack/src/identity/identity.js';
import { ROOT } from '../../../stack/src/paths.js';
import type { BuildContext } from '../../../stack/src/programs/go-build.js';
import { reported } from '../../../stack/src/programs/report.js';
import type { Docker } from '../../../stack/src/opt-in/docker.js';
import { LEGACY, makeStandIns } from './images.js';

/** docker-compose.yml as it is, up and healthy, beside an issuer of tokens. */
export interface System extends AsyncDisposable {
  /** Where the gateway is published. */
  gateway: string;
  grafana: string;
  identity: Identity;
  /** What clusters show when they write samples. */
  writeToken: string;
  /** The names of its containers, by the part of docker-compose.yml. */
  parts: readonly string[];
  /** The address of a part, by its last byte. */
  address: (last: number) => string;
  compose: (...args: string[]) => Promise<string>;
  /** Runs a command in a part; its output, or that of its failure. */
  inside: (part: string, ...command: string[]) => Promise<string>;
  inspect: (part: string) => Promise<Container>;
  /** SIGKILL from outside of Docker, which so takes it for a crash. */
  crash: (part: string) => Promise<void>;
  /** Publishes through the sidecar of bud-metrics; throws unless the broker has it. */
  publish: (topic: string, event: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** The part of `docker inspect` that is read here. */
export interface Container {
  Config: { User: string };
  HostConfig: {
    ReadonlyRootfs: boolean;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    Privileged: boolean;
  };
  State: { Pid: number; Running: boolean };
}

/** An issuer of tokens, and the network of this machine for what is built. */
const override = `
services:
  metrics: { build: { network: host } }
  dashboard: { build: { network: host } }
  gateway: { build: { network: host } }
  issuer:
    image: \${NODE_IMAGE}
    command:
      - node
      - -e
      - require('http').createServer((_, response) => response.end(process.env.JWKS)).listen(8080)
    environment: { JWKS: '\${JWKS}' }
    networks: [edge]
`;

/** Makes the images of docker-compose.yml, as it says, on stand-ins of those that it takes from others. */
export async function startSystem(context: BuildContext, docker: Docker): Promise<System> {
  const { supervisor, report } = context;
  const images = await makeStandIns(context, docker);
  const ports = await reservePorts();
  const identity = await startIdentity(await ports.next());
  const secret = () => randomBytes(16).toString('hex');
  const apiToken = secret();
  const writeToken = secret();
  const network = `10.207.${randomInt(128, 256)}`;
  const [gatewayPort, grafanaPort] = [await ports.next(), await ports.next()];
  const env = {
    ...LEGACY,
    ...images,
    METRICS_IMAGE: 'bud-monitoring-test-metrics',
    DASHBOARD_IMAGE: 'bud-monitoring-test-dashboard',
    GATEWAY_IMAGE: 'bud-monitoring-test-gateway',
    NETWORK: network,
    GATEWAY_PORT: String(gatewayPort),
    GRAFANA_PORT: String(grafanaPort),
    DAPR_API_TOKEN: apiToken,
    APP_API_TOKEN: secret(),
    REDIS_PASSWORD: secret(),
    REMOTE_WRITE_TOKEN: writeToken,
    GRAFANA_PASSWORD: secret(),
    AUTH_MODE: 'jwt',
    AUTH_JWKS_URL: 'http://issuer:8080',
    AUTH_ISSUER: identity.issuer,
    AUTH_AUDIENCE: identity.audience,
    AUTH_ALGORITHMS: identity.algorithm,
    JWKS: await (await fetch(identity.jwksUrl)).text(),
  };
  const project = `bud-test-${secret().slice(0, 6)}`;
  const further = join(supervisor.directory, 'override.yml');
  await writeFile(further, override);
  const files = ['-f', join(ROOT, 'docker-compose.yml'), '-f', further];
  const compose = (...args: string[]) => docker(['compose', '-p', project, ...files, ...args], env);
  const nameOf = (part: string) => `${project}-${part}-1`;
  const inspect = async (part: string) => {
    const [container] = JSON.parse(await docker(['inspect', nameOf(part)])) as [Container];
    return container;
  };
  const down = async () => {
    await compose('down', '--volumes', '--timeout', '5');
    await identity.stop();
    await ports.release();
  };
  try {
    await reported(report, 'building the images of services and gateway', () => compose('build'));
    await compose('up', '--detach', '--wait', '--wait-timeout', '240', '--no-build');
  } catch (error) {
    const logs = await compose('logs', '--tail', '20').catch(String);
    await down();
    throw new Error(`docker compose failed: ${String(error)}\n${logs}`, { cause: error });
  }
  const parts = (await compose('config', '--services')).trim().split('\n').sort();
  const address = (last: number) => `${network}.${last}`;

  return {
    gateway: `http://127.0.0.1:${gatewayPort}`,
    grafana: `http://127.0.0.1:${grafanaPort}`,
    identity,
    writeToken,
    parts: parts.filter((part) => part !== 'issuer'),
    address,
    compose,
    inspect,
    inside: (part, ...command) => docker(['exec', nameOf(part), ...command]).catch(String),
    async crash(part) {
      const { State } = await inspect(part);
      if (State.Pid > 0) process.kill(State.Pid, 'SIGKILL');
    },
    async publish(topic, event) {
      const url = `http://${address(81)}:3500/v1.0/publish/pubsub/${topic}`;
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': apiToken },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(5000),
      });
      if (!response.ok) throw new Error(`publish: ${response.status} ${await response.text()}`);
    },
    [Symbol.asyncDispose]: down,
  };
}
