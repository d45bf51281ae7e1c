#include "stage/redact/card_registry.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace ship {
namespace {

constexpr std::uint32_t sizes(unsigned least, unsigned most) {
  std::uint32_t bits = 0;
  for (unsigned size = least; size <= most; ++size) bits |= 1u << size;
  return bits;
}
constexpr std::uint32_t sizes(unsigned only) { return 1u << only; }
constexpr std::uint32_t only(std::initializer_list<unsigned> list) {
  std::uint32_t bits = 0;
  for (const unsigned size : list) bits |= 1u << size;
  return bits;
}

constexpr std::string_view kStripe = "Stripe, test cards";
constexpr std::string_view kAdyen = "Adyen, test cards";
constexpr std::string_view kMercadoPago = "Mercado Pago, test cards";
constexpr std::string_view kWikipedia = "Wikipedia, Payment card number";
constexpr std::string_view kCardType = "credit-card-type 10";

// clang-format off
constexpr std::array<CardRange, 107> kRanges = {{
    {"Visa", 4, 4, only({13, 16, 18, 19}), kStripe, "4111111111111111"},
    {"Mastercard", 51, 55, sizes(16), kStripe, "5555555555554444"},
    {"Mastercard", 2221, 2720, sizes(16), kStripe, "2223003122003222"},
    {"American Express", 34, 34, sizes(15), kWikipedia, "343434343434343"},
    {"American Express", 37, 37, sizes(15), kStripe, "378282246310005"},
    {"Diners Club", 300, 305, only({14, 16, 17, 18, 19}), kStripe, "3056930009020004"},
    {"Diners Club", 3095, 3095, only({14, 16, 17, 18, 19}), kWikipedia, "3095012345678903"},
    {"Diners Club", 36, 36, sizes(14, 19), kStripe, "36227206271667"},
    {"Diners Club", 38, 39, only({14, 16, 17, 18, 19}), "PayPal, test cards", "38520000023237"},
    {"Discover", 6011, 6011, sizes(16, 19), kStripe, "6011111111111117"},
    {"Discover", 644, 649, sizes(16, 19), kWikipedia, "6445644564456445"},
    {"Discover", 65, 65, sizes(16, 19), kWikipedia, "6501234567890120"},
    {"JCB", 3528, 3589, sizes(16, 19), kStripe, "3566002020360505"},
    {"JCB", 1800, 1800, sizes(15), kCardType, "180001234567899"},
    {"JCB", 2131, 2131, sizes(15), kCardType, "213101234567898"},
    {"UnionPay", 62, 62, sizes(14, 19), kStripe, "6200000000000005"},
    {"UnionPay", 81, 81, sizes(14, 19), kCardType, "8171999927660000"},
    {"Maestro", 50, 50, sizes(16, 19), kCardType, "5001234567890127"},
    {"Maestro", 56, 58, sizes(16, 19), kCardType, "5601234567890121"},
    {"Maestro", 63, 63, sizes(16, 19), kCardType, "6304000000000000"},
    {"Maestro", 67, 67, sizes(16, 19), kCardType, "6771798021000008"},
    {"Maestro", 5018, 5018, sizes(12, 19), kWikipedia, "5018012345671"},
    {"Maestro", 5020, 5020, sizes(12, 19), kWikipedia, "502001234561"},
    {"Maestro", 5038, 5038, sizes(12, 19), kWikipedia, "503801234561"},
    {"Maestro", 5893, 5893, sizes(12, 19), kWikipedia, "589301234565"},
    {"Maestro", 6304, 6304, sizes(12, 19), kWikipedia, "630401234566"},
    {"Maestro", 6759, 6759, sizes(12, 19), kWikipedia, "6759649826438453"},
    {"Maestro", 6761, 6761, sizes(12, 19), kWikipedia, "676101234562"},
    {"Maestro", 6762, 6762, sizes(12, 19), kWikipedia, "676201234561"},
    {"Maestro", 6763, 6763, sizes(12, 19), kWikipedia, "676301234560"},
    {"Maestro UK", 676770, 676770, sizes(12, 19), kWikipedia, "6767700123456787"},
    {"Maestro UK", 676774, 676774, sizes(12, 19), kWikipedia, "6767740123456783"},
    {"Mir", 2200, 2204, sizes(16, 19), kWikipedia, "2200012345678907"},
    {"Troy", 9792, 9792, sizes(16), "iyzico, test cards", "9792030394440796"},
    {"Elo", 401178, 401179, sizes(16), kCardType, "4011780123456788"},
    {"Elo", 431274, 431274, sizes(16), kCardType, "4312740123456788"},
    {"Elo", 438935, 438935, sizes(16), kCardType, "4389350123456784"},
    {"Elo", 451416, 451416, sizes(16), kCardType, "4514160123456785"},
    {"Elo", 457393, 457393, sizes(16), kCardType, "4573930123456789"},
    {"Elo", 457631, 457632, sizes(16), kCardType, "4576310123456781"},
    {"Elo", 504175, 504175, sizes(16), kCardType, "5041750123456782"},
    {"Elo", 506699, 506778, sizes(16), kCardType, "5066991111111118"},
    {"Elo", 509000, 509999, sizes(16), kCardType, "5090000123456782"},
    {"Elo", 627780, 627780, sizes(16), kCardType, "6277800123456788"},
    {"Elo", 636297, 636297, sizes(16), kCardType, "6362970000457013"},
    {"Elo", 636368, 636368, sizes(16), kCardType, "6363680123456789"},
    {"Elo", 650031, 650033, sizes(16), kCardType, "6500310123456787"},
    {"Elo", 650035, 650051, sizes(16), kCardType, "6500350123456783"},
    {"Elo", 650405, 650439, sizes(16), kCardType, "6504050123456785"},
    {"Elo", 650485, 650538, sizes(16), kCardType, "6504850123456788"},
    {"Elo", 650541, 650598, sizes(16), kCardType, "6505410123456780"},
    {"Elo", 650700, 650718, sizes(16), kCardType, "6507000123456787"},
    {"Elo", 650720, 650727, sizes(16), kCardType, "6507200123456783"},
    {"Elo", 650901, 650978, sizes(16), kCardType, "6509010123456784"},
    {"Elo", 651652, 651679, sizes(16), kCardType, "6516520123456783"},
    {"Elo", 655000, 655019, sizes(16), kCardType, "6550000123456783"},
    {"Elo", 655021, 655058, sizes(16), kCardType, "6550210123456788"},
    {"Hipercard", 606282, 606282, only({13, 16, 19}), kAdyen, "6062826786276634"},
    {"Hiper", 637095, 637095, sizes(16), kCardType, "6370950000000005"},
    {"Hiper", 637568, 637568, sizes(16), kCardType, "6375680123456785"},
    {"Hiper", 637599, 637599, sizes(16), kCardType, "6375990123456788"},
    {"Hiper", 637609, 637609, sizes(16), kCardType, "6376090123456786"},
    {"Hiper", 637612, 637612, sizes(16), kCardType, "6376120123456781"},
    {"RuPay", 60, 60, sizes(16), kWikipedia, "6001234567890125"},
    {"RuPay", 508, 508, sizes(16), kWikipedia, "5080123456789017"},
    {"RuPay", 82, 82, sizes(16), kWikipedia, "8201234567890129"},
    {"RuPay", 353, 353, sizes(16), kWikipedia, "3530123456789018"},
    {"RuPay", 356, 356, sizes(16), kWikipedia, "3560123456789011"},
    {"Verve", 506099, 506198, only({16, 18, 19}), "Interswitch, test cards", "5060990580000217499"},
    {"Verve", 507865, 507964, only({16, 18, 19}), kCardType, "5078650123456780"},
    {"Verve", 650002, 650027, only({16, 18, 19}), kWikipedia, "6500020123456782"},
    {"Dankort", 5019, 5019, sizes(16), kAdyen, "5019717010103742"},
    {"Dankort", 4571, 4571, sizes(16), kWikipedia, "4571012345678904"},
    {"InterPayment", 636, 636, sizes(16, 19), kWikipedia, "6360123456789016"},
    {"InstaPayment", 637, 639, sizes(16), kWikipedia, "6370123456789014"},
    {"UzCard", 8600, 8600, sizes(16), kWikipedia, "8600012345678900"},
    {"UzCard", 5614, 5614, sizes(16), kWikipedia, "5614012345678900"},
    {"Humo", 9860, 9860, sizes(16), kWikipedia, "9860012345678903"},
    {"UkrCard", 604001, 604200, sizes(16, 19), kWikipedia, "6040010123456780"},
    {"Borica", 2205, 2205, sizes(16), kWikipedia, "2205012345678902"},
    {"LankaPay", 357111, 357111, sizes(16), kWikipedia, "3571110123456782"},
    {"Switch", 4903, 4903, only({16, 18, 19}), kWikipedia, "4903012345678903"},
    {"Switch", 4905, 4905, only({16, 18, 19}), kWikipedia, "4905012345678901"},
    {"Switch", 4911, 4911, only({16, 18, 19}), kWikipedia, "4911012345678903"},
    {"Switch", 4936, 4936, only({16, 18, 19}), kWikipedia, "4936012345678904"},
    {"Switch", 564182, 564182, only({16, 18, 19}), kWikipedia, "5641820123456787"},
    {"Switch", 633110, 633110, only({16, 18, 19}), kWikipedia, "6331101999990016"},
    {"Switch", 6333, 6333, only({16, 18, 19}), kWikipedia, "6333012345678908"},
    {"Solo", 6334, 6334, only({16, 18, 19}), kWikipedia, "6334012345678907"},
    {"Solo", 6767, 6767, only({16, 18, 19}), kWikipedia, "6767012345678903"},
    {"Laser", 6304, 6304, sizes(16, 19), kWikipedia, "6304012345678903"},
    {"Laser", 6706, 6706, sizes(16, 19), kWikipedia, "6706012345678907"},
    {"Laser", 6709, 6709, sizes(16, 19), kWikipedia, "6709012345678904"},
    {"Laser", 6771, 6771, sizes(16, 19), kWikipedia, "6771012345678907"},
    {"Bancontact", 6703, 6703, sizes(16, 19), kAdyen, "6703444444444449"},
    {"Cabal", 604201, 604219, sizes(16), kMercadoPago, "6042010123456788"},
    {"Cabal", 589657, 589657, sizes(16), kMercadoPago, "5896570123456780"},
    {"Naranja", 589562, 589562, sizes(16), kMercadoPago, "5895626746595650"},
    {"Naranja", 402918, 402918, sizes(16), kCardType, "4029180123456781"},
    {"Naranja", 527572, 527572, sizes(16), kCardType, "5275720123456782"},
    {"Cencosud", 603493, 603493, sizes(16), kMercadoPago, "6034932528973614"},
    {"Tarjeta Shopping", 603488, 603488, sizes(16), kMercadoPago, "6034883265619896"},
    {"GPN", 1946, 1946, sizes(16, 19), kWikipedia, "1946012345678908"},
    {"NPS Pridnestrovie", 6054740, 6054744, sizes(16), kWikipedia, "6054740012345677"},
    {"China T-Union", 31, 31, sizes(19), kWikipedia, "3101234567890123457"},
    {"Meeza", 507803, 507803, sizes(16), kWikipedia, "5078030123456785"},
    {"Forbrugsforeningen", 600722, 600722, sizes(16), "jQuery.payment", "6007220123456786"},
}};
// clang-format on

constexpr std::size_t digits_of(std::uint32_t value) {
  std::size_t digits = 1;
  for (; value > 9; value /= 10) ++digits;
  return digits;
}

// Calls `see` for each pair of first digits that numbers of the range may have.
template <class See>
constexpr void for_first_two(const CardRange& range, See see) {
  std::uint32_t low = range.first, high = range.last;
  if (low < 10) {
    low *= 10;
    high = high * 10 + 9;
  }
  for (; low > 99; low /= 10, high /= 10) {
  }
  for (std::uint32_t two = low; two <= high; ++two) see(two);
}

// For each pair of first digits, the lengths of numbers that begin with it.
constexpr std::array<std::uint32_t, 100> kSizes = [] {
  std::array<std::uint32_t, 100> all{};
  for (const CardRange& range : kRanges)
    for_first_two(range, [&](std::uint32_t two) { all[two] |= range.sizes; });
  return all;
}();

// For each pair of first digits, the ranges that may hold a number that begins with it.
using Index = std::array<std::vector<const CardRange*>, 100>;

Index make_index() {
  Index index;
  for (const CardRange& range : kRanges)
    for_first_two(range, [&](std::uint32_t two) { index[two].push_back(&range); });
  return index;
}

}  // namespace

std::span<const CardRange> card_ranges() { return kRanges; }

std::uint32_t card_sizes(std::string_view two_digits) {
  return kSizes[static_cast<std::size_t>((two_digits[0] - '0') * 10 + (two_digits[1] - '0'))];
}

bool is_issued_card(std::string_view digits) {
  static const Index kIndex = make_index();
  if (digits.size() < 12 || digits.size() > 19) return false;
  const auto leading = [&](std::size_t count) {
    std::uint32_t value = 0;
    for (const char c : digits.substr(0, count))
      value = value * 10 + static_cast<std::uint32_t>(c - '0');
    return value;
  };
  const auto& ranges = kIndex[leading(2)];
  return std::any_of(ranges.begin(), ranges.end(), [&](const CardRange* range) {
    if ((range->sizes >> digits.size() & 1) == 0) return false;
    const std::uint32_t value = leading(digits_of(range->first));
    return range->first <= value && value <= range->last;
  });
}

bool passes_luhn(std::string_view digits) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    unsigned digit = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
    if (i % 2 == 1) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
    sum += digit;
  }
  return sum % 10 == 0;
}

}  // namespace ship
