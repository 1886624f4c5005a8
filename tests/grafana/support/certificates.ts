import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** An authority and a certificate for 127.0.0.1 that it signed, with its key; PEM texts. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes them by OpenSSL; `name` is the address that the certificate is for. */
export async function makeCertificates({ name = '127.0.0.1' } = {}): Promise<Certificates> {
  const directory = await mkdtemp(join(tmpdir(), 'certificates-'));
  const openssl = (...args: string[]) => execute('openssl', args, { cwd: directory });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    const authority = ['-subj', '/CN=Test authority', '-keyout', 'ca.key', '-out', 'ca.pem'];
    await openssl('req', '-x509', ...newKey, ...authority, '-days', '2');
    await openssl(
      'req',
      ...newKey,
      '-subj',
      `/CN=${name}`,
      '-keyout',
      'key.pem',
      '-out',
      'csr.pem',
    );
    await writeFile(join(directory, 'names'), `subjectAltName=IP:${name}`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
    await openssl('x509', '-req', '-in', 'csr.pem', ...signing, '-days', '1', '-out', 'cert.pem');
    const read = (file: string) => readFile(join(directory, file), 'utf8');
    return { ca: await read('ca.pem'), cert: await read('cert.pem'), key: await read('key.pem') };
  } finally {
    await rm(directory, { recursive: true });
  }
}
