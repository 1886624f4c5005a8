import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTerminalStyle } from './terminal-style.js';
import { createSteps, type Steps } from './steps.js';

let shown: string;
let milliseconds: number;

function start(live: boolean): Steps {
  const screen = {
    write: (text: string) => (shown += text),
    live,
    style: createTerminalStyle(false),
  };
  return createSteps({ screen, total: 2, now: () => milliseconds });
}

beforeEach(() => {
  jest.useFakeTimers();
  shown = '';
  milliseconds = 0;
});

afterEach(() => {
  jest.useRealTimers();
});

describe('steps in a file', () => {
  it('say what was reached and how long each took, once it is over', () => {
    const steps = start(false);

    steps.begin('Load history');
    steps.line('building daprd ...');
    steps.note('1 of 2');
    steps.note('2 of 2');
    milliseconds = 12_340;
    steps.begin('Start everything');
    milliseconds = 13_000;
    steps.end();

    expect(shown.split('\n')).toEqual([
      '       building daprd ...',
      '✓ 1/2  Load history: 2 of 2  12.3 s',
      '✓ 2/2  Start everything  0.7 s',
      '',
    ]);
  });

  it('mark the one that failed, and once only', () => {
    const steps = start(false);

    steps.begin('Load history');
    steps.fail();
    steps.fail();
    steps.end();

    expect(shown).toBe('✗ 1/2  Load history  0.0 s\n');
  });
});

describe('steps in a terminal', () => {
  it('write the running line over, and keep its last state', () => {
    const steps = start(true);

    steps.begin('Load history');
    milliseconds = 500;
    jest.advanceTimersByTime(250);
    steps.line('a word');
    steps.end();

    const clear = '\r\u001B[2K';
    expect(shown).toBe(
      `${clear}… 1/2  Load history  0.0 s` +
        `${clear}… 1/2  Load history  0.5 s` +
        `${clear}       a word\n` +
        `${clear}✓ 1/2  Load history  0.5 s\n`,
    );
    expect(jest.getTimerCount()).toBe(0);
  });
});
