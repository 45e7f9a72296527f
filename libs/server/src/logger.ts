import type { LoggerService } from '@nestjs/common';
import { destination, type Logger as Pino, pino } from 'pino';

type Level = 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal';

/** Nest's logger on pino: one JSON object a line. What is logged are ids, counts and causes; never a message's text, a phone or a token. */
export class JsonLogger implements LoggerService {
  readonly #pino: Pino;

  constructor(app: string, options: { level: string; file?: string | undefined }) {
    const base = { name: 'alra', level: options.level, base: { app }, timestamp: pino.stdTimeFunctions.isoTime };
    this.#pino = pino(base, destination({ dest: options.file ?? 1, sync: false, mkdir: true, minLength: 0 }));
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#write('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  #write(level: Level, message: unknown, rest: unknown[]): void {
    const last = rest.at(-1);
    const context = typeof last === 'string' ? { context: last } : {};
    if (typeof message === 'object' && message !== null && !(message instanceof Error)) this.#pino[level]({ ...message, ...context });
    else if (message instanceof Error)
      this.#pino[level]({ ...context, error: message.name, stack: message.stack?.split('\n').slice(1, 8) });
    else this.#pino[level](context, String(message));
  }
}
