import { styleText, stripVTControlCharacters } from 'node:util';

/** Ways to set a piece of text off; plain where the output takes no colours. */
export interface Ink {
  strong: (text: string) => string;
  quiet: (text: string) => string;
  good: (text: string) => string;
  doubtful: (text: string) => string;
  bad: (text: string) => string;
  bar: (text: string) => string;
}

/** Colours, or none: pass whether the output is a terminal that wants them. */
export function createInk(colours: boolean): Ink {
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    colours ? styleText(format, text) : text;
  return {
    strong: style('bold'),
    quiet: style('dim'),
    good: style('green'),
    doubtful: style('yellow'),
    bad: style('red'),
    bar: style('cyan'),
  };
}

/** Columns that a text takes up in a terminal; colours take none. */
export function widthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}
