import { formatBook } from '../../book/formatBook.ts';
import { parseBook } from '../../book/parseBook.ts';
import { quoteBook } from '../../book/quoteBook.ts';
import { readChain } from '../../book/readChain.ts';
import { fitSurface } from '../../engine/surface/surface.ts';
import { describeSurface } from '../describeSurface.ts';
import { parseJson, readBook } from '../forEachBook.ts';
import { createOutput } from '../output.ts';
import { renderSurface } from '../renderSurface.ts';

export interface SurfaceOptions {
  readonly json?: boolean;
  /** A book's file. */
  readonly book?: string;
}

/**
 * `crossmargin surface <chain>`: fits a volatility surface to an option chain and says how well. With `--book`, prints that book as JSON with the volatilities
 * and forwards that it lacks.
 */
export async function surface(file: string, options: SurfaceOptions): Promise<void> {
  const output = createOutput(options);
  const fitted = fitSurface(readChain(await readBook(file)));
  if (options.book !== undefined) {
    const book = parseBook(parseJson(await readBook(options.book), options.book));
    output.printJson(formatBook(quoteBook(book, fitted)));
    return;
  }
  const described = describeSurface(fitted);
  output.json ? output.printJson(described) : output.print(renderSurface(file, described));
}
