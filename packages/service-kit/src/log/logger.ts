import { Writable } from 'node:stream';
import winston from 'winston';
import { currentContext } from '@bud-monitoring/client';
import { redactField, redactText } from './redact.js';

/** Fixed sentences with fields; `error` only for what someone must fix. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Logger;
}

/** The logger of a whole service. */
export interface RootLogger extends Logger {
  /** Switches to `debug`, or back to the level it was made with; gives the level from now on. */
  toggleDebug(): string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LoggerOptions {
  /** Name of the service, in every line. */
  service: string;
  level: LogLevel;
  /** Takes each finished line, newline included; standard output unless given. */
  write?: (line: string) => void;
}

/**
 * One JSON object a line: time, level, service, message, the current request's id and trace id,
 * and the fields, without secrets (log/redact.ts).
 */
export function createLogger({ service, level, write }: LoggerOptions): RootLogger {
  const sink = winston.createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: winston.format.printf(({ message }) => message as string),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston declares its classes twice
    transports: [new winston.transports.Stream({ stream: lineStream(write), eol: '' })],
  });
  // Of a level that is never left out: what is to be written was decided before.
  const log = (lines: string) => void sink.log({ level: 'error', message: lines });
  const print = write === undefined ? gathered(log) : log;
  const loggerWith = (bound: Record<string, unknown>): Logger => {
    const at = (lineLevel: LogLevel) => (message: string, fields?: Record<string, unknown>) => {
      if (!sink.isLevelEnabled(lineLevel)) return;
      const line: Record<string, unknown> = {
        time: new Date().toISOString(),
        level: lineLevel,
        service,
        message: redactText(message),
      };
      addRequest(line);
      addFields(line, fields);
      addFields(line, bound);
      print(`${JSON.stringify(line)}\n`);
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => loggerWith({ ...bound, ...fields }),
    };
  };
  const toggleDebug = () => (sink.level = sink.level === 'debug' ? level : 'debug');
  return { ...loggerWith({}), toggleDebug };
}

function addRequest(line: Record<string, unknown>): void {
  const context = currentContext();
  if (context === undefined) return;
  line['requestId'] = context.requestId;
  const traceId = context.traceparent?.split('-')[1];
  if (traceId !== undefined) line['traceId'] = traceId;
}

/** Fields cannot override what every line has. */
function addFields(line: Record<string, unknown>, fields: Record<string, unknown> = {}): void {
  for (const name of Object.keys(fields)) {
    if (!Object.hasOwn(line, name)) line[name] = redactField(name, fields[name], 1);
  }
}

/**
 * Takes the lines of one event loop iteration together: the streams they pass cost more than everything
 * else about a line. When the process ends, the rest is written synchronously.
 */
function gathered(log: (lines: string) => void): (line: string) => void {
  let waiting = '';
  const flush = (to: (lines: string) => unknown) => {
    const lines = waiting;
    waiting = '';
    if (lines !== '') to(lines);
  };
  process.once('exit', () => flush(toStdout));
  return (line) => {
    if (waiting === '') setImmediate(flush, log);
    waiting += line;
  };
}

const toStdout = (text: string) => void process.stdout.write(text);

function lineStream(write: (line: string) => void = toStdout): Writable {
  return new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      write(line);
      done();
    },
  });
}
