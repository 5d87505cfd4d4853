import { DAY_SECONDS } from '../history/prices.ts';

/** A day as people write it, from Unix seconds at its beginning: 2024-01-31. Civil calendar from the number of days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
export function dayOf(seconds: number): string {
  const shifted = Math.floor(seconds / DAY_SECONDS) + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const two = (part: number) => `${part}`.padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}`;
}
