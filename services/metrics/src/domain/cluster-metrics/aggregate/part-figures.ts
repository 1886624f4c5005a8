import type { Figures } from '../../promql/figure.js';
import type { Span } from '../../time/window.js';

/** What the store said of one piece of a span. */
export interface PieceFigures {
  readonly span: Span;
  readonly figures: Figures;
}
