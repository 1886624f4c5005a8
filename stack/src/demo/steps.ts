import type { TerminalStyle } from './terminal-style.js';

/** Where a progress display writes, and what it may do there. */
export interface Screen {
  write: (text: string) => void;
  /** Whether a line can be written over: only in a terminal. */
  live: boolean;
  style: TerminalStyle;
}

/** The numbered steps of a run, each with the seconds it took. One runs at a time. */
export interface Steps {
  /** Ends the step before and begins the next. */
  begin: (title: string) => void;
  /** What has been reached within the step; stays behind its title. */
  note: (text: string) => void;
  /** A line of somebody else, above the step that runs. */
  line: (text: string) => void;
  /** Ends the last step. */
  end: () => void;
  /** The step that ran is the one that failed; further ends are ignored. */
  fail: () => void;
}

const REDRAW_MS = 250;
const CLEAR = '\r\u001B[2K';

/** Shows steps; `now` in milliseconds. */
export function createSteps(options: { screen: Screen; total: number; now: () => number }): Steps {
  const { screen, total, now } = options;
  const { style } = screen;
  let number = 0;
  let current: { title: string; note: string; since: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const text = (mark: string) => {
    const { title = '', note = '', since = 0 } = current ?? {};
    const seconds = `${((now() - since) / 1000).toFixed(1)} s`;
    const said = note === '' ? title : `${title}: ${note}`;
    return `${mark} ${number}/${total}  ${said}  ${style.dim(seconds)}`;
  };
  const draw = () => screen.write(`${CLEAR}${text(style.dim('…'))}`);
  const finish = (mark: string) => {
    if (current === undefined) return;
    clearInterval(timer);
    screen.write(`${screen.live ? CLEAR : ''}${text(mark)}\n`);
    current = undefined;
  };

  return {
    begin(title) {
      finish(style.ok('✓'));
      number += 1;
      current = { title, note: '', since: now() };
      if (!screen.live) return;
      draw();
      timer = setInterval(draw, REDRAW_MS);
    },
    note(note) {
      if (current) current.note = note;
    },
    line(said) {
      screen.write(`${screen.live && current ? CLEAR : ''}       ${style.dim(said)}\n`);
    },
    end: () => finish(style.ok('✓')),
    fail: () => finish(style.error('✗')),
  };
}
