import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AnswerServer, Bus, JetStreamServer, type Judge, nextTrace } from '#bus';
import type { AppName } from '#contracts';
import { HEALTH_CHECKS, type HealthCheck } from './health.js';
import { judgeByAll, JUDGES } from './judges.js';
import { JsonLogger } from './logger.js';
import { ProblemFilter } from './problem.filter.js';
import { refuseUnreadable, refuseUnroutable } from './unroutable.js';
import { validationPipe } from './validation.js';

const DRAIN_MS = 25_000;
/** Meta sends webhooks of up to 3 MB (developers.facebook.com/docs/whatsapp/cloud-api/webhooks). */
export const MAX_BODY_BYTES = 4 * 1_048_576;

export interface RunOptions {
  readonly app: AppName;
  readonly module: Type;
  /** the public HTTP address, for the apps that have one */
  readonly listen?: { readonly port: number; readonly host: string };
  /** called before the app starts: routes of other origin, documentation, sockets */
  readonly prepare?: (nest: NestFastifyApplication) => Promise<void>;
  readonly env: { readonly LOG_LEVEL: string; readonly LOG_FILE?: string | undefined };
}

/** A started app. */
export interface Running {
  readonly app: AppName;
  readonly nest: NestFastifyApplication;
  readonly checks: readonly HealthCheck[];
  /** Stops taking work, finishes what is in hand (at most 25 s) and closes every connection. */
  close(): Promise<void>;
}

/** Starts one server app as a Nest application: its consumers and answers on the bus, its HTTP when it listens. */
export async function run(options: RunOptions): Promise<Running> {
  const logger = new JsonLogger(options.app, { level: options.env.LOG_LEVEL, file: options.env.LOG_FILE });
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    // clients that offer h2c (Java's, curl --http2) must be answered as if they had not, not handed to the socket server
    http: { shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket' },
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    genReqId: (request: IncomingMessage) => nextTrace(String(request.headers['traceparent'] ?? '')),
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: refuseUnroutable,
    clientErrorHandler: refuseUnreadable,
  });
  const nest = await NestFactory.create<NestFastifyApplication>(options.module, adapter, { logger, rawBody: true, abortOnError: false });
  nest.useGlobalPipes(validationPipe());
  nest.useGlobalFilters(new ProblemFilter(logger));
  await options.prepare?.(nest);
  const bus = nest.get(Bus);
  nest.connectMicroservice(
    { strategy: new JetStreamServer(bus, judgeByAll(nest.get<readonly Judge[]>(JUDGES, { strict: false })), logger) },
    { inheritAppConfig: true },
  );
  nest.connectMicroservice({ strategy: new AnswerServer(bus) }, { inheritAppConfig: true });
  await nest.init();
  await nest.startAllMicroservices();
  if (options.listen) await nest.listen(options.listen.port, options.listen.host);
  const checks = nest.get<readonly HealthCheck[]>(HEALTH_CHECKS);
  return { app: options.app, nest, checks, close: () => within(DRAIN_MS, nest.close()) };
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
