import { styleText, stripVTControlCharacters } from 'node:util';

/** Styles a text for the terminal; plain where the output takes no colours. */
export interface TerminalStyle {
  strong: (text: string) => string;
  dim: (text: string) => string;
  ok: (text: string) => string;
  warning: (text: string) => string;
  error: (text: string) => string;
  bar: (text: string) => string;
}

/** Colours, or none: pass whether the output is a terminal that wants them. */
export function createTerminalStyle(colours: boolean): TerminalStyle {
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    colours ? styleText(format, text) : text;
  return {
    strong: style('bold'),
    dim: style('dim'),
    ok: style('green'),
    warning: style('yellow'),
    error: style('red'),
    bar: style('cyan'),
  };
}

/** Columns that a text takes up in a terminal; colours take none. */
export function displayWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}
