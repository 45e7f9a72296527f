const FRAME = /^ {4}at \S/;

/** Where an error happened, innermost first. Its text is left out, however many lines it has: a driver's quotes rows, and with them somebody's message. */
export function framesOf(error: Error, most: number): string[] {
  const stack = error.stack ?? '';
  const text = stack.indexOf(error.message);
  const behind = text === -1 ? stack : stack.slice(text + error.message.length);
  return behind
    .split('\n')
    .filter((line) => FRAME.test(line))
    .slice(0, most)
    .map((line) => line.trim());
}
