import type { Warning } from '@bud-monitoring/contracts';
import { partialNote, type MetricSource, type Noted } from '../../ports.js';

/** What the store noted in its answers, each once. */
export type StoreNotes = ReadonlySet<string>;

/** The store, and what it notes in answers that are asked for through it, beside what was `known` before. */
export function withNotes(
  source: MetricSource,
  known: StoreNotes = new Set(),
): { source: MetricSource; notes: StoreNotes } {
  const notes = new Set(known);
  const noted = async <T extends Noted>(asked: Promise<T>): Promise<T> => {
    const answer = await asked;
    for (const note of answer.notes) notes.add(note);
    return answer;
  };
  return {
    notes,
    source: {
      query: (...asked) => noted(source.query(...asked)),
      queryRange: (...asked) => noted(source.queryRange(...asked)),
      samples: (...asked) => noted(source.samples(...asked)),
      metricNames: (...asked) => noted(source.metricNames(...asked)),
      labelValues: (...asked) => noted(source.labelValues(...asked)),
      clusters: (...asked) => noted(source.clusters(...asked)),
      retention: (signal) => source.retention(signal),
      joinsReplicas: (signal) => source.joinsReplicas(signal),
    },
  };
}

/** Whether something may be missing in an answer. */
export const isPartial = (notes: Iterable<string>): boolean => [...notes].includes(partialNote);

/** What an answer says of what the store noted. */
export function warningsOfNotes(notes: Iterable<string>): Warning[] {
  return [...new Set(notes)].map((note) => ({
    code: note === partialNote ? 'partial' : 'store_note',
    message: note,
  }));
}
