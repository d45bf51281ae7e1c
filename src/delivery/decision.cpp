#include "delivery/decision.hpp"

namespace ship {

Decision decide(Verdict::Kind kind, std::size_t records, bool expired) {
  switch (kind) {
    case Verdict::Kind::ok:
      return Decision::deliver;
    case Verdict::Kind::reject:
      return Decision::refuse;
    // A record that is refused on its own is the culprit.
    case Verdict::Kind::split:
      return records > 1 ? Decision::halve : Decision::refuse;
    case Verdict::Kind::partial:
      return Decision::settle_items;
    case Verdict::Kind::retry:
    case Verdict::Kind::hold:
      break;
  }
  return expired ? Decision::expire : Decision::try_again;
}

}  // namespace ship
