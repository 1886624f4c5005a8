import { nextBracket, opens } from '../brackets.js';
import { createPace } from './pace.js';

/** Bytes after which the time is looked at. */
const stretch = 16 * 1024;

/** An object or a list that has begun: its text, in which `[n]` stands for the nth value that it holds. */
interface Begun {
  text: string;
  readonly inner: unknown[];
  /** Where the rest of its text begins. */
  from: number;
}

/** Brackets within brackets, of which no API has nearly so many, and of which each takes memory. */
const deepest = 1000;

/**
 * The value of a JSON text, as `JSON.parse` reads it, with turns of the event loop in between. Throws a `SyntaxError`,
 * also for one that is nested too deep.
 */
export async function parseInTurns(body: Buffer): Promise<unknown> {
  const pace = createPace();
  const outermost: Begun = { text: '', inner: [], from: 0 };
  const outer: Begun[] = [];
  let begun = outermost;
  let nextLook = stretch;
  for (let at = nextBracket(body, 0); at >= 0; at = nextBracket(body, at + 1)) {
    if (at >= nextLook) {
      nextLook = at + stretch;
      await pace();
    }
    if (opens(body[at])) {
      begun.text += `${body.toString('utf8', begun.from, at)}[${begun.inner.length}]`;
      if (outer.push(begun) > deepest) throw new SyntaxError('The JSON is nested too deep');
      begun = { text: '', inner: [], from: at };
    } else {
      const value = valueOf(begun, body, at + 1);
      begun = outer.pop() ?? outermost;
      begun.inner.push(value);
      begun.from = at + 1;
    }
  }
  if (begun !== outermost) throw new SyntaxError('The JSON ends before its brackets do');
  const { text, inner, from } = begun;
  const whole: unknown = JSON.parse(text + body.toString('utf8', from));
  return Array.isArray(whole) ? inner[0] : whole;
}

/** The value of what ends before `end`. */
function valueOf({ text, inner, from }: Begun, body: Buffer, end: number): unknown {
  const value = JSON.parse(text + body.toString('utf8', from, end)) as Record<string, unknown>;
  if (inner.length === 0) return value;
  for (const [key, held] of Object.entries(value)) {
    if (Array.isArray(held)) value[key] = inner[Number(held[0])];
  }
  return value;
}

/** What `JSON.stringify` makes of a value of the API, with turns in between. */
export async function printInTurns(value: unknown): Promise<Buffer> {
  const pace = createPace();
  const pieces: Buffer[] = [];
  let text = '';
  for (const part of printed(value)) {
    text += part;
    if (text.length < stretch) continue;
    pieces.push(Buffer.from(text));
    text = '';
    await pace();
  }
  return Buffer.concat([...pieces, Buffer.from(text)]);
}

function* printed(value: unknown): Generator<string, void> {
  if (typeof value !== 'object' || value === null || countIn(value, manyValues) > 0) {
    // A list says null of what an object leaves out.
    yield value === undefined ? 'null' : JSON.stringify(value);
    return;
  }
  const isList = Array.isArray(value);
  yield isList ? '[' : '{';
  let separator = '';
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined && !isList) continue;
    yield isList ? separator : `${separator}${JSON.stringify(key)}:`;
    yield* printed(inner);
    separator = ',';
  }
  yield isList ? ']' : '}';
}

/** Values of an object or a list from which on it is not printed at once. */
const manyValues = 5000;

/** What is left of a count once the values within an object or a list are taken from it, 0 at least. */
function countIn(value: object, most: number): number {
  const values: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let left = Math.max(0, most - values.length);
  for (const inner of values) {
    if (left === 0) break;
    if (typeof inner === 'object' && inner !== null) left = countIn(inner, left);
  }
  return left;
}
