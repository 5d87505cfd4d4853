import { expect, test } from 'vitest';
import { slackOf } from '../../src/permit/tradeSlack.ts';

const bounds = (optionType: number) => ({ optionType, minTotalCost: 90n, maxTotalCost: 115n });
const [LONG_CALL, LONG_PUT, SHORT_CALL_BASE, SHORT_CALL_QUOTE, SHORT_PUT_QUOTE] = [0, 1, 2, 3, 4];

test.each([LONG_CALL, LONG_PUT])(
  'default: a long of type %i may cost up to its bound, and bring as little as its other',
  (type) => {
    expect(slackOf(bounds(type), { isOpening: true, totalCost: 100n })).toBe(15n);
    expect(slackOf(bounds(type), { isOpening: false, totalCost: 100n })).toBe(10n);
  },
);

test.each([SHORT_CALL_BASE, SHORT_CALL_QUOTE, SHORT_PUT_QUOTE])(
  'default: a short of type %i brings a premium when it opens, and costs when it closes',
  (type) => {
    expect(slackOf(bounds(type), { isOpening: true, totalCost: 100n })).toBe(10n);
    expect(slackOf(bounds(type), { isOpening: false, totalCost: 100n })).toBe(15n);
  },
);
