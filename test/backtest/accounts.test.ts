import { expect, test } from 'vitest';
import { healthsAt, venueHealth } from '../../src/backtest/accounts/accountBook.ts';
import { createBoard, NoPriceAtError } from '../../src/backtest/accounts/board.ts';
import { AccountFileError } from '../../src/backtest/accounts/csv.ts';
import { followLiquidations, readLiquidations } from '../../src/backtest/accounts/liquidations.ts';
import { followSnapshot, readSnapshot } from '../../src/backtest/accounts/snapshot.ts';
import { HOUR_SECONDS, readPrices } from '../../src/history/prices.ts';
import { dataText } from '../history/data.ts';

const seconds = (time: string) => Date.parse(time) / 1000;
const hourly = readPrices(dataText('hourly_prices_2020-10_2022-04.csv.gz'), HOUR_SECONDS);
const board = createBoard(hourly);
const daily = readPrices(dataText('daily_prices.csv.gz'));

const TITLES = 'timestamp_utc,market,user,collateral_asset,collateral_px_usd,debt_asset,debt_amount,debt_px_usd';
const liquidation = (time: string, user: string, rest = 'WETH,2500,USDC,1000,1') => `${time},v2-main,${user},${rest}`;
const read = (...rows: readonly string[]) => readLiquidations([TITLES, ...rows].join('\n'), board);

test('default: an account is inferred that is at the line of its venue at the prices of its liquidation', () => {
  const { episodes } = read(liquidation('2021-05-19T12:30:00Z', 'a'));
  const [{ book, pair } = { book: undefined, pair: '' }] = episodes;
  expect(pair).toBe('ETH/USDC');
  // Half of the debt was repaid: 2,000 USDC of 2,000 ÷ 0.825 USD of ether at 2,500.
  expect(book).toEqual({ user: 'a', held: { ETH: 2000 / (2500 * 0.825) }, owed: { USDC: 2000 }, threshold: 0.825 });
  expect(book && venueHealth(book, (asset) => (asset === 'ETH' ? 2500 : 1))).toBeCloseTo(1, 12);
});

test('behavior: the first liquidation in a month counts; every other is left out by a reason', () => {
  const { events, users, episodes, leftOut } = read(
    liquidation('2021-05-19T12:30:00Z', 'a'),
    liquidation('2021-05-23T12:30:00Z', 'a'),
    liquidation('2021-06-21T12:30:00Z', 'a'),
    liquidation('2021-07-22T12:30:00Z', 'a'),
    liquidation('2021-05-19T12:30:00Z', 'b', 'LINK,30,USDC,1000,1'),
    liquidation('2021-05-19T12:30:00Z', 'c', 'TUSD,1,USDC,1000,1'),
    '2021-05-19T12:30:00Z,v2-amm,d,WETH,2500,USDC,1000,1',
  );
  expect([events, users, episodes.map(({ book }) => book.user)]).toEqual([7, 4, ['a', 'a']]);
  expect(leftOut).toEqual({ 'within 30 days of one before': 2, 'no price': 1, 'no threshold': 1, 'another market': 1 });
});

test('default: how long an account was called without interruption, against health computed hour by hour', () => {
  const file = read(liquidation('2021-05-19T12:40:00Z', 'a'));
  const { leads, byPair } = followLiquidations(file, { board, alert: 1.1, stepSeconds: HOUR_SECONDS });
  const book = file.episodes[0]?.book;
  const isUnder = (level: number) => (hours: number) => {
    const { venue, model } = healthsAt(book as NonNullable<typeof book>, {
      board,
      time: seconds('2021-05-19T12:00:00Z') - hours * HOUR_SECONDS,
    });
    return venue >= 0.98 && model < level;
  };
  const expected = leads.map(({ hours }, index) => ({
    hours,
    accounts: 1,
    called: leads.slice(0, index + 1).every((lead) => isUnder(1)(lead.hours)) ? 1 : 0,
    alerted: leads.slice(0, index + 1).every((lead) => isUnder(1.1)(lead.hours)) ? 1 : 0,
  }));
  expect(leads).toEqual(expected);
  expect(leads.map(({ hours }) => hours)).toEqual([0, 1, 2, 4, 8, 24, 48, 96, 168]);
  expect(byPair).toEqual([{ pair: 'ETH/USDC', accounts: 1, leads }]);
});

test('behavior: ether at the line of Aave V2 is called, bitcoin is not: its threshold of 75 % asks more than the model', () => {
  const time = seconds('2022-01-05T00:00:00Z');
  const { usd } = board.at(time);
  const atLine = (asset: string, threshold: number) =>
    healthsAt({ user: 'a', held: { [asset]: 1 }, owed: { USDC: threshold * usd(asset) }, threshold }, { board, time });
  expect(atLine('ETH', 0.825)).toMatchObject({ venue: expect.closeTo(1, 9) });
  expect(atLine('ETH', 0.825).model).toBeLessThan(1);
  expect(atLine('BTC', 0.75).model).toBeGreaterThan(1);
});

const SNAPSHOT = [
  'user,coll_steth,coll_weth,coll_rzrx,debt_weth,debt_usdc,liq_threshold,health_factor',
  'loop,10,,,8,,0.83,1.0374',
  'safe,,10,,,1000,0.825,14.2',
  'thin,,10,,,13900,0.825,1.0214',
  'more,,10,,,13900,0.825,1.5',
  'free,10,,,,0.5,0.825,30000',
  'rare,,,10,,1,0.825,1',
].join('\n');
const AT = seconds('2023-06-18');

test('default: accounts that are held still, when they fall and whether they were called before', () => {
  const file = readSnapshot(SNAPSHOT);
  const dailyBoard = createBoard(daily);
  const result = followSnapshot(file, { board: dailyBoard, at: AT, days: 70 });
  expect(result.leftOut).toEqual({ 'more than the file says': 1, 'owes less than a dollar': 1, 'no price': 1 });
  expect(result).toMatchObject({
    accounts: 6,
    followed: 3,
    underAtStart: 0,
    loops: { followed: 1 },
    others: { followed: 2 },
  });
  const thin = file.accounts.find(({ book }) => book.user === 'thin')?.book;
  const days = Array.from({ length: 71 }, (_, day) =>
    healthsAt(thin as NonNullable<typeof thin>, { board: dailyBoard, time: AT + day * 86_400 }),
  );
  const [venueDay, modelDay] = [days.findIndex(({ venue }) => venue < 1), days.findIndex(({ model }) => model < 1)];
  expect(venueDay).toBeGreaterThan(modelDay);
  expect(modelDay).toBeGreaterThanOrEqual(0);
  expect(result.others?.fell).toEqual({
    accounts: 1,
    calledBefore: 1,
    calledThatDay: 0,
    notCalled: 0,
    medianLeadDays: venueDay - modelDay,
  });
  expect(result.others?.stood).toEqual({ accounts: 1, called: 0, calledAtStart: 0 });
});

test('behavior: prices that a file states beside that of ether stand for a token without any', () => {
  const { ratios, accounts } = readSnapshot(
    'user,coll_reth,debt_weth,liq_threshold,health_factor,px_eth,px_reth\na,1,0.9,0.93,1.1,2000,2200\n',
  );
  expect(ratios).toEqual({ RETH: { of: 'ETH', ratio: 1.1 } });
  const [{ book } = { book: undefined }] = accounts;
  const own = createBoard(daily, ratios);
  expect(own.at(AT).usd('RETH')).toBeCloseTo(1.1 * own.at(AT).usd('ETH'), 9);
  expect(book && healthsAt(book, { board: own, time: AT }).venue).toBeCloseTo((0.93 * 1.1) / 0.9, 9);
});

test('error: files that are none, and times without prices', () => {
  expect(() => readSnapshot('user,coll_weth,liq_threshold\na,much,0.8\n')).toThrow(AccountFileError);
  expect(() => readSnapshot('user,coll_weth,liq_threshold\na,1\n')).toThrow('Line 2');
  expect(() => read(liquidation('once', 'a'))).toThrow('the time "once"');
  expect(() => readSnapshot('user\n')).toThrow('no rows');
  expect(() => board.at(seconds('2030-01-01')).usd('ETH')).toThrow(NoPriceAtError);
});
