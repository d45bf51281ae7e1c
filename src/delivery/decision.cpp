#include "delivery/decision.hpp"

#include <algorithm>

namespace ship {

Decision decide(const Verdict& verdict, std::size_t records, bool expired) {
  using Action = Decision::Action;
  using Health = Decision::Health;
  const Action again = expired ? Action::expire : Action::try_again;
  switch (verdict.kind) {
    case Verdict::Kind::ok:
      return {Action::deliver, Health::good};
    case Verdict::Kind::reject:
      return {Action::refuse, Health::good};
    // A record that is refused alone is the culprit itself.
    case Verdict::Kind::split:
      return {records > 1 ? Action::halve : Action::refuse, Health::good};
    case Verdict::Kind::partial: {
      const bool some_again = std::any_of(verdict.items.begin(), verdict.items.end(),
                                          [](const Verdict::Item& item) { return item.retry; });
      return {Action::settle_items, some_again ? Health::throttling : Health::good};
    }
    case Verdict::Kind::retry:
      return {again, verdict.status == 429 ? Health::throttling : Health::failing};
    case Verdict::Kind::hold:
      return {again, Health::needs_operator};
  }
  return {again, Health::failing};
}

}  // namespace ship
