import { parseAbi } from 'viem';

/** What we read of Lyra V1's OptionToken. */
export const optionTokenAbi = parseAbi([
  'struct OptionPosition { uint256 positionId; uint256 strikeId; uint8 optionType; uint256 amount; uint256 collateral; uint8 state; }',
  'struct PartialCollateralParameters { uint256 penaltyRatio; uint256 liquidatorFeeRatio; uint256 smFeeRatio; uint256 minLiquidationFee; }',
  'function getOwnerPositions(address target) view returns (OptionPosition[])',
  'function getPartialCollatParams() view returns (PartialCollateralParameters)',
]);

/** Every holder of an option position once received it. */
export const optionTokenEventsAbi = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)',
]);

/** Every change of a position, with who holds it. */
export const positionEventsAbi = parseAbi([
  'struct OptionPosition { uint256 positionId; uint256 strikeId; uint8 optionType; uint256 amount; uint256 collateral; uint8 state; }',
  'event PositionUpdated(uint256 indexed positionId, address indexed owner, uint8 indexed updatedType, OptionPosition position, uint256 timestamp)',
]);

/** What we read of Lyra V1's OptionMarket. */
export const optionMarketAbi = parseAbi([
  'struct Strike { uint256 id; uint256 strikePrice; uint256 skew; uint256 longCall; uint256 shortCallBase; uint256 shortCallQuote; uint256 longPut; uint256 shortPut; uint256 boardId; }',
  'struct OptionBoard { uint256 id; uint256 expiry; uint256 iv; bool frozen; uint256[] strikeIds; }',
  'function getLiveBoards() view returns (uint256[])',
  'function getBoardAndStrikeDetails(uint256 boardId) view returns (OptionBoard board, Strike[] strikes, uint256[] strikeToBaseReturnedRatios, uint256 priceAtExpiry)',
  'function getStrikeAndExpiry(uint256 strikeId) view returns (uint256 strikePrice, uint256 expiry)',
  'function getSettlementParameters(uint256 strikeId) view returns (uint256 strikePrice, uint256 priceAtExpiry, uint256 strikeToBaseReturned)',
]);

/** What we read of Lyra V1's OptionGreekCache. */
export const greekCacheAbi = parseAbi([
  'struct GreekCacheParameters { uint256 maxStrikesPerBoard; uint256 acceptableSpotPricePercentMove; uint256 staleUpdateDuration; uint256 varianceIvGWAVPeriod; uint256 varianceSkewGWAVPeriod; uint256 optionValueIvGWAVPeriod; uint256 optionValueSkewGWAVPeriod; uint256 gwavSkewFloor; uint256 gwavSkewCap; int256 rateAndCarry; }',
  'struct MinCollateralParameters { uint256 minStaticQuoteCollateral; uint256 minStaticBaseCollateral; uint256 shockVolA; uint256 shockVolPointA; uint256 shockVolB; uint256 shockVolPointB; uint256 callSpotPriceShock; uint256 putSpotPriceShock; }',
  'function getGreekCacheParams() view returns (GreekCacheParameters)',
  'function getMinCollatParams() view returns (MinCollateralParameters)',
  'function getShockVol(uint256 timeToMaturity) view returns (uint256)',
  'function getMinCollateral(uint8 optionType, uint256 strikePrice, uint256 expiry, uint256 spotPrice, uint256 amount) view returns (uint256)',
]);

/** Lyra's own spot price. */
export const synthetixAdapterAbi = parseAbi([
  'function getSpotPriceForMarket(address optionMarket) view returns (uint256)',
]);
