/** Fixed sentences with fields; `error` only for what someone must mend. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LoggerOptions {
  /** Name of the service, in every line. */
  service: string;
  level: LogLevel;
  /** Takes each finished line, newline included; standard output unless given. */
  write?: (line: string) => void;
}

export function createLogger(_options: LoggerOptions): Logger {
  throw new Error('not written yet');
}
