import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import express from 'express';

/** Sends stored bytes and does nothing else; tells its parent the port. */
const [, , file = '', encoding = ''] = process.argv;
const bytes = await readFile(file);
const app = express();
app.get('/{*path}', (_request, response) => {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', bytes.length);
  if (encoding !== '') response.setHeader('Content-Encoding', encoding);
  response.end(bytes);
});
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit());
