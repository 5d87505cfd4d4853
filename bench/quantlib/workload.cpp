// Workload W by QuantLib's blackFormula, the fastest way that QuantLib has: every option of every account in every scenario, and each option once and then
// holdings × table; and each option in 10,000 draws, every one with a price and a volatility of its own. Prints one line, of the quickest of three runs: milliseconds position by
// position, milliseconds netted, million values a second, milliseconds of the draws, and a checksum. `bench/engine.ts` reads it.
#include <ql/pricingengines/blackformula.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <vector>

namespace {

constexpr int kAccounts = 1000, kOptions = 40, kTokens = 3, kStrikes = 25, kExpiries = 8, kScenarios = 33, kDraws = 10000;
constexpr double kDays[kExpiries] = {7, 14, 28, 56, 91, 182, 273, 365};
constexpr double kSpots[11] = {1, 0.75, 0.8, 0.85, 0.9, 0.95, 1.05, 1.1, 1.15, 1.2, 1.25};
constexpr double kVols[3] = {1, 1.5, 0.7};

struct Instrument {
  QuantLib::Option::Type type;
  double forward, strike, discount, deviation[3];
};

std::uint32_t state = 7;
std::uint32_t below(std::uint32_t bound) {  // xorshift: bench/random.ts
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % bound;
}

std::vector<Instrument> instruments() {
  std::vector<Instrument> all;
  for (double spot : {60000.0, 2500.0})
    for (double days : kDays)
      for (int k = 0; k < kStrikes; ++k)
        for (auto type : {QuantLib::Option::Call, QuantLib::Option::Put}) {
          const double years = days / 365, vol = 0.45 + 0.01 * std::abs(k - 12);
          Instrument it{type, spot * (1 + 0.05 * years), spot * (0.4 + 0.05 * k), std::exp(-0.03 * years), {}};
          for (int v = 0; v < 3; ++v) it.deviation[v] = vol * kVols[v] * std::sqrt(years);
          all.push_back(it);
        }
  return all;
}

double value(const Instrument& it, int scenario) {
  return QuantLib::blackFormula(it.type, it.strike, it.forward * kSpots[scenario / 3], it.deviation[scenario % 3], it.discount);
}

// Of this process alone: a busy machine does not count against it.
template <class Work>
double milliseconds(Work work) {
  std::vector<double> rounds;
  for (int round = 0; round < 3; ++round) {
    const std::clock_t start = std::clock();
    work();
    rounds.push_back(1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return *std::min_element(rounds.begin(), rounds.end());
}

}  // namespace

int main() {
  const auto all = instruments();
  const int held = kOptions + kTokens;
  std::vector<std::uint32_t> which(kAccounts * held);
  std::vector<double> amount(kAccounts * held), worst(kAccounts), table(all.size() * kScenarios);
  for (int i = 0; i < kAccounts * held; ++i) {
    which[i] = i % held < kOptions ? below(800) : 0;
    amount[i] = (static_cast<double>(below(4001)) - 2000) / 100;
  }
  const auto sum = [&](auto cell) {
    for (int a = 0; a < kAccounts; ++a) {
      double profit[kScenarios] = {};
      for (int i = a * held; i < (a + 1) * held; ++i) {
        const bool isOption = i % held < kOptions;
        for (int s = 0; s < kScenarios; ++s)
          profit[s] += amount[i] * (isOption ? cell(which[i], s) : 2500 * kSpots[s / 3]);
      }
      double loss = 0;
      for (int s = 1; s < kScenarios; ++s) loss = std::max(loss, profit[0] - profit[s]);
      worst[a] = loss;
    }
  };
  double kept = 0;
  const double each = milliseconds([&] {
    sum([&](std::uint32_t i, int s) { return value(all[i], s); });
    kept += worst[0];
  });
  const double netted = milliseconds([&] {
    for (std::size_t i = 0; i < all.size(); ++i)
      for (int s = 0; s < kScenarios; ++s) table[i * kScenarios + s] = value(all[i], s);
    sum([&](std::uint32_t i, int s) { return table[i * kScenarios + s]; });
    kept += worst[0];
  });
  const double once = milliseconds([&] {
    for (std::size_t i = 0; i < all.size(); ++i)
      for (int s = 0; s < kScenarios; ++s) table[i * kScenarios + s] = value(all[i], s);
    kept += table[7];
  });
  std::vector<double> moves(2 * kDraws), row(kDraws);
  for (int d = 0; d < 2 * kDraws; ++d) moves[d] = 0.9 + 0.2 * below(1000000) / 1e6;
  const double draws = milliseconds([&] {
    for (const auto& it : all) {
      for (int d = 0; d < kDraws; ++d)
        row[d] = QuantLib::blackFormula(it.type, it.strike, it.forward * moves[d], it.deviation[0] * moves[kDraws + d], it.discount);
      kept += row[7];
    }
  });
  std::printf("%.4f %.4f %.3f %.2f %g\n", each, netted, all.size() * kScenarios / once / 1000, draws, kept);
}
