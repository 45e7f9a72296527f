import type { LoggerService } from '@nestjs/common';
import { destination, type Logger as Pino, pino } from 'pino';
import { framesOf } from './frames.js';

type Level = 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal';

/** Nest's logger on pino: one JSON object a line. What is logged are ids, counts and causes; never a message's text, a phone or a token. */
export class JsonLogger implements LoggerService {
  readonly #pino: Pino;

  constructor(app: string, options: { level: string; file?: string | undefined }) {
    const serializers = { err: (error: unknown) => (error instanceof Error ? described(error) : typeof error) };
    const base = { name: 'alra', level: options.level, base: { app }, timestamp: pino.stdTimeFunctions.isoTime, serializers };
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
    // Nest hands over a context; others a stack, which begins with the error's text
    const context = typeof last === 'string' && !last.includes('\n') ? { context: last } : {};
    if (message instanceof Error) this.#pino[level]({ ...context, ...described(message) });
    else if (typeof message === 'object' && message !== null) this.#pino[level]({ ...message, ...context });
    else this.#pino[level](context, String(message));
  }
}

function described(error: Error): { error: string; stack: string[] } {
  return { error: error.name, stack: framesOf(error, 7) };
}
