import { describe, expect, it } from '@jest/globals';
import { day } from './time-range.js';
import { splitRange } from './window-parts.js';

const end = Math.floor(Date.parse('2026-03-10T15:32:10.500Z') / 1000);
const midnight = Date.parse('2026-03-10T00:00:00Z') / 1000;

describe('splitRange', () => {
  const hours = 3600;
  const unit = day;

  it('leaves up to six hours whole', () => {
    const range = { start: end - 6 * hours, end };
    expect(splitRange(range, 300)).toEqual({ edges: [range], full: null });
  });

  it('cuts up to two days at every third hour', () => {
    const range = { start: midnight + 600, end: midnight + 12 * hours };
    expect(splitRange(range, 300)).toEqual({
      edges: [{ start: range.start, end: midnight + 3 * hours }],
      full: { start: midnight + 3 * hours, end: range.end, unit: 3 * hours },
    });
  });

  it('cuts more into full days and what is left at both edges', () => {
    expect(splitRange({ start: end - 7 * day, end }, 300)).toEqual({
      edges: [
        { start: end - 7 * day, end: midnight - 6 * day },
        { start: midnight, end },
      ],
      full: { start: midnight - 6 * day, end: midnight, unit },
    });
  });

  it('has no edges between midnights', () => {
    const range = { start: midnight - 5 * day, end: midnight };
    expect(splitRange(range, 300)).toEqual({ edges: [], full: { ...range, unit } });
  });

  it('makes an edge that is too short a part of a longer one', () => {
    const range = { start: midnight - 5 * day - 299, end: midnight + 299 };
    expect(splitRange(range, 300)).toEqual({
      edges: [
        { start: range.start, end: midnight - 4 * day },
        { start: midnight - day, end: range.end },
      ],
      full: { start: midnight - 4 * day, end: midnight - day, unit },
    });
  });

  it('leaves a range whole that has no full unit beside such edges', () => {
    const range = { start: midnight - 2 * day - 1, end: midnight + 1 };
    expect(splitRange(range, 300)).toEqual({ edges: [range], full: null });
  });
});
