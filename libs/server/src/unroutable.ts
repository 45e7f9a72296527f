import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem } from './problem.js';

const TYPE = 'application/problem+json; charset=utf-8';

/** Answers a request whose path leads to no route because it cannot be read: broken percent signs, a part too long. */
export function refuseUnroutable(error: { readonly statusCode?: number | undefined }, _request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400;
  const detail = status === 414 ? 'A part of the path is too long.' : 'The path is not a valid URL path.';
  void reply
    .status(status)
    .header('content-type', TYPE)
    .send(JSON.stringify(problem(status, detail)));
}

/** Answers, on the bare socket, bytes that are no HTTP request, and hangs up. */
export function refuseUnreadable(error: { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = statusOf(error.code);
  const body = JSON.stringify(problem(status, detail));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}

function statusOf(code: string | undefined): [number, string] {
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'The headers are too large.'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'The request did not arrive in time. Send it again.'];
  return [400, 'The request could not be read. Check how it is written.'];
}
